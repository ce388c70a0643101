import { afterAll, beforeAll, describe, expect } from 'vitest'
import { useChromium } from '../chromium.ts'
import { type AskedFor, askedBy } from './asking.ts'
import { type Bench, openBench } from './bench.ts'
import { FILES, script } from './files.ts'

/** When a hint is of use: the browser takes what it has fetched only for the same address in the same mode. */
const { browser, inBrowser } = useChromium()
let bench: Bench

/** Nothing is kept in the cache on disk, so that every fetch is seen. */
const FRESH = { 'cache-control': 'no-store' }

beforeAll(async () => {
  bench = await openBench()
  bench.put('fresh.js', { ...script(`globalThis.saw = 'ok'`), headers: FRESH })
  bench.put('fresh-module.js', { ...script(`globalThis.saw = 'ok'; export {}`), headers: FRESH })
  bench.put('fresh.ttf', { type: 'font/ttf', body: FILES['font.ttf']?.body ?? '', headers: FRESH })
})
afterAll(() => bench.close())

async function asks(page: (cdn: string) => string, until?: string): Promise<AskedFor> {
  const chromium = browser()
  if (chromium === undefined) throw new Error('only in a browser')
  return await askedBy(chromium, bench, { page, policy: 'with CORS', ...(until !== undefined && { until }) })
}

const FONTS_DONE =
  'document.fonts.status === "loaded" && [...document.fonts].every(({ status }) => /loaded|error/.test(status))'

const font = (link: string, name: string) => (cdn: string) =>
  `<link rel="preload" as="font" ${link} href="${cdn}${name}">` +
  `<style>@font-face{font-family:Probe;src:url(${cdn}${name})}p{font-family:Probe}</style><p>x</p>`

describe('a preload of a font', () => {
  inBrowser('is of use with `crossorigin`', async () => {
    expect((await asks(font('crossorigin', 'fresh.ttf'), FONTS_DONE)).modes).toEqual(['CDN fresh.ttf cors'])
  })

  inBrowser('is in vain without: the font is fetched again', async () => {
    const { modes } = await asks(font('', 'fresh.ttf'), FONTS_DONE)
    expect(modes).toEqual(['CDN fresh.ttf cors', 'CDN fresh.ttf no-cors'])
  })

  inBrowser(
    'costs no second transfer when the answer may be cached, since the cache does not mind the mode',
    async () => {
      expect((await asks(font('', 'font.ttf'), FONTS_DONE)).modes).toEqual(['CDN font.ttf no-cors'])
    },
  )
})

const classic = (link: string, tag: string) => (cdn: string) =>
  `<link rel="preload" as="script" ${link} href="${cdn}fresh.js"><script ${tag} src="${cdn}fresh.js"></script>`

describe('a preload of a script', () => {
  inBrowser('is of use when both carry `crossorigin`, or neither does', async () => {
    expect((await asks(classic('', ''))).modes).toEqual(['CDN fresh.js no-cors'])
    expect((await asks(classic('crossorigin', 'crossorigin'))).modes).toEqual(['CDN fresh.js cors'])
  })

  inBrowser('is in vain when only one of them does', async () => {
    const both = ['CDN fresh.js cors', 'CDN fresh.js no-cors']
    expect((await asks(classic('', 'crossorigin'))).modes).toEqual(both)
    expect((await asks(classic('crossorigin', ''))).modes).toEqual(both)
  })
})

describe('a modulepreload', () => {
  const page = (link: string, name: string) => (cdn: string) =>
    `<link rel="modulepreload" href="${link === 'CDN' ? cdn : link}${name}">` +
    `<script type="module" src="${cdn}fresh-module.js"></script>`

  inBrowser('is of use under the address that is imported', async () => {
    expect((await asks(page('CDN', 'fresh-module.js'))).asked).toEqual(['CDN fresh-module.js'])
  })

  inBrowser('is in vain under any other', async () => {
    expect((await asks(page('CDN', 'fresh-module.js?x'))).asked).toEqual([
      'CDN fresh-module.js',
      'CDN fresh-module.js?x',
    ])
    expect((await asks(page('/', 'fresh-module.js'))).asked).toEqual(['CDN fresh-module.js', 'origin fresh-module.js'])
  })
})

describe('image-set()', () => {
  const page = (set: (cdn: string) => string) => (cdn: string) =>
    `<style>p{background-image:image-set(${set(cdn)})}</style><p>x</p>`

  inBrowser('asks for the first type that the browser can show, and only for that', async () => {
    const set = (cdn: string): string => `"${cdn}no.x" type("image/x-none"), "${cdn}lime.png" type("image/png")`
    expect((await asks(page(set))).asked).toEqual(['CDN lime.png'])
  })

  inBrowser('does not count drawings among those', async () => {
    const set = (cdn: string): string => `"${cdn}lime.svg" type("image/svg+xml"), "${cdn}lime.png" type("image/png")`
    expect((await asks(page(set))).asked).toEqual(['CDN lime.png'])
  })
})
