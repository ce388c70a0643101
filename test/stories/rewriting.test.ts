import { hash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type AssetList,
  type LadingConfig,
  type LadingEvent,
  type ListedAsset,
  type RewriteRequest,
  type Rewritten,
  type Run,
  resolveConfig,
  resolveRewrite,
  rewriteSite,
  sync,
} from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { openCdn } from '../rig/open-cdn.ts'
import { keysOf } from '../rig/published.ts'

const URL_ = 'https://cdn.example.com/x/'
const FILES = {
  'index.html': '<link rel="stylesheet" href="css/site.css"><img src="img/logo.png"><a href="about/">about</a>',
  'about/index.html': '<img src="../img/logo.png" alt="">',
  'css/site.css': 'body { background: url(../img/bg.png) }',
  'img/logo.png': 'a logo',
  'img/bg.png': 'a background',
  'robots.txt': 'User-agent: *',
}

let dir: string
let events: LadingEvent[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lading-rewrite-'))
  for (const [path, content] of Object.entries(FILES)) write(`site/${path}`, content)
})
afterEach(() => rmSync(dir, { recursive: true }))

const at = (path: string): string => join(dir, path)
const text = (path: string): string => readFileSync(at(path), 'utf8')

function write(path: string, content: string): void {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), content)
}

/** Contents by path; with `when`, the time of the last change as well. */
function tree(folder: string, { when = false } = {}): Record<string, string> {
  if (!existsSync(at(folder))) return {}
  const files = readdirSync(at(folder), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort()
  const stamp = (path: string): string => (when ? ` ${statSync(path, { bigint: true }).mtimeNs}` : '')
  return Object.fromEntries(
    paths.map((path) => [relative(at(folder), path), readFileSync(path, 'latin1') + stamp(path)]),
  )
}

const IN_PLACE: LadingConfig = { inPlace: true }
const OUT: LadingConfig = { out: 'origin' }

async function rewrite(config: LadingConfig = OUT, request: RewriteRequest = {}, run: Run = {}): Promise<Rewritten> {
  events = []
  const options = resolveRewrite(
    { root: 'site', url: URL_, cacheDir: 'cache', ...config },
    { assets: 'cdn', ...request },
    { cwd: dir, env: {} },
  )
  return rewriteSite(options, { env: {}, emit: (event) => events.push(event), ...run })
}

const list = (): AssetList => JSON.parse(text('cdn/lading-assets.json'))
const assetOf = (path: string): ListedAsset => {
  const found = list().assets.find((asset) => asset.path === path)
  if (found === undefined) throw new Error(`${path} is not listed`)
  return found
}
const copies = (): string[] => Object.keys(tree('cdn/a')).sort()

describe('a site rewritten for an uploader of its own', () => {
  it('has pages that name the copies, and a copy for each name', async () => {
    const before = tree('site', { when: true })
    expect(await rewrite()).toMatchObject({ exit: 0, added: 3, kept: 0, pages: { written: 2 } })
    const pages = text('origin/index.html') + text('origin/about/index.html')
    const named = [...pages.matchAll(/https:\/\/cdn\.example\.com\/x\/([^"]+)/g)].map(([, key = '']) => key)
    expect(named).toHaveLength(3)
    for (const key of named) expect(existsSync(at(`cdn/${key}`)), key).toBe(true)
    expect(text(`cdn/${assetOf('css/site.css').key}`)).toMatch(/url\(\.\.\/img\/bg\.\w{16}\.png\)/)
    expect(Object.keys(tree('origin')).filter((path) => !path.startsWith('.lading/'))).toEqual(
      Object.keys(FILES).sort(),
    )
    expect(tree('site', { when: true }), 'the site is only read').toEqual(before)
  })

  it('is named and written exactly as sync does it', async () => {
    await rewrite()
    const store = createMemoryStore()
    const config = { root: 'site', url: URL_, out: 'by-sync', to: './store', cacheDir: 'other' }
    await sync(resolveConfig(config, { cwd: dir, env: {} }), { env: {}, openStore: async () => store, ask: openCdn })
    for (const path of Object.keys(FILES)) expect(text(`origin/${path}`), path).toBe(text(`by-sync/${path}`))
    const keys = (await keysOf(store)).filter((key) => key.startsWith('a/'))
    expect(copies().map((path) => `a/${path}`)).toEqual(keys)
    for (const { key, headers, sha256 } of list().assets) {
      expect(await store.head(key), key).toMatchObject({ headers, sha256 })
    }
  })

  it('lists each copy with its address, digests and all headers', async () => {
    await rewrite({ ...OUT, headers: [{ match: 'img/**', contentLanguage: 'en' }] })
    expect(list()).toMatchObject({ v: 1, url: URL_, earlier: [] })
    for (const { key, url, sha256, integrity, size } of list().assets) {
      const bytes = readFileSync(at(`cdn/${key}`))
      expect(url).toBe(URL_ + key)
      expect([sha256, size]).toEqual([hash('sha256', bytes), bytes.length])
      expect(integrity).toBe(`sha256-${hash('sha256', bytes, 'base64')}`)
    }
    expect(assetOf('img/logo.png').headers).toEqual({
      'content-type': 'image/png',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-language': 'en',
    })
  })

  it('lists a compressed copy with its encoding, and the integrity of what a browser makes of it', async () => {
    write('site/css/site.css', 'a{color:red}'.repeat(200))
    await rewrite({ ...OUT, compress: 'gzip' })
    const { key, sha256, integrity, headers } = assetOf('css/site.css')
    const bytes = readFileSync(at(`cdn/${key}`))
    expect(headers['content-encoding']).toBe('gzip')
    expect(sha256).toBe(hash('sha256', bytes))
    expect(integrity).toBe(`sha256-${hash('sha256', gunzipSync(bytes), 'base64')}`)
  })

  it.each([OUT, IN_PLACE])('changes nothing the second time: %o', async (config) => {
    await rewrite(config)
    const [site, origin, cdn] = ['site', 'origin', 'cdn'].map((folder) => tree(folder, { when: true }))
    expect(await rewrite(config)).toMatchObject({ added: 0, kept: 3, bytes: 0, pages: { written: 0, unchanged: 2 } })
    expect(['site', 'origin', 'cdn'].map((folder) => tree(folder, { when: true }))).toEqual([site, origin, cdn])
  })

  it('keeps the copies that open tabs still name, unless they are to be cleaned away', async () => {
    await rewrite()
    const [old] = [assetOf('img/logo.png').key]
    write('site/img/logo.png', 'another logo')
    expect(await rewrite()).toMatchObject({ added: 1, removed: 0, pages: { written: 2 } })
    expect(existsSync(at(`cdn/${old}`))).toBe(true)
    expect(list().assets.map(({ key }) => key)).not.toContain(old)
    expect(await rewrite(OUT, { clean: true })).toMatchObject({ added: 0, removed: 1 })
    expect(existsSync(at(`cdn/${old}`))).toBe(false)
    expect(copies()).toHaveLength(3)
  })

  it('is only planned by a dry run', async () => {
    const before = tree('site', { when: true })
    expect(await rewrite(IN_PLACE, { dryRun: true })).toMatchObject({ dryRun: true, added: 3, pages: { written: 2 } })
    expect([tree('site', { when: true }), existsSync(at('cdn'))]).toEqual([before, false])
    await rewrite(OUT, { dryRun: true })
    expect(existsSync(at('origin'))).toBe(false)
  })
})

describe('pages rewritten in place', () => {
  it('follow their image to its new name', async () => {
    await rewrite(IN_PLACE)
    write('site/img/logo.png', 'another logo')
    expect(await rewrite(IN_PLACE)).toMatchObject({ added: 1, pages: { written: 2 } })
    expect(text('site/index.html')).toContain(assetOf('img/logo.png').url)
  })

  it('follow the address', async () => {
    await rewrite(IN_PLACE)
    const other = 'https://new.example.com/'
    await rewrite({ ...IN_PLACE, url: other })
    expect(text('site/index.html')).not.toContain(URL_)
    expect(text('site/index.html')).toContain(`${other}a/img/logo.`)
    expect(list()).toMatchObject({ url: other, earlier: [URL_] })
    await rewrite({ ...IN_PLACE, url: '/_a/' })
    expect(text('site/about/index.html')).toContain('src="/_a/a/img/logo.')
    expect(list().earlier).toEqual([other, URL_])
  })

  it('go on naming a copy whose file is gone; it stays, and stays listed, whatever is cleaned', async () => {
    await rewrite(IN_PLACE)
    const gone = assetOf('img/logo.png')
    rmSync(at('site/img/logo.png'))
    await rewrite(IN_PLACE, { clean: true })
    expect(text('site/index.html')).toContain(gone.url)
    expect(existsSync(at(`cdn/${gone.key}`))).toBe(true)
    expect(assetOf('img/logo.png')).toEqual(gone)
    rmSync(at(`cdn/${gone.key}`))
    await expect(rewrite(IN_PLACE)).rejects.toMatchObject({ code: 'E_REF_UNKNOWN_KEY', exitCode: 3 })
  })

  it('keep everything that a sheet may name whose file is gone', async () => {
    await rewrite(IN_PLACE)
    rmSync(at('site/css/site.css'))
    rmSync(at('site/img/bg.png'))
    expect(await rewrite(IN_PLACE, { clean: true })).toMatchObject({ removed: 0 })
    expect(copies()).toHaveLength(3)
    expect(list().assets).toHaveLength(3)
  })
})

describe('a rewrite that is stopped', () => {
  /** Changes a file when everything was read and nothing is written yet. */
  const changing =
    (path: string): NonNullable<Run['emit']> =>
    (event) => {
      if (event.type === 'phase' && event.phase === 'hash') write(path, 'other bytes')
    }

  it('by an image that changes meanwhile leaves every page as it was', async () => {
    const pages = text('site/index.html')
    await expect(rewrite(IN_PLACE, {}, { emit: changing('site/img/logo.png') })).rejects.toMatchObject({
      code: 'E_SOURCE_CHANGED',
      exitCode: 6,
    })
    expect([text('site/index.html'), existsSync(at('cdn/lading-assets.json'))]).toEqual([pages, false])
    expect(await rewrite(IN_PLACE)).toMatchObject({ exit: 0, pages: { written: 2 } })
  })

  it('by a file of the origin that changes meanwhile has every copy in place already', async () => {
    await expect(rewrite(OUT, {}, { emit: changing('site/robots.txt') })).rejects.toMatchObject({
      code: 'E_SOURCE_CHANGED',
    })
    expect([copies().length, list().assets.length, existsSync(at('origin/index.html'))]).toEqual([3, 3, false])
    expect(await rewrite()).toMatchObject({ added: 0, pages: { written: 2 } })
  })

  it('before its pages are written has cleaned nothing away', async () => {
    await rewrite()
    write('site/img/logo.png', 'another logo')
    write('site/robots.txt', 'User-agent: another')
    const failing = rewrite(OUT, { clean: true }, { emit: changing('site/robots.txt') })
    await expect(failing).rejects.toMatchObject({ code: 'E_SOURCE_CHANGED' })
    expect(copies()).toHaveLength(4)
    expect(await rewrite(OUT, { clean: true })).toMatchObject({ removed: 1 })
  })

  it('by a kill, of which only the names of what it was writing are left, gives nothing another name', async () => {
    write('site/img/empty.png', '')
    write('site/index.html', '<img src="img/empty.png"><img src="img/logo.png">')
    await rewrite(IN_PLACE)
    const before = tree('cdn/a')
    const marker = JSON.parse(text('cdn/.lading/out.json'))
    const files = marker.files.map(([path]: readonly string[]) => [path, '', 0, ''])
    write('cdn/.lading/out.json', JSON.stringify({ ...marker, files }))
    rmSync(at(`cdn/${assetOf('img/logo.png').key}`))
    expect(await rewrite(IN_PLACE)).toMatchObject({ pages: { written: 0, unchanged: 2 } })
    expect(tree('cdn/a')).toEqual(before)
  })

  it('by a signal ends with its reason, and goes on the next time', async () => {
    const stop = new AbortController()
    const emit: Run['emit'] = (event) => void (event.type === 'phase' && stop.abort(new Error('enough')))
    await expect(rewrite(IN_PLACE, {}, { emit, signal: stop.signal })).rejects.toThrow('enough')
    expect(text('site/index.html')).toBe(FILES['index.html'])
    expect(await rewrite(IN_PLACE)).toMatchObject({ pages: { written: 2 } })
  })
})

describe('a rewrite refuses, and writes nothing,', () => {
  const refused = async (promise: Promise<unknown>, expected: object): Promise<void> => {
    const before = tree('.', { when: true })
    const withoutCache = (found: Record<string, string>): object =>
      Object.fromEntries(Object.entries(found).filter(([path]) => !path.startsWith('cache/')))
    await expect(promise).rejects.toMatchObject(expected)
    expect(withoutCache(tree('.', { when: true }))).toEqual(withoutCache(before))
  }
  const E_OUT = { code: 'E_OUT', exitCode: 3 }

  it.each(['site', 'site/cdn', '.', 'origin/cdn', 'origin'])(
    'copies in %s, where the site or its pages lie',
    async (assets) => {
      await refused((async () => rewrite(OUT, { assets }))(), E_OUT)
    },
  )

  it('copies in a folder with files of somebody else', async () => {
    write('cdn/mine.txt', 'mine')
    await refused(rewrite(), E_OUT)
  })

  it('copies in a folder of pages, and pages in a folder of copies', async () => {
    await rewrite()
    await refused(rewrite({ out: 'elsewhere' }, { assets: 'origin' }), E_OUT)
    await refused(rewrite({ out: 'cdn' }, { assets: 'elsewhere' }), E_OUT)
  })

  it('a link where a folder of copies belongs', async () => {
    await rewrite()
    rmSync(at('cdn/a'), { recursive: true })
    mkdirSync(at('outside'))
    symlinkSync(at('outside'), at('cdn/a'))
    await refused(rewrite(), E_OUT)
  })

  it('secrets', async () => {
    write('site/.env', 'KEY=value')
    write('site/id_rsa', '-----BEGIN OPENSSH PRIVATE KEY-----')
    await refused(rewrite(), { code: 'E_SECRET_FILE', exitCode: 3 })
  })

  it.each<[string, LadingConfig, RewriteRequest]>([
    ['no address', { ...OUT, url: undefined }, {}],
    ['no place for the pages', {}, {}],
    ['pages that would need a store', { host: true }, {}],
    ['no folder for the copies', OUT, { assets: undefined }],
    ['a bucket for the copies', OUT, { assets: 's3://bucket/x' }],
  ])('%s', async (_name, config, request) => {
    await refused((async () => rewrite(config, request))(), { code: 'E_USAGE', exitCode: 2 })
  })

  it('what is missing, when it is strict', async () => {
    write('site/index.html', '<img src="none.png">')
    await refused(rewrite({ ...OUT, strict: true }), { code: 'E_STRICT' })
    expect(await rewrite()).toMatchObject({ references: { missing: 1 } })
    expect(events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'W_REF_MISSING' }))
  })
})
