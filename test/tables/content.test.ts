import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { LadingError } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

function project(options: Parameters<typeof createProject>[0]): Project {
  const made = createProject({ config: MIRROR, ...options })
  projects.push(made)
  return made
}

async function failure(work: Promise<unknown>): Promise<LadingError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof LadingError) return error
  throw new Error(`expected a LadingError, got ${String(error)}`)
}

async function headersOf(site: Project, key: string): Promise<Readonly<Record<string, string>>> {
  return (await site.store.head(key))?.headers ?? {}
}

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
const MPEG_TS = Buffer.alloc(376, 0)
MPEG_TS[0] = 0x47
MPEG_TS[188] = 0x47

describe('table B: contents and types', () => {
  it('B01: an empty file is stored with no bytes', async () => {
    const site = project({ files: { 'empty.txt': '', 'index.html': 'x' } })
    await site.sync()
    expect(await site.store.head('empty.txt')).toMatchObject({ size: 0 })
  })

  it('B03: a file larger than the store takes is refused before any byte is sent', async () => {
    const memory = createMemoryStore()
    const small: Store = { ...memory, limits: { ...memory.limits, objectBytes: 10 } }
    const site = project({ files: { 'big.bin': 'x'.repeat(11), 'index.html': '' }, store: small })
    expect(await failure(site.sync())).toMatchObject({ code: 'E_TOO_LARGE', exitCode: 3 })
    expect(await memory.head('index.html')).toBeUndefined()
  })

  it('B04: a large file is named with what its traffic comes to', async () => {
    const site = project({
      files: { 'big.bin': Buffer.alloc(2_000_000), 'index.html': '' },
      config: { ...MIRROR, maxFileBytes: 1_000_000 },
    })
    await site.sync()
    expect(site.warned('W_BIG_FILE')).toEqual(['big.bin: 2.0 MB, 2.0 GB of traffic per 1,000 views'])
  })

  it('B05, B06: a .ts file is text unless it is an MPEG transport stream', async () => {
    const site = project({ files: { 'a.ts': 'let a = 1', 'v/seg.ts': MPEG_TS, 'index.html': '' } })
    await site.sync()
    expect(await headersOf(site, 'a.ts')).toMatchObject({ 'content-type': 'text/plain; charset=utf-8' })
    expect(await headersOf(site, 'v/seg.ts')).toMatchObject({ 'content-type': 'video/mp2t' })
    expect(site.warned('W_SOURCE_FILE')).toEqual(['a.ts'])
  })

  it('programs that only a server runs are named where a store would show their source, and not where they stay', async () => {
    const files = { 'config.php': '<?php $password = 1;', 'shop/cart.ASPX': '<%', 'index.html': '', 'a.py': '' }
    const site = project({ files })
    await site.sync()
    expect(site.warned('W_SOURCE_FILE')).toEqual(['config.php', 'shop/cart.ASPX'])
    const offloaded = project({ files, config: { out: 'out' } })
    await offloaded.sync()
    expect(offloaded.warned('W_SOURCE_FILE')).toEqual([])
  })

  it('pages that a mirror of a site has named as programs are no source; templates are, though they begin as pages', async () => {
    const page = '<!doctype html><title>About</title>'
    const files = {
      'about.aspx': page,
      'index.php': page,
      'list.jsp': `${page}<%= password %>`,
      'shop.php': `${page}<?php $password = 1;`,
      'index.html': '',
    }
    const site = project({ files })
    await site.sync()
    expect(site.warned('W_SOURCE_FILE')).toEqual(['list.jsp', 'shop.php'])
    expect(site.warned('W_MIME_MISMATCH')).toEqual(['about.aspx: its bytes are html'])
  })

  it('what to do about sources is said with them', async () => {
    const site = project({ files: { 'a.ts': '', 'a.php': '', 'index.html': '' } })
    await site.sync()
    const said = site.events.filter((event) => event.type === 'warning' && event.code === 'W_SOURCE_FILE')
    expect(said).toHaveLength(2)
    for (const each of said) expect(each).toMatchObject({ fix: expect.stringContaining('`exclude`') })
  })

  it('B07: .well-known is uploaded although it starts with a dot, and its files have their types', async () => {
    const site = project({ files: { '.well-known/apple-app-site-association': '{}', 'index.html': '' } })
    await site.sync()
    expect(await headersOf(site, '.well-known/apple-app-site-association')).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
    })
  })

  it('B08: unknown types are octet streams, named in one warning', async () => {
    const site = project({ files: { 'a.qqq': 'x', plain: 'x', 'index.html': '' } })
    await site.sync()
    expect(await headersOf(site, 'a.qqq')).toMatchObject({ 'content-type': 'application/octet-stream' })
    expect(site.warned('W_MIME_UNKNOWN')).toEqual(['a.qqq', 'plain'])
    // nothing sends them: the origin has them already
    await site.sync({ url: 'https://cdn.example.com/', out: 'out', strict: true })
    expect(site.warned('W_MIME_UNKNOWN')).toEqual([])
  })

  it('B09: HTML called .png and PNG called .jpg are named; strict refuses', async () => {
    const site = project({ files: { 'evil.png': '<!doctype html><script>', 'photo.jpg': PNG, 'index.html': '' } })
    await site.sync()
    expect(site.warned('W_MIME_MISMATCH')).toEqual(['evil.png: its bytes are html', 'photo.jpg: its bytes are png'])
    expect(await failure(site.sync({ strict: true }))).toMatchObject({ code: 'E_STRICT' })
  })

  it('B10: compressed files beside their originals say what they are; they are known by their content', async () => {
    const script = 'console.log(1)\n'.repeat(200)
    const [gz, br] = [gzipSync(script, { level: 4 }), brotliCompressSync(script)]
    const site = project({
      files: {
        ...{ 'index.html': '', 'x.js': script, 'x.js.gz': gz, 'x.js.br': br },
        ...{
          'other.js': 'other()',
          'other.js.gz': gz,
          'alone.js.gz': gz,
          'data.tar': 'tar',
          'data.tar.gz': gzipSync('tar'),
        },
      },
    })
    const text = { 'content-type': 'text/javascript; charset=utf-8' }
    const download = { 'content-type': 'application/gzip' }
    for (const run of ['the first', 'from the cache']) {
      await site.sync(run === 'the first' ? {} : { keep: ['nothing'] })
      expect(await headersOf(site, 'x.js.gz'), run).toMatchObject({ ...text, 'content-encoding': 'gzip' })
      expect(await headersOf(site, 'x.js.br'), run).toMatchObject({ ...text, 'content-encoding': 'br' })
      expect(Buffer.from((await site.store.get('x.js.br'))?.bytes ?? []), run).toEqual(br)
      expect(site.warned('W_MIME_UNKNOWN'), run).toEqual([])
      for (const path of ['other.js.gz', 'alone.js.gz']) {
        expect(await headersOf(site, path), `${run} ${path}`).toMatchObject(download)
        expect(await headersOf(site, path), `${run} ${path}`).not.toHaveProperty('content-encoding')
      }
    }
  })

  it('B10: what the build compressed is stored for the original, rather than compressed anew', async () => {
    const script = 'console.log(1)\n'.repeat(200)
    const gz = gzipSync(script, { level: 1 })
    const site = project({ files: { 'index.html': '', 'x.js': script, 'x.js.gz': gz } })
    await site.sync({ compress: 'gzip' })
    expect(Buffer.from((await site.store.get('x.js'))?.bytes ?? [])).toEqual(gz)
    expect(await headersOf(site, 'x.js')).toMatchObject({ 'content-encoding': 'gzip' })
  })

  it('B10: a compressed copy of what was rewritten is not its copy any more, and is not moved', async () => {
    const css = `a{background:url(i.svg)}${'b{color:red}'.repeat(200)}`
    const site = project({
      files: {
        'index.html': '<link rel="stylesheet" href="s.css">',
        's.css': css,
        's.css.gz': gzipSync(css),
        'i.svg': '<svg/>',
      },
      config: { host: true, url: 'https://cdn.example.com/', compress: 'gzip' },
    })
    await site.sync()
    const keys: string[] = []
    for await (const rows of site.store.list('')) keys.push(...rows.map(({ key }) => key))
    const moved = keys.find((key) => /^a\/s\..*\.css$/.test(key)) ?? ''
    expect(gunzipSync((await site.store.get(moved))?.bytes ?? '').toString()).toMatch(/url\(i\.[a-z2-7]{16}\.svg\)/)
    expect(keys.filter((key) => key.endsWith('.css.gz'))).toEqual(['s.css.gz'])
  })

  it('B11: a gzip file called .css is not looked into, stays where it is, and is never compressed twice', async () => {
    const packed = gzipSync(`a{background:url(i.svg)}${'b{color:red}'.repeat(200)}`)
    const site = project({
      files: {
        'index.html': '<link rel="stylesheet" href="s.css">',
        's.css': packed,
        'app.wasm': gzipSync('\0asm'),
        'i.svg': '<svg/>',
      },
      config: {
        host: true,
        url: 'https://cdn.example.com/',
        compress: [{ match: '**', encoding: 'gzip', minBytes: 0 }],
      },
    })
    await site.sync()
    expect(site.warned('W_ENCODING_SKIPPED')).toEqual(['s.css'])
    expect(await headersOf(site, 's.css')).toMatchObject({ 'content-type': 'text/css', 'content-encoding': 'gzip' })
    expect(Buffer.from((await site.store.get('s.css'))?.bytes ?? [])).toEqual(packed)
    expect(await headersOf(site, 'app.wasm')).toMatchObject({
      'content-type': 'application/wasm',
      'content-encoding': 'gzip',
    })
  })

  it('B11, B12: text that is gzip already says so and is left as it is; a download stays a download', async () => {
    const packed = gzipSync('console.log(1)')
    const site = project({
      files: { 'app.js': packed, 'i.svgz': gzipSync('<svg/>'), 'd.tar.gz': packed, 'index.html': '' },
    })
    await site.sync()
    expect(await headersOf(site, 'app.js')).toMatchObject({
      'content-type': 'text/javascript',
      'content-encoding': 'gzip',
    })
    expect(await headersOf(site, 'i.svgz')).toMatchObject({
      'content-type': 'image/svg+xml',
      'content-encoding': 'gzip',
    })
    expect(await headersOf(site, 'd.tar.gz')).not.toHaveProperty('content-encoding')
    expect(Buffer.from((await site.store.get('app.js'))?.bytes ?? [])).toEqual(packed)
  })

  it('names the charset only when the bytes are UTF-8', async () => {
    const site = project({
      files: { 'u.css': 'a{content:"é"}', 'l.css': Buffer.from('a{content:"é"}', 'latin1'), 'index.html': '' },
    })
    await site.sync()
    expect(await headersOf(site, 'u.css')).toMatchObject({ 'content-type': 'text/css; charset=utf-8' })
    expect(await headersOf(site, 'l.css')).toMatchObject({ 'content-type': 'text/css' })
  })

  it.each<[string, Uint8Array, string]>([
    ['in ISO-2022-JP', Buffer.from('<p>\x1b$B$3$s\x1b(B</p>'), 'text/html'],
    ['whose <meta> names another charset', Buffer.from('<meta charset="windows-1252">&eacute;'), 'text/html'],
    [
      'that says so the long way',
      Buffer.from('<meta http-equiv="content-type" content="text/html; charset=shift_jis">'),
      'text/html',
    ],
    ['whose <meta> names UTF-8', Buffer.from('<meta charset=UTF-8>'), 'text/html; charset=utf-8'],
    ['whose bytes are UTF-8 whatever it says', Buffer.from('<meta charset=latin1>é'), 'text/html; charset=utf-8'],
  ])('a page %s gets its charset from the header only where the bytes bear it out', async (_what, page, type) => {
    const site = project({ files: { 'index.html': page } })
    await site.sync()
    expect((await headersOf(site, 'index.html'))['content-type']).toBe(type)
  })

  it('B14: a rule that caches pages for long is refused unless forced', async () => {
    const headers = [{ match: '**/*.html', cacheControl: 'public, max-age=31536000, immutable' }]
    const site = project({ files: { 'index.html': 'x' } })
    const error = await failure(site.sync({ headers }))
    expect(error).toMatchObject({ code: 'E_HEADER_UNSAFE', exitCode: 3 })
    expect(error.details).toEqual(['index.html: public, max-age=31536000, immutable'])
    expect(await site.sync({ headers, force: true })).toMatchObject({ added: 1 })
  })

  it('B15: a name without a hash that is cached for long is named; immutable needs force', async () => {
    const site = project({ files: { 'logo.png': PNG, 'index.html': '' } })
    await site.sync({ headers: [{ match: '*.png', cacheControl: 'public, max-age=31536000' }] })
    expect(site.warned('W_IMMUTABLE_UNHASHED')).toEqual(['logo.png'])
    const headers = [{ match: '*.png', cacheControl: 'public, max-age=31536000, immutable' }]
    expect(await failure(site.sync({ headers }))).toMatchObject({ code: 'E_HEADER_UNSAFE' })
  })

  it.each([['a\r\nb'], ['caf\u00e9'], ['x'.repeat(9000)]])(
    'B16: a header value that cannot be sent is refused: %#',
    async (value) => {
      const site = project({ files: { 'index.html': '' } })
      const run = Promise.resolve().then(() => site.sync({ headers: [{ match: '**', contentLanguage: value }] }))
      expect(await failure(run)).toMatchObject({ code: 'E_HEADER_INVALID', exitCode: 2 })
    },
  )

  it('B17: a link to a device is refused, never read', async () => {
    const { symlinkSync } = await import('node:fs')
    const site = project({ files: { 'index.html': '' } })
    symlinkSync('/dev/zero', site.path('site/zero.bin'))
    expect(await failure(site.sync())).toMatchObject({ code: 'E_SYMLINK_ESCAPE' })
  })

  it.each<[string, (site: Project) => void]>([
    ['grows', (site) => site.write('site/late.css', 'a{color:red}  ')],
    ['shrinks', (site) => site.write('site/late.css', 'a{}')],
    ['keeps its size', (site) => site.write('site/late.css', 'a{color:RED}')],
  ])('B18: a file that %s between hash and send fails the run; nothing is published', async (_how, change) => {
    const memory = createMemoryStore()
    const site: Project = project({
      files: { 'late.css': 'a{color:red}', 'index.html': 'x' },
      store: {
        ...memory,
        put: async (key, body, headers, condition) => {
          if (key === 'late.css') change(site)
          return memory.put(key, body, headers, condition)
        },
      },
    })
    expect(await failure(site.sync())).toMatchObject({ code: 'E_SOURCE_CHANGED', exitCode: 6 })
    expect(await memory.head('index.html')).toBeUndefined()
    expect(await memory.head('late.css')).toBeUndefined()
    expect(await memory.head('.lading/pointer.json')).toBeUndefined()
  })
})
