import { afterAll, beforeAll, describe, expect } from 'vitest'
import { useChromium } from '../chromium.ts'
import { type AskedFor, askedBy } from './asking.ts'
import { type Bench, type CdnPolicy, openBench } from './bench.ts'
import { integrityOf, STYLE, script } from './files.ts'

/** Against what an address resolves that stands in a file of the CDN: what renaming and moving rest on. */
const { browser, inBrowser } = useChromium()
let bench: Bench

beforeAll(async () => {
  bench = await openBench()
  bench.put('a/relative.js', script(`import { ran } from '../module.js'; globalThis.saw = ran`))
  bench.put('a/address.js', script(`globalThis.saw = new URL('lime.svg', import.meta.url).href`))
  bench.put('a/bare.js', script(`import { ran } from 'probe'; globalThis.saw = ran`))
  bench.put('a/counts.js', script(`globalThis.saw = (globalThis.saw ?? 0) + 1; export {}`))
  bench.put(
    'a/dynamic.js',
    script(`import('../module.js').then(({ ran }) => { saw = ran }, ({ message }) => { saw = message })`),
  )
  bench.put('declares/sheet.css', { type: STYLE, body: ':root{--picture:url(lime.svg)}' })
  bench.put('uses/sheet.css', { type: STYLE, body: '#probe{background:var(--picture)}' })
  bench.put('registers/sheet.css', {
    type: STYLE,
    body: '@property --picture{syntax:"<image>";inherits:true;initial-value:linear-gradient(red,red)}:root{--picture:url(lime.svg)}',
  })
})
afterAll(() => bench.close())

async function asks(page: (cdn: string) => string, policy: CdnPolicy, until?: string): Promise<AskedFor> {
  const chromium = browser()
  if (chromium === undefined) throw new Error('only in a browser')
  return await askedBy(chromium, bench, { page, policy, ...(until !== undefined && { until }) })
}

const SEEN = 'globalThis.saw !== undefined'

describe('a module on the CDN', () => {
  inBrowser('imports relatively from the CDN', async () => {
    const { asked, saw } = await asks((cdn) => `<script type="module" src="${cdn}a/relative.js"></script>`, 'with CORS')
    expect({ asked, saw }).toEqual({ asked: ['CDN a/relative.js', 'CDN module.js'], saw: 'ok' })
  })

  inBrowser('has the CDN\u2019s address as `import.meta.url`', async () => {
    const { saw } = await asks((cdn) => `<script type="module" src="${cdn}a/address.js"></script>`, 'with CORS')
    expect(saw).toBe(`${bench.cdn('with CORS')}a/lime.svg`)
  })

  inBrowser('runs once for each address that it is imported from', async () => {
    const all = (cdn: string): string => [cdn, cdn, '/'].map((host) => `import '${host}a/counts.js'`).join(';')
    const { asked, saw } = await asks(
      (cdn) => `<script type="module">${all(cdn)};import '${cdn}a/counts.js?2'</script>`,
      'with CORS',
    )
    expect({ asked, saw }).toEqual({
      asked: ['CDN a/counts.js', 'CDN a/counts.js?2', 'origin a/counts.js'],
      saw: '3',
    })
  })
})

describe('import() in a classic script on the CDN', () => {
  inBrowser('finds nothing relatively without `crossorigin`, CORS or not: its base is about:blank', async () => {
    for (const policy of ['without CORS', 'with CORS'] as const) {
      const { asked, saw } = await asks((cdn) => `<script src="${cdn}a/dynamic.js"></script>`, policy, SEEN)
      expect(asked).toEqual(['CDN a/dynamic.js'])
      expect(saw).toContain('The base URL is about:blank')
    }
  })

  inBrowser('resolves against the script with `crossorigin` and CORS', async () => {
    const page = (cdn: string): string => `<script crossorigin src="${cdn}a/dynamic.js"></script>`
    const { asked, saw } = await asks(page, 'with CORS', SEEN)
    expect({ asked, saw }).toEqual({ asked: ['CDN a/dynamic.js', 'CDN module.js'], saw: 'ok' })
  })
})

describe('the import map of a page', () => {
  const map = (content: object): string => `<script type="importmap">${JSON.stringify(content)}</script>`
  const module = (url: string): string => `<script type="module" src="${url}"></script>`
  const guarded = (url: string, of: string): string => map({ integrity: { [url]: integrityOf(of) } })

  inBrowser('gives a module on the CDN its bare names', async () => {
    const page = (cdn: string): string => map({ imports: { probe: '/module.js' } }) + module(`${cdn}a/bare.js`)
    const { asked, saw } = await asks(page, 'with CORS')
    expect({ asked, saw }).toEqual({ asked: ['CDN a/bare.js', 'origin module.js'], saw: 'ok' })
  })

  inBrowser('has scopes that are addresses of the CDN', async () => {
    const page = (cdn: string): string =>
      map({ scopes: { [`${cdn}a/`]: { probe: `${cdn}module.js` } } }) + module(`${cdn}a/bare.js`)
    const { asked, saw } = await asks(page, 'with CORS')
    expect({ asked, saw }).toEqual({ asked: ['CDN a/bare.js', 'CDN module.js'], saw: 'ok' })
  })

  inBrowser('turns an address of the CDN into another, also for what is imported relatively there', async () => {
    const page = (cdn: string): string =>
      map({ imports: { [`${cdn}module.js`]: '/module.js' } }) + module(`${cdn}a/relative.js`)
    expect((await asks(page, 'with CORS')).asked).toEqual(['CDN a/relative.js', 'origin module.js'])
  })

  const imports = (url: string): string => `<script type="module">import '${url}';globalThis.saw = 'ok'</script>`
  const loads = (attribute: string, url: string): string =>
    `<script ${attribute} src="${url}" onload="saw='ok'" onerror="saw='blocked'"></script>`

  inBrowser('lets an import with the right `integrity` pass, and stops one with a wrong', async () => {
    const page = (of: string) => (cdn: string) => guarded(`${cdn}module.js`, of) + imports(`${cdn}module.js`)
    expect((await asks(page('module.js'), 'with CORS')).saw).toBe('ok')
    expect((await asks(page('classic.js'), 'with CORS')).saw).toBe('undefined')
  })

  inBrowser('holds its `integrity` against a module of the page too, but not against a classic script', async () => {
    const page = (attribute: string, name: string) => (cdn: string) =>
      guarded(`${cdn}${name}`, 'throws.js') + loads(attribute, `${cdn}${name}`)
    expect((await asks(page('type="module"', 'module.js'), 'with CORS', SEEN)).saw).toBe('blocked')
    expect((await asks(page('crossorigin', 'classic.js'), 'with CORS', SEEN)).saw).toBe('ok')
  })

  inBrowser('means the address by an `integrity`, not the file', async () => {
    const page = (cdn: string): string => guarded('/module.js', 'classic.js') + imports(`${cdn}module.js`)
    expect((await asks(page, 'with CORS')).saw).toBe('ok')
  })
})

describe('url() in a custom property', () => {
  const link = (href: string): string => `<link rel="stylesheet" href="${href}">`
  const PROBE = '<p id="probe">x</p>'
  const pictureOf = ({ asked }: AskedFor): readonly string[] => asked.filter((name) => name.endsWith('lime.svg'))

  const PAGE = '<style>:root{--picture:url(lime.svg)}</style>'
  const pages: Readonly<Record<string, readonly [(cdn: string) => string, string]>> = {
    'declared on the CDN, used at the origin': [
      (cdn) => link(`${cdn}declares/sheet.css`) + link('/uses/sheet.css'),
      'origin uses/lime.svg',
    ],
    'declared at the origin, used on the CDN': [
      (cdn) => link('/declares/sheet.css') + link(`${cdn}uses/sheet.css`),
      'CDN uses/lime.svg',
    ],
    'declared in the page, used on the CDN': [(cdn) => PAGE + link(`${cdn}uses/sheet.css`), 'CDN uses/lime.svg'],
    'declared and registered on the CDN, used at the origin': [
      (cdn) => link(`${cdn}registers/sheet.css`) + link('/uses/sheet.css'),
      'origin uses/lime.svg',
    ],
  }
  for (const [name, [page, asked]] of Object.entries(pages)) {
    inBrowser(`resolves against the sheet that uses it: ${name}`, async () => {
      expect(pictureOf(await asks((cdn) => page(cdn) + PROBE, 'without CORS'))).toEqual([asked])
    })
  }

  inBrowser('resolves against the page when a style attribute uses it', async () => {
    const page = (cdn: string): string =>
      `${link(`${cdn}declares/sheet.css`)}<p style="background:var(--picture)">x</p>`
    expect(pictureOf(await asks(page, 'without CORS'))).toEqual(['origin lime.svg'])
  })
})
