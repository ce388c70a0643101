import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, resolveConfig, serveFolder, serveStore, sync } from '../../src/index.ts'
import { useChromium } from '../browser/chromium.ts'
import { contentsOf } from '../browser/setting.ts'
import { type Visit, visit } from '../rig/browser.ts'
import { pagesOf, temporaryFolder } from '../rig/sites.ts'
import { APPS, type App, type AppBuilt, buildApp } from './apps.ts'

const { browser, inBrowser } = useChromium()

/** Published as the line in the log says it, and served: the site as it was built, and the store as its CDN. */
async function publish(app: App, work: string) {
  const to = join(work, 'store')
  const store = await openStore({ kind: 'folder', path: to, label: to }, LIMITS)
  const cdn = await serveStore(store, { cors: true })
  const options = { url: cdn.url, cors: true, to, upload: true }
  const built = buildApp(app, { prefix: cdn.url.replace(/\/$/, ''), options })
  const config = { root: built.site, to, exclude: ['**/*.html'], cacheDir: join(work, 'cache') }
  const summary = await sync(resolveConfig(config, { cwd: work, env: {} }), { env: {} })
  const origin = await serveFolder(built.site, {})
  const close = async (): Promise<void> => {
    await Promise.all([cdn.close(), origin.close()])
    built.remove()
  }
  return { built, summary, cdn: cdn.url, url: origin.url, close }
}

const LIMITS = { requestTimeoutMs: 60_000, retries: 0, concurrency: 16 }
const ASSETS = new Set(['image', 'stylesheet', 'script', 'font', 'media'])
/** Astro hands `public/` through as it is written in pages: `assetsPrefix` is for what it bundles. */
const STAY: Readonly<Record<App['name'], readonly string[]>> = { astro: ['quay.png', 'favicon.svg'], sveltekit: [] }

describe.each(APPS.map((app) => [app.name, app] as const))('%s', (name, app) => {
  let work: Awaited<ReturnType<typeof temporaryFolder>>
  let plain: AppBuilt
  let withPlugin: AppBuilt
  let published: Awaited<ReturnType<typeof publish>>

  beforeAll(async () => {
    work = await temporaryFolder()
    plain = buildApp(app)
    withPlugin = buildApp(app, { options: { url: 'https://cdn.example.com/', cors: true, rewrite: 'always' } })
    published = await publish(app, work.path)
  })
  afterAll(async () => {
    await published?.close()
    plain?.remove()
    withPlugin?.remove()
    await work?.remove()
  })

  it('builds the same with lading/vite in its config, which says once what to do', async () => {
    expect(await contentsOf(withPlugin.site)).toEqual(await contentsOf(plain.site))
    const lines = withPlugin.log.split('\n').filter((line) => line.includes('lading:'))
    expect(lines).toEqual([expect.stringContaining(`${app.option}: 'https://cdn.example.com'`)])
    expect(lines[0]).toContain(`lading sync ${app.output} --to `)
  })

  it('is sent without its pages, every file at its own path', async () => {
    const files = Object.keys(await contentsOf(published.built.site)).filter((path) => !path.endsWith('.html'))
    expect(published.summary).toMatchObject({ ok: true, added: files.length })
    for (const path of files) expect((await fetch(published.cdn + path)).status, path).toBe(200)
  })

  inBrowser('shows every page with its assets from the CDN, without a failure or an error', async () => {
    const chromium = browser()
    if (chromium === undefined) throw new Error('only in a browser')
    const pages = await pagesOf(published.built.site)
    expect(pages).toEqual(['about/index.html', 'index.html'])
    const { cdn, url } = published
    for (const page of pages) {
      const seen: Visit = await visit(chromium, url + page.replace(/index\.html$/, ''))
      const assets = seen.network.filter(({ type }) => ASSETS.has(type))
      const fromSite = assets.filter((asset) => !asset.url.startsWith(cdn)).map((asset) => asset.url.slice(url.length))
      expect(
        fromSite.filter((path) => !STAY[name].includes(path)),
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
})
