import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { encodeBuildRecord } from '../../../src/plan/build-record.ts'
import { decodeManifest, encodeManifest, type Manifest } from '../../../src/plan/manifest.ts'
import { decodeBuildRecord } from '../../../src/plan/read-build-record.ts'

const SHA = 'ab'.repeat(32)
const HEADERS = { 'content-type': 'text/css', 'cache-control': 'public' }
const BROKEN = expect.objectContaining({ code: 'E_MANIFEST', exitCode: 7 })

const MANIFEST: Manifest = {
  seq: 7,
  rows: new Map(
    ['__proto__', 'a/x.css', 'é.css'].map((key, index) => [
      key,
      {
        key,
        sha256: SHA,
        size: index,
        headers: HEADERS,
        etag: index === 0 ? 'tag' : undefined,
        unnamedSince: index === 1 ? '2026-01-01T00:00:00.000Z' : undefined,
      },
    ]),
  ),
}

describe('the manifest', () => {
  it('comes back as it was, also with a file called __proto__', () => {
    expect(decodeManifest(encodeManifest(MANIFEST), 'm')).toEqual(MANIFEST)
  })

  it('has the same bytes for the same content, whatever the order', () => {
    const reversed: Manifest = { ...MANIFEST, rows: new Map([...MANIFEST.rows].reverse()) }
    expect(Buffer.from(encodeManifest(reversed))).toEqual(Buffer.from(encodeManifest(MANIFEST)))
  })

  it('names each header set once', () => {
    const text = gunzipSync(encodeManifest(MANIFEST)).toString()
    expect(text.match(/text\/css/g)).toHaveLength(1)
  })

  it.each<[string, Uint8Array]>([
    ['torn', encodeManifest(MANIFEST).subarray(0, 30)],
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
    sent: new Set(['a/__proto__']),
    store: 's3://bucket/',
  }

  it('comes back as it was', () => expect(decodeBuildRecord(encodeBuildRecord(record))).toEqual(record))

  it.each(['', '{}', '{"v":2}'])('%j is refused with what to do', (text) => {
    expect(() => decodeBuildRecord(text)).toThrow(expect.objectContaining({ code: 'E_BUILD', exitCode: 3 }))
  })
})
