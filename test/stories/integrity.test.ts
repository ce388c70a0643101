import { hash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { createProject, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

const CDN = 'https://cdn.example.com/'

function project(files: Readonly<Record<string, string>>, config: LadingConfig = {}): Project {
  const made = createProject({ files, config })
  projects.push(made)
  return made
}

/** As an `integrity` attribute says it. */
const sri = (text: string | Uint8Array, algorithm = 'sha256'): string =>
  `${algorithm}-${hash(algorithm, text, 'base64')}`

async function stored(site: Project, like: RegExp): Promise<Uint8Array> {
  for await (const keys of site.store.list('a/')) {
    for (const { key } of keys) if (like.test(key)) return (await site.store.get(key))?.bytes ?? Buffer.alloc(0)
  }
  throw new Error(`nothing like ${like} is stored`)
}

const page = (site: Project): string => `${site.read('out/index.html')}`.replace(/\.[a-z2-7]{16}\./g, '.*.')

describe('a tag with integrity', () => {
  const script = `<script integrity="${sri('1')}" src="x.js"></script>`

  it('stays without CORS, and moves with it, crossorigin added', async () => {
    const site = project({ 'x.js': '1', 'index.html': script })
    await site.sync()
    expect(page(site)).toBe(script)
    await site.sync({ cors: true })
    expect(page(site)).toBe(`<script integrity="${sri('1')}" src="${CDN}a/x.*.js" crossorigin></script>`)
    await site.sync({ url: '/_a/' })
    expect(page(site)).toBe(`<script integrity="${sri('1')}" src="/_a/a/x.*.js"></script>`)
  })

  it.each(['sha256', 'sha384', 'sha512'])('in %s is recomputed where the bytes change', async (algorithm) => {
    const css = 'a{background:url(x.png)}'
    const tag = `<link rel="stylesheet" integrity="${sri(css, algorithm)}" crossorigin href="a.css">`
    const site = project({ 'a.css': css, 'x.png': 'x', 'index.html': tag }, { cors: true })
    await site.sync()
    const now = sri(await stored(site, /a\.\w+\.css/))
    expect(page(site)).toBe(`<link rel="stylesheet" integrity="${now}" crossorigin href="${CDN}a/a.*.css">`)
  })

  it('that names other bytes than the file has is left as it is', async () => {
    const tag = `<link rel="stylesheet" integrity="${sri('other')}" crossorigin href="a.css">`
    const site = project({ 'a.css': 'a{background:url(x.png)}', 'x.png': 'x', 'index.html': tag }, { cors: true })
    await site.sync()
    expect(page(site)).toBe(tag)
  })

  it('makes its preload ask in the same manner', async () => {
    const html = `<link rel="preload" as="script" href="x.js">${script}<link rel="preload" as="script" href="y.js">`
    const site = project({ 'x.js': '1', 'y.js': '2', 'index.html': html }, { cors: true })
    await site.sync()
    expect(page(site)).toBe(
      `<link rel="preload" as="script" href="${CDN}a/x.*.js" crossorigin>` +
        `<script integrity="${sri('1')}" src="${CDN}a/x.*.js" crossorigin></script>` +
        `<link rel="preload" as="script" href="${CDN}a/y.*.js">`,
    )
  })

  it('in an import map is recomputed under its new address', async () => {
    const main = "import './lib.js'"
    const map = { imports: { main: './main.js' }, integrity: { './main.js': sri(main) } }
    const html = `<script type="importmap">${JSON.stringify(map)}</script>`
    const site = project({ 'main.js': main, 'lib.js': 'export {}', 'index.html': html }, { cors: true })
    await site.sync()
    const now = sri(await stored(site, /main\.\w+\.js/))
    expect(page(site)).toBe(
      `<script type="importmap">${JSON.stringify({ imports: { main: `${CDN}a/main.*.js` }, integrity: { [`${CDN}a/main.*.js`]: now } })}</script>`,
    )
  })
})

describe('integrity, where it is asked for,', () => {
  it('is written on every script and style sheet that moved, and nowhere else', async () => {
    const html =
      '<link rel="stylesheet" href="a.css"><script src="x.js"></script><img src="i.png"><script src="w.js"></script>'
    const files = { 'a.css': 'a{}', 'x.js': '1', 'i.png': 'i', 'w.js': 'new Worker(1)', 'index.html': html }
    const site = project(files, { cors: true, integrity: true })
    await site.sync()
    expect(page(site)).toBe(
      `<link rel="stylesheet" href="${CDN}a/a.*.css" crossorigin integrity="${sri('a{}')}">` +
        `<script src="${CDN}a/x.*.js" crossorigin integrity="${sri('1')}"></script>` +
        `<img src="${CDN}a/i.*.png"><script src="w.js"></script>`,
    )
    const once = page(site)
    await site.sync()
    expect(page(site)).toBe(once)
  })

  it('is not written where the browser would refuse it: on another host without CORS', async () => {
    const site = project({ 'x.js': '1', 'index.html': '<script src="x.js"></script>' }, { integrity: true })
    await site.sync()
    expect(page(site)).toBe(`<script src="${CDN}a/x.*.js"></script>`)
  })
})

describe('a page that was rewritten in place', () => {
  const html = '<link rel="stylesheet" href="a.css"><script src="x.js"></script>'
  const files = { 'a.css': 'a{background:url(i.png)}', 'i.png': 'i', 'x.js': '1', 'index.html': html }
  const inPlace = (): string => `${site.read('site/index.html')}`
  let site: Project

  /** The integrity of the tag whose address is like this. */
  const saidOf = (like: RegExp): string | undefined =>
    inPlace()
      .match(/<[^>]+>/g)
      ?.find((tag) => like.test(tag))
      ?.match(/ integrity="([^"]+)"/)?.[1]

  it.each([
    ['remembered', 'cache'],
    ['not remembered', 'other-cache'],
  ])('says the integrity of what it names now, when the files change, %s', async (_, cacheDir) => {
    site = project(files, { cors: true, inPlace: true, integrity: true })
    await site.sync()
    const once = inPlace()
    await site.sync({ cacheDir })
    expect(inPlace()).toBe(once)
    site.write('site/x.js', '2')
    site.write('site/i.png', 'another')
    await site.sync({ cacheDir })
    const css = /a\/a\.\w+\.css/.exec(inPlace())?.[0] ?? ''
    expect(saidOf(/a\.\w+\.css/)).toBe(sri((await site.store.get(css))?.bytes ?? ''))
    expect(saidOf(/x\.\w+\.js/)).toBe(sri('2'))
  })

  it('says the integrity of the file itself, when that stays from now on', async () => {
    site = project(files, { cors: true, inPlace: true, integrity: true })
    await site.sync()
    const css = 'a{background:url(gone.png)}'
    site.write('site/a.css', css)
    site.write('site/x.js', 'new Worker(1)')
    await site.sync()
    expect(saidOf(/"\/a\.css"/)).toBe(sri(css))
    expect(saidOf(/"\/x\.js"/)).toBe(sri('new Worker(1)'))
  })

  it("keeps the author's own words as long as they are true", async () => {
    const tag = `<script integrity="${sri('1', 'sha384')}" crossorigin src="x.js"></script>`
    site = project({ 'x.js': '1', 'index.html': tag }, { cors: true, inPlace: true })
    await site.sync()
    await site.sync({ cacheDir: 'other-cache' })
    expect(saidOf(/x\.\w+\.js/)).toBe(sri('1', 'sha384'))
  })
})
