import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { afterEach, describe, expect, it } from 'vitest'
import { LadingError } from '../../src/index.ts'
import { assetKey } from '../../src/plan/naming.ts'
import { assertKey } from '../../src/store/key.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { withPrefix } from '../../src/store/wrappers/with-prefix.ts'
import { serveStore } from '../../src/transfer/serve.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

function project(options: Parameters<typeof createProject>[0]): Project {
  const made = createProject(options)
  projects.push(made)
  return made
}

/** As a careful author writes it: each segment percent-encoded, then escaped for the attribute. */
const authored = (name: string): string => encodeURIComponent(name).replaceAll("'", '&#39;')

/** Every `src` of the page, as a browser reads it. */
function sources(html: string): string[] {
  return elementsOf(parse(html)).flatMap(({ attrs }) =>
    attrs.filter(({ name }) => name === 'src').map(({ value }) => value),
  )
}

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

function elementsOf(node: Node): Element[] {
  const children = 'childNodes' in node ? node.childNodes.flatMap(elementsOf) : []
  return 'attrs' in node ? [node, ...children] : children
}

/** Disk -> key -> page -> HTTP -> bytes. */
async function roundTrip(names: readonly string[]): Promise<{ urls: string[]; bodies: string[]; site: Project }> {
  const files = Object.fromEntries(names.map((name, index) => [name, `bytes ${index}`]))
  const page = names.map((name) => `<img src='${authored(name)}'>`).join('\n')
  const site = project({ files: { ...files, 'index.html': page } })
  const server = await serveStore(site.store, {})
  try {
    await site.sync({ url: server.url, out: 'out' })
    const urls = sources(site.read('out/index.html').toString())
    const bodies = await Promise.all(urls.map(async (url) => (await fetch(url)).text()))
    return { urls, bodies, site }
  } finally {
    await server.close()
  }
}

async function failure(work: Promise<unknown>): Promise<LadingError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof LadingError) return error
  throw new Error(`expected a LadingError, got ${String(error)}`)
}

const ROUND_TRIPS: readonly [row: string, title: string, names: readonly string[]][] = [
  ['A01', 'a space', ['a b.png']],
  ['A02', 'a plus beside its space', ['a+b.png', 'a b.png']],
  ['A03', 'percent signs, never decoded twice', ['100%.png', 'a%20b.png', 'test%46.png']],
  ['A04', 'question mark and hash', ['q?x=1.png', 'h#f.png']],
  ['A05', 'quotes, brackets, ampersands', ["it's(1)!*.png", 'a&b<c>.png', '"q".png']],
  ['A06', 'reserved punctuation', ['semi;colon=,:@$~.png']],
  ['A07', 'NFC', ['caf\u00e9.png']],
  ['A08', 'NFD, stored as NFC', ['cafe\u0301.png']],
  ['A11', 'emoji, CJK, Arabic, combining and joined marks', ['🎉.png', '画像.png', 'صورة.png', 'नमस्ते.png', '👩‍🚀.png']],
  ['A12', 'direction overrides and zero width', ['\u202egpj.png', 'a\u200bb.png']],
  ['A17', 'spaces and dots at the ends, a tilde', [' lead.png', 'trail .png', 'dot..png', '~lead.png']],
  ['A18', 'a backslash', ['back\\slash.png']],
  ['A19', 'names reserved on Windows', ['CON.png', 'aux.png', 'nul.png']],
  ['A28', 'names of object members', ['__proto__.png', 'constructor.png', 'toString.png', 'hasOwnProperty.png']],
  ['A29', 'names that look like globs', ['[id].png', '(group).png', '{a,b}.png', '!x.png', '*.png']],
]

describe('table A: names go from the disk through the page to the visitor', () => {
  it.each(ROUND_TRIPS)('%s: %s', async (_row, _title, names) => {
    const { urls, bodies } = await roundTrip(names)
    expect(bodies).toEqual(names.map((_, index) => `bytes ${index}`))
    expect(new Set(urls).size).toBe(names.length)
  })

  it('A02: a plus sign that S3 is asked for by links, which stay as they are, is told', async () => {
    const files = { 'index.html': '<a href="a+b.html"><img src="c+d.png">', 'a+b.html': 'page', 'c+d.png': 'image' }
    const site = project({ files })
    await site.plan({ ...MIRROR, to: 's3://bucket/x' })
    expect(site.warned('W_NAME_PLUS')).toEqual(['a+b.html', 'c+d.png'])
    await site.plan({ to: 's3://bucket/x', url: 'https://www.example.com/', host: true })
    expect(site.warned('W_NAME_PLUS')).toEqual(['a+b.html'])
    for (const config of [
      { ...MIRROR },
      { ...MIRROR, to: 's3://bucket/x?endpoint=https://minio.example.com' },
      { to: 's3://bucket/x' },
      { ...MIRROR, to: 's3://bucket/x', exclude: ['?+?.*'] },
    ]) {
      await site.plan(config)
      expect(site.warned('W_NAME_PLUS')).toEqual([])
    }
  })

  it.each(['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'])(
    'A02: a plus sign in another store, that %s names, is none',
    async (name) => {
      const site = createProject({
        files: { 'a+b.html': 'page' },
        run: { env: { [name]: 'https://minio.example.com' } },
      })
      projects.push(site)
      await site.plan({ ...MIRROR, to: 's3://bucket/x' })
      expect(site.warned('W_NAME_PLUS')).toEqual([])
    },
  )

  it('A01, A02: a space is %20 and a plus is %2B in the URL', async () => {
    const { urls } = await roundTrip(['a b.png', 'a+b.png'])
    expect(urls[0]).toContain('/a%20b.')
    expect(urls[1]).toContain('/a%2Bb.')
  })

  it('A08: a reference in either form reaches a file named in NFD', async () => {
    const page = '<img src="caf\u00e9.png"><img src="cafe\u0301.png"><img src="caf%C3%A9.png">'
    const site = project({ files: { 'cafe\u0301.png': 'x', 'index.html': page } })
    await site.sync()
    expect(new Set(sources(site.read('out/index.html').toString())).size).toBe(1)
    expect(site.warned('W_NAME_NORMALIZED')).toEqual(['caf\u00e9.png'])
  })

  it('A09: NFC and NFD twins are refused, with both byte forms', async () => {
    const site = project({ files: { 'caf\u00e9.png': 'x', 'cafe\u0301.png': 'y', 'index.html': '' } })
    const error = await failure(site.sync())
    expect(error).toMatchObject({ code: 'E_NAME_COLLISION', exitCode: 3 })
    expect(error.details.join()).toContain('c3a9')
    expect(error.details.join()).toContain('65cc81')
  })

  it('A10: names that differ in case work, with a warning naming both; strict refuses', async () => {
    const site = project({ files: { 'Logo.png': 'x', 'logo.png': 'y', 'index.html': '' } })
    await site.sync()
    expect(site.warned('W_CASE_COLLISION')).toEqual(['Logo.png and logo.png'])
    expect(await failure(site.sync({ strict: true }))).toMatchObject({ code: 'E_STRICT', exitCode: 3 })
  })

  it('A12: confusable names are shown escaped', async () => {
    const { site } = await roundTrip(['\u202egpj.png'])
    expect(site.warned('W_NAME_CONFUSABLE')).toEqual(['\\u{202E}gpj.png'])
  })

  it('A13: a name that is not UTF-8 is refused with its bytes', async () => {
    const site = project({ files: { 'index.html': '' } })
    const { writeFileSync } = await import('node:fs')
    writeFileSync(
      Buffer.concat([Buffer.from(site.path('site/bad')), Buffer.from([0xff, 0xfe]), Buffer.from('.png')]),
      'x',
    )
    const error = await failure(site.sync())
    expect(error).toMatchObject({ code: 'E_NAME_NOT_UTF8', exitCode: 3 })
    expect(error.details).toEqual(['bad\\xFF\\xFE.png'])
  })

  it('A15: NUL in a key is refused before any request', () => {
    expect(() => assertKey('a\u0000b')).toThrow(expect.objectContaining({ code: 'E_KEY_INVALID' }))
  })

  it.each(['c\u0001.png', 'nl\n.png', '\tlead.png', 'del\u007f.png'])(
    'A16, A17: %j is refused, shown escaped',
    async (name) => {
      const site = project({ files: { [name]: 'x', 'index.html': '' } })
      const error = await failure(site.sync())
      expect(error).toMatchObject({ code: 'E_KEY_INVALID', exitCode: 3 })
      expect(error.details[0]).toMatch(/\\x(01|0a|09|7f)/)
    },
  )

  it('A16: a name with control characters that is excluded becomes no key and stops nothing', async () => {
    const site = project({ files: { 'd/c\u0001.png': 'x', 'index.html': '' } })
    expect(await site.sync({ exclude: ['d/**'] })).toMatchObject({ ok: true })
  })

  it('A16: control characters work where the store allows them', async () => {
    const site = project({
      files: { 'c\u0001.png': 'x', 'index.html': '' },
      store: createMemoryStore({ allowControl: true }),
    })
    expect(await site.sync({ allowControl: true })).toMatchObject({ added: 1 })
  })

  it('A19: names reserved on Windows are named when strict', async () => {
    const site = project({ files: { 'aux.css': '', 'index.html': '' } })
    expect((await failure(site.sync({ strict: true }))).details.join()).toContain('aux.css')
  })

  it('A20, A21, A22: a key of 1,024 bytes works; one byte more is refused before any upload, naming the prefix', async () => {
    const folder = (bytes: number): string =>
      `${'d'.repeat(200)}/`
        .repeat(6)
        .slice(0, bytes - 5)
        .concat('x.bin')
    const fits = folder(1024 - 'pre/'.length)
    const store = withPrefix(createMemoryStore(), 'pre/')
    expect(Buffer.byteLength(`pre/${fits}`)).toBe(1024)
    const good = project({ files: { [fits]: 'x', 'index.html': '' }, store, config: MIRROR })
    expect(await good.sync()).toMatchObject({ added: 2 })
    const bad = project({ files: { [folder(1025 - 'pre/'.length)]: 'x', 'index.html': '' }, store, config: MIRROR })
    const error = await failure(bad.sync())
    expect(error).toMatchObject({ code: 'E_KEY_TOO_LONG', exitCode: 3 })
    expect(error.details.join()).toContain('1021 bytes, 1020 fit')
    expect(error.why).toContain('the prefix takes 4')
  })

  it('A21: emoji are counted in bytes, not in UTF-16 units', async () => {
    const name = Array.from({ length: 6 }, () => '🎉'.repeat(50)).join('/')
    const site = project({ files: { [`${name}/x.png`]: 'x', 'index.html': '' }, config: MIRROR })
    expect(await failure(site.sync())).toMatchObject({ code: 'E_KEY_TOO_LONG' })
  })

  it.each(['', '.', '..', 'a//b', 'a/../b', '/a'])('A25, A26: the key %j never becomes a request', async (key) => {
    const store = createMemoryStore()
    expect(await failure(Promise.resolve().then(() => store.head(key)))).toMatchObject({ code: 'E_KEY_INVALID' })
  })

  it('A30: two files that would get one key are refused, both named', async () => {
    const key = assetKey('x.png', { sha256: SHA_OF_X, headers: { 'content-type': 'image/png' } })
    const site = project({ files: { 'x.png': 'x', [key]: 'other', 'index.html': '' }, config: { host: true } })
    const error = await failure(site.sync())
    expect(error).toMatchObject({ code: 'E_KEY_CONFLICT', exitCode: 3 })
    expect(error.details.join()).toContain(`x.png and ${key}`)
  })

  it('A31: a site may not hold files under .lading/', async () => {
    const site = project({ files: { '.lading/pointer.json': '{}', 'index.html': '' } })
    expect(await failure(site.sync())).toMatchObject({ code: 'E_KEY_RESERVED', exitCode: 3 })
  })

  it('A32: when two contents share a short hash, the second gets a longer one', () => {
    const representation = { sha256: SHA_OF_X, headers: { 'content-type': 'image/png' } }
    const short = assetKey('x.png', representation)
    const long = assetKey('x.png', representation, () => 'f'.repeat(64))
    expect(long.length).toBe(short.length + 16)
    expect(long.startsWith(short.slice(0, -4))).toBe(true)
    expect(assetKey('x.png', representation, () => SHA_OF_X)).toBe(short)
  })
})

/** SHA-256 of the one byte `x`. */
const SHA_OF_X = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'
