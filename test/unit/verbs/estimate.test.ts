import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type EstimateAsked,
  estimateSite,
  type LadingConfig,
  openStore,
  resolveConfig,
  resolveEstimate,
  type SiteEstimate,
  type Store,
  sync,
} from '../../../src/index.ts'
import { folderWith } from '../config/folder.ts'
import { combined } from '../report/logs.ts'

type Site = Readonly<Record<string, string>>

const bytes = (count: number): string => 'x'.repeat(count)

async function estimate(site: Site, asked: EstimateAsked = {}, config: LadingConfig = {}): Promise<SiteEstimate> {
  const cwd = folderWith(Object.fromEntries(Object.entries(site).map(([name, text]) => [`site/${name}`, text])))
  const given = { root: 'site', cacheDir: join(cwd, 'cache'), ...config }
  return estimateSite(resolveEstimate(given, asked, { cwd, env: {} }), { env: {} })
}

/** What a view of the only page loads, without the page: from, to. */
async function loads(page: string, others: Site): Promise<readonly [number, number]> {
  const { view } = await estimate({ 'index.html': page, ...others })
  return [view.low - page.length, view.high - page.length]
}

const IMAGES = { 'a.png': bytes(10), 'b.png': bytes(200), 'c.png': bytes(3000) }

describe('a view of a page', () => {
  it.each<readonly [string, string, Site, readonly [number, number]]>([
    ['an image, once however often it is named', '<img src=a.png><img src=a.png>', {}, [10, 10]],
    ['one candidate of a srcset', '<img srcset="a.png 1x, b.png 2x" src="c.png">', {}, [10, 3000]],
    ['one file of a picture', '<picture><source srcset="a.png 1x, b.png 2x"><img src=c.png></picture>', {}, [10, 3000]],
    [
      'pictures beside each other',
      '<picture><source srcset=a.png><img src=b.png></picture><img src=c.png>',
      {},
      [3010, 3200],
    ],
    ['a lazy image perhaps', '<img src=a.png loading=lazy><img src=b.png>', {}, [200, 210]],
    ['one candidate that a script chooses later, perhaps', '<img data-srcset="a.png 1x, b.png 2x">', {}, [0, 200]],
    [
      'a film perhaps, in one of its formats',
      '<video poster=a.png><source src=m.webm><source src=m.mp4></video>',
      { 'm.webm': bytes(500), 'm.mp4': bytes(900) },
      [10, 910],
    ],
    ['no picture that is for robots', '<meta property=og:image content=a.png>', {}, [0, 0]],
    ['one of its icons', '<link rel=icon href=a.png><link rel=apple-touch-icon href=b.png>', {}, [10, 200]],
    [
      'a style sheet with what it imports, its backgrounds and fonts perhaps',
      '<link rel=stylesheet href=a.css>',
      {
        'a.css': '@import "b.css";',
        'b.css': '@font-face{src:url(f.woff2),url(f.woff)}p{background:url(a.png)}',
        'f.woff2': bytes(40),
        'f.woff': bytes(70),
      },
      [16 + 64, 16 + 64 + 70 + 10],
    ],
    ['the background of a style attribute', '<p style="background:url(a.png)">', {}, [10, 10]],
    [
      'a module with what it imports, what it may import later perhaps',
      '<script type=module src=a.js></script>',
      { 'a.js': 'import "./b.js"; import("./c.js")', 'b.js': bytes(50), 'c.js': bytes(80) },
      [33 + 50, 33 + 50 + 80],
    ],
    [
      'what style sheets import in a circle',
      '<link rel=stylesheet href=a.css>',
      { 'a.css': '@import "b.css";', 'b.css': '@import "a.css";' },
      [32, 32],
    ],
    [
      'nothing of other hosts, and nothing that is missing',
      '<img src=https://x.example/a.png><img src=no.png>',
      {},
      [0, 0],
    ],
    ['an icon that browsers ask for by themselves', '<p>', { 'favicon.ico': bytes(15) }, [15, 15]],
    ['that icon only where the page names none', '<link rel=icon href=a.png>', { 'favicon.ico': bytes(15) }, [10, 10]],
  ])('loads %s', async (_, page, others, expected) => {
    expect(await loads(page, { ...IMAGES, ...others })).toEqual(expected)
  })

  it('is an average over all pages; a visit begins with index.html', async () => {
    const found = await estimate({ 'a.html': bytes(100), 'index.html': '<img src=a.png>', 'a.png': bytes(85) })
    expect(found.view).toEqual({ low: 100, high: 100 })
    expect(found.firstView).toEqual({
      page: 'index.html',
      bytes: { low: 100, high: 100 },
      files: { low: 2, high: 2 },
      heaviest: [
        { path: 'a.png', bytes: 85, isSure: true },
        { path: 'index.html', bytes: 15, isSure: true },
      ],
      plainTextBytes: 15,
    })
  })
})

const SMALL: Site = {
  'index.html': '<link rel=icon href=favicon.ico><img src=logo.png>',
  'favicon.ico': bytes(15_100),
  'logo.png': bytes(2000),
}

describe('a month', () => {
  it('of visits that keep nothing, worked by hand', async () => {
    const { requests, transfer, icon } = await estimate(SMALL, { visits: 1000, returning: 0, deploys: 0 })
    expect(requests).toEqual({ low: 3000, high: 3000 })
    expect(transfer).toEqual({ low: 17_150_000, high: 17_150_000 })
    expect(icon).toMatchObject({ files: [{ path: 'favicon.ico', bytes: 15_100 }], requests: 1000, bytes: 15_100_000 })
    // 15.1 MB x 0.085 / GiB + 1000 x 1 / 1 M
    expect(icon.dollars.cloudfront).toBeCloseTo((15.1e6 / 2 ** 30) * 0.085 + 0.001, 9)
  })

  it('with hashed names asks for nothing that a browser has', async () => {
    const asked = { visits: 1000, returning: 0.5, deploys: 0 }
    const mirror = await estimate(SMALL, asked)
    const host = await estimate(SMALL, asked, { url: 'https://c.example/', host: true })
    expect([mirror.requests.high, host.requests.high]).toEqual([3000, 2000])
    expect(mirror.transfer.high).toBe((50 + 17_100) * 500)
    expect(host.stored).toMatchObject({ objects: 5, replaceable: 3 })
  })

  it('with the pages at their own server counts what the store serves alone', async () => {
    const { requests, stored, mode, bills } = await estimate(
      SMALL,
      { visits: 10, returning: 0 },
      { url: 'https://c.example/' },
    )
    expect({ mode, requests: requests.high, objects: stored.objects }).toEqual({
      mode: 'offload',
      requests: 20,
      objects: 2,
    })
    expect(bills[0]?.later.lines.find(({ part }) => part === 'invalidations')?.quantity).toBe(0)
  })

  it.each<readonly [string, LadingConfig, number]>([
    ['no prefix', { to: 's3://bucket' }, 4],
    ['a prefix, with which a CDN caches what an edge function made', { to: 's3://bucket/www' }, 6],
    ['the prefix in the address', { to: 's3://bucket/www', url: 'https://c.example/www/', host: true }, 5],
  ])('with %s counts the paths that the CDN is told', async (_, config, paths) => {
    const { stored } = await estimate({ 'index.html': '<p>', 'a.html': '<p>' }, {}, config)
    expect(stored.paths).toBe(paths)
  })

  it('counts the icon that is asked for and not there', async () => {
    const { icon, requests } = await estimate({ 'index.html': '<p>' }, { visits: 500, views: 1000 })
    expect(icon).toMatchObject({ files: [], requests: 500, bytes: 0 })
    expect(requests.high).toBe(1000 + 500)
  })

  it('says what the first upload takes of the line', async () => {
    const { upload } = await estimate({ 'a.bin': bytes(1_249_000) }, { uplink: '1 Mbit/s' })
    expect(upload).toEqual({ bytes: 1_249_000, requests: 1, seconds: 10 })
  })

  it('counts stored bytes as they are compressed', async () => {
    const { stored, firstView } = await estimate({ 'index.html': bytes(50_000) }, {}, { compress: 'gzip' })
    expect(stored.bytes).toBeLessThan(1000)
    expect(firstView).toMatchObject({ bytes: { high: stored.bytes }, plainTextBytes: 0 })
  })

  it('has the writes that a real first upload makes, and those of a deploy that changes everything', async () => {
    const cwd = folderWith({ 'site/index.html': '<img src=a.png>', 'site/a.png': 'a', 'site/b.txt': 'b' })
    const config = { root: 'site', to: 'store', url: 'https://c.example/', host: true, cacheDir: join(cwd, 'cache') }
    let writes = 0
    const counting = async (...given: Parameters<typeof openStore>): Promise<Store> => {
      const store = await openStore(...given)
      const counted =
        <A extends unknown[], R>(call: (...args: A) => R) =>
        (...args: A): R => {
          writes += 1
          return call(...args)
        }
      return { ...store, put: counted(store.put), copy: counted(store.copy), list: counted(store.list) }
    }
    const deploy = async (): Promise<number> => {
      writes = 0
      await sync(resolveConfig(config, { cwd, env: {} }), { env: {}, openStore: counting })
      return writes
    }
    const estimated = async (deploys: number, month: 'first' | 'later'): Promise<number | undefined> => {
      const options = resolveEstimate(config, { deploys, changed: '100%' }, { cwd, env: {} })
      const { bills } = await estimateSite(options, { env: {} })
      return bills[0]?.[month].lines.find(({ part }) => part === 'writes')?.quantity
    }
    expect(await deploy()).toBe(await estimated(0, 'first'))
    writeFileSync(join(cwd, 'site/index.html'), '<img src=a.png alt>')
    writeFileSync(join(cwd, 'site/a.png'), 'aa')
    writeFileSync(join(cwd, 'site/b.txt'), 'bb')
    expect(await deploy()).toBe(await estimated(1, 'later'))
  })
})

describe('logs', () => {
  const LOG = combined(
    { path: '/', times: 30, bytes: 60, time: '01/Oct/2026:00:00:00 +0000' },
    { path: '/favicon.ico?v=1', times: 90, bytes: 15_000, time: '06/Oct/2026:00:00:00 +0000' },
    { path: '/a/favicon.abcdefghijklmnop.ico', times: 10, bytes: 15_000, time: '11/Oct/2026:00:00:00 +0000' },
    { path: '/wp-login.php', status: 404, times: 70, bytes: 100, time: '11/Oct/2026:00:00:00 +0000' },
  )

  const fromLog = (log: string, config: LadingConfig = {}): Promise<SiteEstimate> => {
    const logs = folderWith({ 'access.log': log })
    return estimate(SMALL, { traffic: [join(logs, 'access.log')] }, config)
  }

  it('say what is asked for of the files, scaled to a month of 30 days', async () => {
    const { requests, transfer, assumed, icon } = await fromLog(LOG)
    // ten days of it, three times
    expect(requests).toEqual({ low: 360, high: 360 })
    expect(transfer.high).toBe(3 * (30 * 60 + 90 * 15_000))
    expect(icon).toMatchObject({ requests: 270 })
    expect(assumed.visits).toBeUndefined()
    expect(assumed.logs).toEqual({
      requests: 200,
      bytes: 30 * 60 + 100 * 15_000 + 70 * 100,
      matched: { requests: 120, bytes: 30 * 60 + 90 * 15_000 },
      days: 10,
      factor: 3,
    })
  })

  it('name files by the address of an earlier release, too; what stays at the site is not counted', async () => {
    const { requests, assumed } = await fromLog(LOG, { url: 'https://c.example/' })
    expect(requests.high).toBe(300)
    expect(assumed.logs?.matched.requests).toBe(100)
  })

  it.each([
    ['the store', { url: 'https://c.example/é/' }, '/%C3%A9/a/favicon.abcdefghijklmnop.ico'],
    ['the site', { base: '/%C3%A9/' }, '/%C3%A9/favicon.ico'],
  ])('are of %s whose path is not ASCII, however that is written', async (_, config, path) => {
    const { assumed } = await fromLog(combined({ path, times: 7 }), config)
    expect(assumed.logs?.matched.requests).toBe(7)
  })

  it('of less than a day are taken for a day, without times for a month', async () => {
    expect((await fromLog(combined({ path: '/', times: 2 }))).assumed.logs).toMatchObject({ days: 1, factor: 30 })
    const timeless = combined({ path: '/', times: 2, time: '-' })
    const found = await fromLog(timeless).catch((error: unknown) => error)
    expect(found).toMatchObject({ code: 'E_LOGS' })
  })
})

describe('an estimate', () => {
  it('names the pages that cannot be read, whose files are not counted', async () => {
    const cwd = folderWith({ 'site/a.png': 'a', 'site/wide.html': Buffer.from('\ufeff<img src=a.png>', 'utf16le') })
    const warnings: object[] = []
    const options = resolveEstimate({ root: 'site', cacheDir: join(cwd, 'cache') }, {}, { cwd, env: {} })
    const found = await estimateSite(options, {
      env: {},
      emit: (event) => event.type === 'warning' && warnings.push(event),
    })
    expect(found.view).toEqual({ low: 32, high: 32 })
    expect(warnings).toMatchObject([{ code: 'W_ENCODING_SKIPPED', items: ['wide.html'] }])
  })

  it('is the same each time, and writes nothing beside caches', async () => {
    const cwd = folderWith({ 'site/index.html': '<img src=a.png>', 'site/a.png': 'a' })
    const options = resolveEstimate({ root: 'site', cacheDir: join(cwd, 'cache') }, {}, { cwd, env: {} })
    const [one, two] = [await estimateSite(options, { env: {} }), await estimateSite(options, { env: {} })]
    expect({ ...two, ms: 0 }).toEqual({ ...one, ms: 0 })
    expect(readdirSync(cwd).filter((name) => name !== 'cache')).toEqual(['site'])
    expect(readdirSync(join(cwd, 'site')).sort()).toEqual(['a.png', 'index.html'])
    expect(readFileSync(join(cwd, 'site/index.html'), 'utf8')).toBe('<img src=a.png>')
  })

  it('puts the configured store’s provider first, and refuses what sync would refuse', async () => {
    const to = 's3://bucket?endpoint=https://abc.r2.cloudflarestorage.com'
    const { bills } = await estimate(SMALL, {}, { to })
    expect(bills.map(({ tariff, isOwn }) => [tariff.id, isOwn])).toEqual([
      ['r2', true],
      ['cloudfront', false],
      ['s3', false],
    ])
    await expect(estimate({ '.env.html': 'x', 'a.pem': '-----BEGIN PRIVATE KEY-----' })).rejects.toMatchObject({
      code: 'E_SECRET_FILE',
    })
  })
})
