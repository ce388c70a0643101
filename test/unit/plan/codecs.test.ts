import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { encodeBuildRecord } from '../../../src/plan/build-record.ts'
import { decodeManifest, encodeManifest, type Manifest, packManifest } from '../../../src/plan/manifest.ts'
import { decodeBuildRecord } from '../../../src/plan/read-build-record.ts'

const SHA = 'ab'.repeat(32)
const HEADERS = { 'content-type': 'text/css', 'cache-control': 'public' }
const BROKEN = expect.objectContaining({ code: 'E_MANIFEST', exitCode: 7 })

const manifestOf = (keys: readonly string[]): Manifest => ({
  seq: 7,
  rows: new Map(
    keys.map((key, index) => [
      key,
      {
        key,
        sha256: SHA,
        size: index,
        headers: HEADERS,
        etag: index % 3 === 0 ? 'tag' : undefined,
        unnamedSince: index % 3 === 1 ? '2026-01-01T00:00:00.000Z' : undefined,
      },
    ]),
  ),
})

const MANIFEST = manifestOf(['__proto__', 'a/x.css', 'é.css'])
const EMPTY: Manifest = { seq: 1, rows: new Map() }

describe('the manifest', () => {
  it('comes back as it was, also with a file called __proto__', async () => {
    expect(decodeManifest(await encodeManifest(MANIFEST), 'm')).toEqual(MANIFEST)
    expect(decodeManifest(await encodeManifest(EMPTY), 'm')).toEqual(EMPTY)
  })

  it.each([511, 512, 513, 20_000])('of %i keys comes back as it was', async (count) => {
    const large = manifestOf(Array.from({ length: count }, (_, index) => `folder/${index}-ü.png`))
    expect(decodeManifest(await encodeManifest(large), 'm')).toEqual(large)
  })

  it('comes back as it was when keys look like the end of a row', async () => {
    const ends = ['],["', 'a],[', '],[', '"],["', ']]}', ',"rows":[', '],["x",1,2,3,4']
    const odd = manifestOf(Array.from({ length: 30_000 }, (_, index) => `${index}/${ends[index % ends.length]}`))
    expect(decodeManifest(await encodeManifest(odd), 'm')).toEqual(odd)
  })

  it('is read in whatever order and with whatever spaces it is written', async () => {
    const { rows, ...head } = JSON.parse(gunzipSync(await encodeManifest(MANIFEST)).toString())
    for (const text of [JSON.stringify({ rows, ...head }), JSON.stringify({ ...head, rows }, null, 2)])
      expect(decodeManifest(gzipSync(text), 'm')).toEqual(MANIFEST)
  })

  it('has the same bytes for the same content, whatever the order', async () => {
    const reversed: Manifest = { ...MANIFEST, rows: new Map([...MANIFEST.rows].reverse()) }
    expect(Buffer.from(await encodeManifest(reversed))).toEqual(Buffer.from(await encodeManifest(MANIFEST)))
  })

  it.each([
    ['all', () => true],
    ['none', () => false],
    ['every third row', (index: number) => index % 3 === 0],
    ['the first row', (index: number) => index === 0],
    ['the last row', (index: number) => index === 599],
  ])('is packed before late rows are known: %s', async (_which, isLate) => {
    const whole = manifestOf(Array.from({ length: 600 }, (_, index) => `folder/${index}.png`))
    const late = [...whole.rows.values()].filter((_, index) => isLate(index))
    const provisional = late.map((row) => [row.key, { ...row, sha256: 'cd'.repeat(32), etag: 'before' }] as const)
    const keys = new Set(late.map(({ key }) => key))
    const pack = packManifest({ ...whole, rows: new Map([...whole.rows, ...provisional]) }, keys)
    const bytes = await pack(whole.rows)
    expect(decodeManifest(bytes, 'm')).toEqual(whole)
    expect([...decodeManifest(bytes, 'm').rows.keys()]).toEqual([...whole.rows.keys()].sort())
    expect(JSON.parse(gunzipSync(bytes).toString())).toMatchObject({ v: 1, seq: 7 })
  })

  it('leaves the event loop free, also while many late rows are packed', async () => {
    const whole = manifestOf(Array.from({ length: 20_000 }, (_, index) => `folder/${index}.png`))
    const pack = packManifest(whole, new Set(whole.rows.keys()))
    await pack(whole.rows) // the part before the late rows is done
    let turns = 0
    let isPacking = true
    const turn = (): void => {
      turns += 1
      if (isPacking) setImmediate(turn)
    }
    setImmediate(turn)
    const bytes = await pack(whole.rows)
    isPacking = false
    expect(turns).toBeGreaterThan(10)
    expect(decodeManifest(bytes, 'm')).toEqual(whole)
  })

  it('names each header set once', async () => {
    const text = gunzipSync(await encodeManifest(MANIFEST)).toString()
    expect(text.match(/text\/css/g)).toHaveLength(1)
  })

  it.each<[string, Uint8Array]>([
    ['torn', gzipSync('{"v":1,"seq":1,"headers":[],"rows":[]}').subarray(0, 30)],
    ['not gzip', Buffer.from('<html>')],
    ['of a newer version', gzipSync(JSON.stringify({ v: 2, seq: 1, headers: [], rows: [] }))],
    [
      'with a row of another form',
      gzipSync(JSON.stringify({ v: 1, seq: 1, headers: [], rows: [['k', 'no', 1, 0, 0, 0]] })),
    ],
  ])('%s is refused with its name', (_how, bytes) => {
    expect(() => decodeManifest(bytes, 's3://b/m')).toThrow(BROKEN)
    expect(() => decodeManifest(bytes, 's3://b/m')).toThrow(expect.objectContaining({ subject: 's3://b/m' }))
  })
})

describe('the record of a build', () => {
  const record = {
    bundler: 'vite 8.0.0',
    url: '/_a/',
    cors: false,
    rewritten: true,
    files: new Map([['__proto__', { key: 'a/__proto__', immutable: true }]]),
    origin: new Set(['assets/worker.js']),
    server: new Set(['server.js']),
    sent: new Set(['a/__proto__']),
    store: 's3://bucket/',
  }

  it('comes back as it was', () => expect(decodeBuildRecord(encodeBuildRecord(record))).toEqual(record))

  it("says of a whole folder that it is a server's", () =>
    expect(decodeBuildRecord(encodeBuildRecord({ ...record, server: 'all' })).server).toBe('all'))

  it.each(['', '{}', '{"v":2}'])('%j is refused with what to do', (text) => {
    expect(() => decodeBuildRecord(text)).toThrow(expect.objectContaining({ code: 'E_BUILD', exitCode: 3 }))
  })
})
