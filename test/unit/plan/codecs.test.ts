import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeBuildRecord, encodeBuildRecord } from '../../../src/plan/build-record.ts'
import { type Deploy, decodeDeploy, encodeDeploy } from '../../../src/plan/deploy.ts'
import { decodeManifest, encodeManifest, type Manifest } from '../../../src/plan/manifest.ts'
import { decodePointer, encodePointer, type Pointer } from '../../../src/plan/pointer.ts'
import { contentDigest, decodeRelease, encodeRelease, type Release, releaseId } from '../../../src/plan/release.ts'

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

const RELEASE: Release = {
  id: 'r7-abcdef',
  seq: 7,
  channel: 'production',
  createdAt: '2026-01-01T00:00:00.000Z',
  mode: 'host',
  url: 'https://cdn.example.com/',
  paths: new Map([['__proto__', 'a/__proto__.x']]),
  stored: new Map([['index.html', { sha256: SHA, headers: HEADERS }]]),
  pages: new Map([['index.html', SHA]]),
  lingering: new Set(['a/gone.x.png']),
}

const POINTER: Pointer = {
  seq: 7,
  manifest: { etag: 'tag', sha256: SHA },
  channels: new Map([['production', { release: 'r7-abcdef', seq: 7, content: SHA, url: null, mode: 'mirror' }]]),
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

const DEPLOY: Deploy = { seq: 8, channel: 'production', keys: ['__proto__', 'index.html'] }

describe('releases, deploys and the pointer', () => {
  it('come back as they were', () => {
    expect(decodeDeploy(encodeDeploy(DEPLOY), 'd')).toEqual(DEPLOY)
    expect(decodeRelease(encodeRelease(RELEASE), 'r')).toEqual(RELEASE)
    expect(decodePointer(encodePointer(POINTER), 'p')).toEqual(POINTER)
  })

  it.each(['', '{', '{}', '{"v":2}', 'null', '[]', '<html>'])('%j is none', (text) => {
    expect(() => decodeDeploy(Buffer.from(text), 'd')).toThrow(BROKEN)
    expect(() => decodeRelease(Buffer.from(text), 'r')).toThrow(BROKEN)
    expect(() => decodePointer(Buffer.from(text), 'p')).toThrow(BROKEN)
  })

  it('have an id that tells number and content', () => {
    const digest = contentDigest(RELEASE)
    expect(releaseId(7, digest)).toMatch(/^r7-[a-z2-7]{6}$/)
    expect(contentDigest({ ...RELEASE, pages: new Map() })).not.toBe(digest)
    expect(contentDigest({ ...RELEASE, paths: new Map([...RELEASE.paths].reverse()) })).toBe(digest)
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
