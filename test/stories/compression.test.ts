import { hash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { type LadingConfig, prune, resolveConfig, rollback, type Store, sync, verify } from '../../src/index.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, keysOf, type Published } from '../rig/published.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const RULES = '.a{color:red}\n'.repeat(200)
const FILES: Readonly<Record<string, string>> = {
  'index.html': `<link rel="stylesheet" href="site.css"><img src="logo.svg"><p>${'word '.repeat(400)}`,
  'site.css': `.logo{background:url(logo.svg)}\n${RULES}`,
  'logo.svg': `<svg xmlns="http://www.w3.org/2000/svg">${'<path d="M0 0"/>'.repeat(100)}</svg>`,
  'small.css': 'a{}',
  'robots.txt': 'User-agent: *',
}
const GZIP: LadingConfig = { compress: 'gzip' }
const BR: LadingConfig = { compress: [{ match: '*.{css,svg}', encoding: 'br' }] }
const LEVEL_1: LadingConfig = { compress: [{ match: '*.{css,svg}', encoding: 'gzip', level: 1 }] }
const LEVEL_9: LadingConfig = { compress: [{ match: '*.{css,svg}', encoding: 'gzip' }] }

function project(config: LadingConfig, files = FILES, around = (store: Store): Store => store): Published {
  const made = createPublished({ files, config, around })
  all.push(made)
  return made
}

interface Found {
  readonly encoding: string | undefined
  readonly bytes: Buffer
  readonly text: string
}

async function found({ store }: Pick<Published, 'store'>, key: string): Promise<Found> {
  const object = await store.get(key)
  const bytes = Buffer.from(object?.bytes ?? [])
  const encoding = object?.headers['content-encoding']
  const plain = encoding === 'gzip' ? gunzipSync(bytes) : encoding === 'br' ? brotliDecompressSync(bytes) : bytes
  return { encoding, bytes, text: plain.toString() }
}

const keyLike = async ({ keys }: Published, pattern: RegExp): Promise<string> =>
  (await keys()).find((key) => pattern.test(key)) ?? expect.fail(`no key like ${pattern}`)

const clean = async ({ history, run }: Published): Promise<void> => {
  const result = await verify({ ...history(), download: true }, run)
  expect(result).toMatchObject({ ok: true, drift: 0 })
}

describe('gzip', () => {
  it('mirror: text of a size lies compressed at its own path, and says so', async () => {
    const made = project({ ...MIRROR, ...GZIP })
    await made.site.sync()
    for (const path of ['index.html', 'site.css', 'logo.svg']) {
      expect(await found(made, path)).toMatchObject({ encoding: 'gzip', text: FILES[path] })
    }
    expect(await found(made, 'small.css')).toMatchObject({ encoding: undefined, text: 'a{}' })
    expect((await made.store.head('site.css'))?.headers['content-type']).toBe('text/css; charset=utf-8')
    await clean(made)
  })

  it('host: pages and moved files are compressed as they were rewritten', async () => {
    const made = project({ host: true, ...GZIP })
    await made.site.sync()
    const css = await keyLike(made, /^a\/site\..*\.css$/)
    const svg = await keyLike(made, /^a\/logo\..*\.svg$/)
    expect(await found(made, css)).toMatchObject({
      encoding: 'gzip',
      text: FILES['site.css']?.replace('logo.svg', svg.slice(2)),
    })
    expect((await found(made, 'index.html')).text).toContain(`href="https://cdn.example.com/${css}"`)
    expect(await found(made, 'index.html')).toMatchObject({ encoding: 'gzip' })
    await clean(made)
  })

  it('offload: pages of the origin stay as they are', async () => {
    const made = project(GZIP)
    await made.site.sync()
    const css = await keyLike(made, /^a\/site\..*\.css$/)
    expect(await found(made, css)).toMatchObject({ encoding: 'gzip' })
    expect(made.site.read('out/index.html').toString()).toContain(`href="https://cdn.example.com/${css}"`)
    expect(made.site.read('out/site.css').toString()).toBe(FILES['site.css'])
  })

  it('the encoding is part of a hashed name, the compressor is not', async () => {
    const names = async (config: LadingConfig): Promise<readonly string[]> => {
      const made = project(config)
      await made.site.sync()
      return made.keys()
    }
    const [plain, one, nine] = [await names({}), await names(LEVEL_1), await names(LEVEL_9)]
    expect(one).toEqual(nine)
    expect(one).not.toEqual(plain)
  })

  it('sends nothing the second time, and plans nothing', async () => {
    for (const config of [{ ...MIRROR, ...GZIP }, { host: true, ...GZIP }, GZIP]) {
      const made = project(config)
      await made.site.sync()
      expect(await made.site.sync()).toMatchObject({ added: 0, changed: 0, bytes: 0, published: false })
    }
  })

  it('leaves under a hashed name what another version of the compressor has put there', async () => {
    const fetched: string[] = []
    const around = (store: Store): Store => ({
      ...store,
      get: (key, options) => {
        fetched.push(key)
        return store.get(key, options)
      },
    })
    const made = project(LEVEL_1, FILES, around)
    await made.site.sync()
    const css = await keyLike(made, /^a\/site\..*\.css$/)
    const before = await found(made, css)
    rmSync(made.site.path('cache'), { recursive: true })
    fetched.splice(0)
    expect(await made.site.sync(LEVEL_9)).toMatchObject({ added: 0, changed: 0, published: false })
    expect(fetched.filter((key) => key.startsWith('a/'))).toEqual([])
    expect(await found(made, css)).toEqual(before)
  })

  it('goes on where a run on another machine, with another compressor, was killed', async () => {
    const other = project(LEVEL_9)
    await other.site.sync()
    const css = await keyLike(other, /^a\/site\..*\.css$/)
    const left = await other.store.get(css)
    const made = project(LEVEL_1)
    const bytes = left?.bytes ?? new Uint8Array()
    const body = { size: bytes.byteLength, sha256: hash('sha256', bytes), read: async () => bytes }
    await made.store.put(css, body, left?.headers ?? {})
    expect(await made.site.sync()).toMatchObject({ published: true })
    expect((await found(made, css)).bytes).toEqual(Buffer.from(bytes))
    await clean(made)
  })

  it('never takes for the same what unpacks to something else', async () => {
    const other = project(LEVEL_9)
    await other.site.sync()
    const css = await keyLike(other, /^a\/site\..*\.css$/)
    const made = project(LEVEL_1)
    const bytes = gzipSync('something else')
    const body = { size: bytes.byteLength, sha256: hash('sha256', bytes), read: async () => bytes }
    await made.store.put(css, body, (await other.store.head(css))?.headers ?? {})
    await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_IMMUTABLE_CONFLICT' })
  })

  it.each<[string, string, number]>([
    ['puts back what was damaged', 'damaged', 1],
    ['puts back what was damaged into something that is compressed too', 'gzip', 1],
    ['leaves what another version of the compressor has made', '', 0],
  ])('a repair %s', async (_what, damage, changed) => {
    const made = project(LEVEL_9)
    await made.site.sync()
    const css = await keyLike(made, /^a\/site\..*\.css$/)
    const before = await found(made, css)
    const bytes = damage === 'gzip' ? gzipSync('other') : Buffer.from(damage)
    const body = { size: bytes.byteLength, sha256: hash('sha256', bytes), read: async () => bytes }
    if (damage !== '') await made.store.put(css, body, (await made.store.head(css))?.headers ?? {})
    const places = { root: 'site', to: './store', cacheDir: 'other', url: 'https://cdn.example.com/', out: 'out' }
    const options = resolveConfig({ ...places, ...LEVEL_1 }, { cwd: made.site.dir, env: {} })
    expect(await sync({ ...options, repair: true }, made.run)).toMatchObject({ changed })
    expect(await found(made, css)).toMatchObject({ encoding: 'gzip', text: before.text })
    await clean(made)
  })

  it('a repair without a manifest believes no name: other contents in the same coat are found', async () => {
    const made = project(LEVEL_9)
    await made.site.sync()
    const css = await keyLike(made, /^a\/site\..*\.css$/)
    const bytes = gzipSync('other')
    const body = { size: bytes.byteLength, sha256: hash('sha256', bytes), read: async () => bytes }
    await made.store.put(css, body, (await made.store.head(css))?.headers ?? {})
    await made.store.remove((await keysOf(made.store)).filter((key) => key.startsWith('.lading/manifests/')))
    const places = { root: 'site', to: './store', cacheDir: 'other', url: 'https://cdn.example.com/', out: 'out' }
    const options = resolveConfig({ ...places, ...LEVEL_9 }, { cwd: made.site.dir, env: {} })
    await expect(sync({ ...options, repair: true }, made.run)).rejects.toMatchObject({ code: 'E_IMMUTABLE_CONFLICT' })
  })

  it('a file that saves too little under a name that was to be compressed stays as it is, also the second time', async () => {
    const noise = Array.from({ length: 64 }, (_, at) => hash('sha256', `${at}`)).join('')
    const made = project({ compress: [{ match: '*.svg', encoding: 'gzip' }] }, { 'index.html': '<img src="n.svg">' })
    made.site.write('site/n.svg', Buffer.from(noise, 'hex'))
    await made.site.sync()
    const key = await keyLike(made, /^a\/n\./)
    expect(await found(made, key)).toMatchObject({ encoding: undefined })
    rmSync(made.site.path('cache'), { recursive: true })
    expect(await made.site.sync()).toMatchObject({ added: 0, changed: 0, published: false })
  })

  it('rollback brings pages back as they were stored', async () => {
    const made = project({ ...MIRROR, ...GZIP })
    await made.site.sync()
    const before = await found(made, 'index.html')
    await made.site.sync({ compress: 'none' })
    expect(await found(made, 'index.html')).toMatchObject({ encoding: undefined })
    await rollback(made.history(), made.run)
    expect(await found(made, 'index.html')).toEqual(before)
  })
})

describe('files that a bundler has named', () => {
  const RECORD = JSON.stringify({
    ...{ v: 1, bundler: 'test', url: 'https://cdn.example.com/', cors: false, rewritten: false },
    ...{ files: [['app-1a2b.js', 'a/app-1a2b.js', true]], origin: [], sent: [] },
  })
  const SCRIPT = 'console.log(1)\n'.repeat(200)
  const BUILT = {
    'index.html': '<script src="app-1a2b.js"></script>',
    'app-1a2b.js': SCRIPT,
    '.lading/build.json': RECORD,
  }
  const KEY = 'a/app-1a2b.js'
  const JS_9: LadingConfig = { compress: [{ match: '*.js', encoding: 'gzip' }] }
  const JS_1: LadingConfig = { compress: [{ match: '*.js', encoding: 'gzip', level: 1 }] }

  it('are compressed under their own name', async () => {
    const made = project(JS_9, BUILT)
    await made.site.sync()
    expect(await found(made, KEY)).toMatchObject({ encoding: 'gzip', text: SCRIPT })
  })

  it.each<[string, LadingConfig, LadingConfig, string | undefined]>([
    ['compressed stay so when the option is taken away', JS_9, {}, 'gzip'],
    ['compressed stay as they are when the compressor changes', JS_9, JS_1, 'gzip'],
    ['uncompressed stay so when the option is added', {}, JS_9, undefined],
  ])('that were stored %s', async (_what, first, second, encoding) => {
    const made = project({}, BUILT)
    await made.site.sync(first)
    const before = await found(made, KEY)
    rmSync(made.site.path('cache'), { recursive: true })
    expect(await made.site.sync(second)).toMatchObject({ added: 0, changed: 0, published: false })
    expect(await found(made, KEY)).toEqual(before)
    expect(before.encoding).toBe(encoding)
  })

  it('and that hold something else under the same name are refused as ever', async () => {
    const made = project(JS_9, BUILT)
    await made.site.sync()
    made.become({ ...BUILT, 'app-1a2b.js': 'console.log(2)\n'.repeat(200) })
    await expect(made.site.sync(JS_1)).rejects.toMatchObject({ code: 'E_IMMUTABLE_CONFLICT' })
  })
})

describe('folders that move as a whole for the sake of a script in them', () => {
  const FILLER = '/* filler */\n'.repeat(200)
  const FOLDER = {
    'index.html': '<script type="module" src="app/main.js"></script>',
    'app/main.js': `export const load = (name) => import('./' + name + '.js')\n${FILLER}`,
    'app/a.js': `export const a = 1\n${FILLER}`,
  }
  const JS: LadingConfig = { compress: [{ match: '*.js', encoding: 'gzip' }] }
  const TREE = /^a\/_t\/[a-z2-7]+\/app\/a\.js$/

  it.each<[string, LadingConfig, LadingConfig]>([
    ['compressed stay so when the option is taken away', JS, {}],
    ['uncompressed stay so when the option is added', {}, JS],
  ])('that were stored %s', async (_what, first, second) => {
    const made = project({ cors: true }, FOLDER)
    await made.site.sync(first)
    const key = await keyLike(made, TREE)
    const before = await found(made, key)
    expect(before).toMatchObject({ encoding: first === JS ? 'gzip' : undefined, text: FOLDER['app/a.js'] })
    rmSync(made.site.path('cache'), { recursive: true })
    await made.site.sync(second)
    expect(await found(made, key)).toEqual(before)
    await clean(made)
  })

  it('keep the second objects of their files for as long as their release', async () => {
    const made = project({ cors: true, compress: [{ match: '*.js', encoding: 'br' }] }, FOLDER)
    await made.site.sync()
    const key = await keyLike(made, TREE)
    expect(await found(made, `${key}.br`)).toMatchObject({ encoding: 'br', text: FOLDER['app/a.js'] })
    made.clock.passDays(30)
    await prune(made.history({ maxDelete: '100%' }), made.run)
    expect(await made.keys()).toContain(`${key}.br`)
  })
})

describe('brotli', () => {
  it('puts a second object beside each moved file, which stays as it is', async () => {
    const made = project(BR)
    await made.site.sync()
    const css = await keyLike(made, /^a\/site\..*\.css$/)
    const plain = await found(made, css)
    expect(plain.encoding).toBeUndefined()
    expect(await found(made, `${css}.br`)).toMatchObject({ encoding: 'br', text: plain.text })
    expect((await made.store.head(`${css}.br`))?.headers).toEqual({
      ...(await made.store.head(css))?.headers,
      'content-encoding': 'br',
    })
    await clean(made)
  })

  it('leaves out no file that the rule means, because an edge cannot look whether there is a second object', async () => {
    const made = project(BR, {
      'index.html': '<link rel="stylesheet" href="small.css"><link rel="stylesheet" href="empty.css">',
      ...{ 'small.css': 'a{}', 'empty.css': '' },
    })
    await made.site.sync()
    for (const [pattern, text] of [
      [/^a\/small\..*\.css\.br$/, 'a{}'],
      [/^a\/empty\..*\.css\.br$/, ''],
    ] as const)
      expect(await found(made, await keyLike(made, pattern))).toMatchObject({ encoding: 'br', text })
    await clean(made)
  })

  it('names files as without it, and adds nothing to files at their own paths', async () => {
    const made = project({ host: true, ...BR })
    await made.site.sync()
    expect(await made.store.head('site.css.br')).toBeUndefined()
    const plain = project({ host: true })
    await plain.site.sync()
    expect((await made.keys()).filter((key) => !key.endsWith('.br'))).toEqual(await plain.keys())
  })

  it('the second object belongs to the release: it stays, comes back and goes with its file', async () => {
    const made = project({ ...BR, keepReleases: 1 })
    await made.site.sync()
    const css = await keyLike(made, /^a\/site\..*\.css$/)
    expect(await made.site.sync()).toMatchObject({ added: 0, published: false })
    made.become({ 'index.html': 'nothing' })
    await made.site.sync()
    await rollback(made.history(), made.run)
    made.clock.passDays(30)
    await prune(made.history(), made.run)
    expect(await made.keys()).toContain(`${css}.br`)
    await made.site.sync()
    made.clock.passDays(30)
    await prune(made.history({ maxDelete: '100%' }), made.run)
    expect(await made.keys()).not.toContain(`${css}.br`)
    expect(await made.keys()).not.toContain(css)
  })
})
