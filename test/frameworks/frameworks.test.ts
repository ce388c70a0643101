import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeBuildRecord } from '../../src/index.ts'
import { useChromium } from '../browser/chromium.ts'
import { byName, contentsOf } from '../browser/setting.ts'
import { keysIn } from '../bundlers/publishing.ts'
import { type Visit, visit } from '../rig/browser.ts'
import { pagesOf, temporaryFolder } from '../rig/sites.ts'
import { APPS, type App, type AppBuild, openApp } from './apps.ts'
import { buildWhole, type PublishedApp, publishApp } from './published.ts'

const { browser, inBrowser } = useChromium()

const RECORD = '.lading/build.json'
const ASSETS = new Set(['image', 'stylesheet', 'script', 'font', 'media'])
/** Astro hands `public/` through as it is written in pages: `assetsPrefix` is for what it bundles. */
const STAY: Readonly<Record<App['sources'], readonly string[]>> = {
  astro: ['quay.png', 'favicon.svg'],
  nuxt: [],
  sveltekit: [],
}

type Files = Readonly<Record<string, string>>

/** Nuxt writes into its pages when they were drawn, in milliseconds. */
function withoutTimes(files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text.replace(/\b1\d{12}\b/g, 'TIME')]))
}

/** Ways to fail: what is done to the app, or thrown while it builds; and what the log then says. */
const FAILURES: readonly (readonly [name: string, says: string, build: AppBuild & { readonly chunk?: string }])[] = [
  ['a module that is not there', 'not-there', { chunk: "import './not-there.js'\n" }],
  ['a plugin throwing in transform', 'boom', { throwsIn: 'transform' }],
  ['a plugin throwing in generateBundle', 'boom', { throwsIn: 'generateBundle' }],
  ['a plugin throwing in closeBundle', 'boom', { throwsIn: 'closeBundle' }],
]

describe.each(byName(APPS))('%s', (_, app) => {
  let work: Awaited<ReturnType<typeof temporaryFolder>>
  let published: PublishedApp
  let files: Files
  let plain: Files

  beforeAll(async () => {
    work = await temporaryFolder()
    published = await publishApp(app, work.path)
    files = await contentsOf(published.site)
    const bare = openApp(app)
    buildWhole(bare, { prefix: published.prefix })
    plain = await contentsOf(bare.site)
    bare.remove()
  })
  afterAll(async () => {
    await published?.close()
    await work?.remove()
  })

  it('builds the same with lading/vite in its config, which sends nothing and says once what to do', () => {
    const { lines, keysBefore, prefix } = published
    expect(withoutTimes(files)).toEqual(withoutTimes(plain))
    expect(keysBefore).toEqual([])
    expect(lines).toEqual([expect.stringContaining(`${app.option}: '${prefix}'`)])
  })

  it('is sent without its pages by the command in that line, every file at its own path', async () => {
    const { command, store, cdn } = published
    expect(command.status, command.output).toBe(0)
    const paths = Object.keys(files).filter((path) => !path.endsWith('.html'))
    expect(await keysIn(store)).toEqual(expect.arrayContaining(paths))
    for (const path of paths) expect((await fetch(cdn + path)).status, path).toBe(200)
  })

  inBrowser('shows every page with its assets from the CDN, without a failure or an error', async () => {
    const chromium = browser()
    if (chromium === undefined) throw new Error('only in a browser')
    const { site, cdn, url } = published
    const pages = (await pagesOf(site)).filter((path) => path.endsWith('index.html'))
    expect(pages).toEqual(['about/index.html', 'index.html'])
    for (const page of pages) {
      const seen: Visit = await visit(chromium, url + page.replace(/index\.html$/, ''))
      const assets = seen.network.filter(({ type }) => ASSETS.has(type))
      const fromSite = assets.filter((asset) => !asset.url.startsWith(cdn)).map((asset) => asset.url.slice(url.length))
      expect(
        fromSite.filter((path) => !STAY[app.sources].includes(path)),
        page,
      ).toEqual([])
      expect(assets.filter((asset) => asset.url.startsWith(cdn)).length, page).toBeGreaterThan(1)
      expect(
        seen.network.filter(({ failed, status }) => failed !== undefined || (status ?? 0) >= 400),
        page,
      ).toEqual([])
      expect([...seen.consoleErrors, ...seen.pageErrors], page).toEqual([])
      if (page === 'index.html') expect(seen.text).toContain('The next tide: a quarter past four')
    }
  })

  // Last, since it is the published app that fails: an older record must not tell of files that are not there.
  it.each(FAILURES)('sends nothing, and leaves an older build whole or without its record: %s', async (...row) => {
    const [, says, { chunk, ...build }] = row
    const { site, folder, store, options, prefix } = published
    const source = join(folder, app.chunk)
    const whole = readFileSync(source)
    await writeBuildRecord(site, RECORD_OF_EARLIER)
    const before = { files: await contentsOf(site), keys: await keysIn(store) }
    if (chunk !== undefined) writeFileSync(source, chunk)
    const { status, log } = published.build({ prefix, options, ...build })
    writeFileSync(source, whole)
    expect(log).toContain(says)
    expect(status).not.toBe(0)
    expect(await keysIn(store)).toEqual(before.keys)
    const after = await contentsOf(site)
    if (RECORD in after) expect(after).toEqual(before.files)
  })
})

/** As a build left it before the app had its framework. */
const RECORD_OF_EARLIER = {
  bundler: 'vite 8.0.0',
  url: 'https://cdn.example.com/',
  cors: true,
  rewritten: true,
  files: new Map([['index.js', { key: 'a/index.js', immutable: true }]]),
  origin: new Set<string>(),
  sent: new Set<string>(),
  store: undefined,
}
