import { randomBytes } from 'node:crypto'
import { mkdirSync, symlinkSync } from 'node:fs'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { failure, guarded, keys, said } from '../rig/guarded.ts'
import { BENIGN_NAMES, HOSTILE_NAMES, PASSED_OVER } from '../rig/secret-names.ts'
import { randomText } from '../rig/secrets.ts'

const distinct = new Set(HOSTILE_NAMES.map(([, name]) => name)).size

describe(`table C: ${distinct} names of secrets`, () => {
  it('C01, C02, C03, C04: are no fewer than sixty, each another one', () => {
    expect(distinct).toBe(HOSTILE_NAMES.length)
    expect(distinct).toBeGreaterThanOrEqual(60)
  })

  it.each(HOSTILE_NAMES)('%s: %s stops the run as %s, and its text is not repeated', async (_row, name, rule) => {
    const canary = randomText(name, 30)
    const site = guarded({ [name]: canary })
    const error = await failure(site.sync())
    expect(error).toMatchObject({ code: 'E_SECRET_FILE', exitCode: 3 })
    const [path = '', named] = (error.details[0] ?? '').split('  ')
    expect(name === path || name.startsWith(`${path}/`)).toBe(true)
    expect(named).toBe(rule)
    expect(said(site, error)).not.toContain(canary)
    expect(await keys(site)).toEqual([])
  })
})

describe(`table C: ${PASSED_OVER.length + BENIGN_NAMES.length} names that are none`, () => {
  it.each(PASSED_OVER)('C04: %s is left out and stops nothing', async (name) => {
    const site = guarded({ [name]: 'x' })
    await site.sync()
    expect(await keys(site)).toEqual(['index.html'])
  })

  it('what only sounds like a secret is published', async () => {
    const site = guarded(Object.fromEntries(BENIGN_NAMES.map((name) => [name, 'x'])))
    await site.sync()
    expect(await keys(site)).toEqual([...BENIGN_NAMES, 'index.html'].sort())
    expect(site.warned('W_NOT_UPLOADED')).toEqual([])
  })

  it('C03: an .npmrc with a token stops the run', async () => {
    const site = guarded({ '.npmrc': '//registry.example.net/:_authToken=abc' })
    expect(await failure(site.sync())).toMatchObject({ code: 'E_SECRET_FILE' })
  })

  it('what only has such a name is no secret: folders, pages, slides, certificates', async () => {
    const site = guarded({
      'blog/secret/index.html': 'x',
      'credentials.html': 'x',
      'talk.key': Buffer.from('504b0304140000000000', 'hex'),
      'ca.pem': '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----',
      'team/CVS/ann.pdf': 'x',
    })
    await site.sync()
    expect(await keys(site)).toEqual(['blog/secret/index.html', 'credentials.html', 'index.html'])
  })

  const PAGE = '<!doctype html><title>Secrets</title>'
  const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----'

  it.each<[string, Record<string, string | Buffer>]>([
    ['a page', { secrets: PAGE, 'secrets.gz': gzipSync(PAGE), 'secrets.br': brotliCompressSync(PAGE) }],
    ['a page of its own', { 'secrets.gz': gzipSync(PAGE) }],
    ['a certificate', { 'ca.pem': CERTIFICATE, 'ca.pem.gz': gzipSync(CERTIFICATE) }],
    ['slides', { 'slides.key.gz': gzipSync(Buffer.from('504b0304140000000000', 'hex')) }],
    ['a template', { '.env.example.gz': gzipSync('KEY=') }],
    ['a large certificate', { 'ca.pem.gz': gzipSync(`${CERTIFICATE}\n${randomBytes(200_000).toString('base64')}`) }],
    ['what lies beside the same, in a format that is not unpacked', { 'ca.pem': CERTIFICATE, 'ca.pem.zst': '(\xb5/' }],
  ])('what only has such a name is no secret when it is compressed, either: %s', async (_what, files) => {
    const site = guarded(files)
    await site.sync()
    expect(await keys(site)).toEqual(['index.html'])
    expect(site.warned('W_NOT_UPLOADED')).toHaveLength(Object.keys(files).length)
  })

  const PRIVATE_KEY = '-----BEGIN PRIVATE KEY-----'

  it.each<[string, string, Record<string, string | Buffer>]>([
    ['a key beside a certificate', 'ca.pem.gz', { 'ca.pem': CERTIFICATE, 'ca.pem.gz': gzipSync(PRIVATE_KEY) }],
    ['a key that is only called compressed', 'ca.pem.gz', { 'ca.pem.gz': PRIVATE_KEY }],
    ['a key beside a key', 'ca.pem.zst', { 'ca.pem': PRIVATE_KEY, 'ca.pem.zst': '(\xb5/' }],
    ['what unpacks to more than anybody reads', 'ca.pem.br', { 'ca.pem.br': brotliCompressSync(Buffer.alloc(5e7)) }],
  ])('%s stops the run', async (_what, path, files) => {
    const { details } = await failure(guarded(files).sync())
    expect(details.some((line) => line.startsWith(path))).toBe(true)
  })

  it('a download that a page names is a download', async () => {
    const site = guarded({
      'backup.zip': 'x',
      'data/shop db.sqlite': 'x',
      'index.html': '<a href="backup.zip">all</a> <a href="data/shop%20db.sqlite">data</a>',
    })
    await site.sync()
    expect(await keys(site)).toEqual(['backup.zip', 'data/shop db.sqlite', 'index.html'])
  })

  it('what is excluded is not about to be published', async () => {
    const site = guarded({ '.env': 'A=1', 'dump.sql': 'x' })
    await site.sync({ exclude: ['.env', '*.sql'] })
    expect(await keys(site)).toEqual(['index.html'])
  })

  it('a link with the name of a secret is not followed', async () => {
    const site = guarded({ 'a.txt': 'x' })
    symlinkSync('a.txt', site.path('site/.env'))
    await site.sync()
    expect(await keys(site)).toEqual(['a.txt', 'index.html'])
  })

  it('a project is told that it is one before its secrets are listed', async () => {
    const site = guarded({ '.env': 'A=1' })
    mkdirSync(site.path('site/src'))
    expect(await failure(site.sync())).toMatchObject({ code: 'E_WRONG_ROOT' })
  })

  it.each(['node_modules', 'src'])('C17, C18: a root with %s is a project', async (folder) => {
    const site = guarded({ [`${folder}/a.js`]: 'x', 'package.json': '{}' })
    expect(await failure(site.sync())).toMatchObject({ code: 'E_WRONG_ROOT', exitCode: 3 })
    expect(await keys(site)).toEqual([])
  })
})
