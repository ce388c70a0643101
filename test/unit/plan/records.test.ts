import { describe, expect, it } from 'vitest'
import { type Deploy, decodeDeploy, deployName, encodeDeploy } from '../../../src/plan/deploy.ts'
import { decodePointer, encodePointer, NO_POINTER, type Pointer } from '../../../src/plan/pointer.ts'
import { contentDigest, decodeRelease, encodeRelease, type Release, releaseId } from '../../../src/plan/release.ts'
import type { ProbedFacts } from '../../../src/store/store.ts'

const SHA = 'ab'.repeat(32)
const HEADERS = { 'content-type': 'text/css', 'cache-control': 'public' }
const ORDER = { counter: 'github:Deploy', number: 41 }
const TIME = '2026-01-01T00:00:00.000Z'

const FACTS: ProbedFacts = {
  conditionalWrites: 'full',
  conditionalCopy: true,
  conditionalRemove: false,
  checksum: 'sha256',
  etagIsMd5: true,
  reheader: true,
  forgets: ['content-language'],
}

const RELEASE: Release = {
  id: 'r7-abcdef',
  seq: 7,
  channel: 'production',
  createdAt: TIME,
  previous: 'r5-ghijkl',
  restores: 'r3-mnopqr',
  mode: 'host',
  url: 'https://cdn.example.com/',
  paths: new Map([['__proto__', 'a/__proto__.x']]),
  stored: new Map([['index.html', { sha256: SHA, headers: HEADERS }]]),
  pages: new Map([['index.html', SHA]]),
  lingering: new Set(['a/gone.x.png']),
}

const POINTER: Pointer = {
  seq: 7,
  fence: 2,
  manifest: { etag: 'tag', sha256: SHA },
  facts: { site: FACTS, state: { ...FACTS, conditionalWrites: 'none', checksum: 'md5', forgets: [] } },
  channels: new Map([
    ['__proto__', { release: 'r7-abcdef', seq: 7, content: SHA, url: null, mode: 'mirror', order: ORDER }],
  ]),
  ended: new Map([['preview', { release: 'r2-abcdef', endedAt: TIME }]]),
  owed: [{ seq: 6, paths: ['/_a/photo.png'] }],
}

const DEPLOY: Deploy = {
  seq: 8,
  phase: 'publish',
  epoch: 3,
  holder: '0a1b2c',
  channel: 'production',
  order: ORDER,
  startedAt: TIME,
  renewals: 12,
  leaseMs: 30_000,
  keys: ['__proto__', 'index.html'],
  cdn: true,
}

/** Each kind of record: a full one, the smallest one, and its way there and back. */
const KINDS = {
  deploy: {
    through: (value: Deploy) => decodeDeploy(encodeDeploy(value), 'd'),
    full: DEPLOY,
    least: { ...DEPLOY, phase: 'upload', holder: '', order: undefined, keys: [], cdn: false } satisfies Deploy,
    encode: () => encodeDeploy(DEPLOY),
    decode: (bytes: Uint8Array): unknown => decodeDeploy(bytes, 's3://b/it'),
  },
  release: {
    through: (value: Release) => decodeRelease(encodeRelease(value), 'r'),
    full: RELEASE,
    least: {
      ...{ ...RELEASE, previous: undefined, restores: undefined, url: undefined, mode: 'mirror' },
      ...{ paths: new Map(), stored: new Map(), pages: new Map(), lingering: new Set<string>() },
    } satisfies Release,
    encode: () => encodeRelease(RELEASE),
    decode: (bytes: Uint8Array): unknown => decodeRelease(bytes, 's3://b/it'),
  },
  pointer: {
    through: (value: Pointer) => decodePointer(encodePointer(value), 'p'),
    full: POINTER,
    least: NO_POINTER,
    encode: () => encodePointer(POINTER),
    decode: (bytes: Uint8Array): unknown => decodePointer(bytes, 's3://b/it'),
  },
}

/** Fields of each kind with values that they cannot have. */
const DAMAGE: readonly (readonly [keyof typeof KINDS, string, readonly unknown[]])[] = [
  ['deploy', 'v', [2, '1', undefined]],
  ['deploy', 'seq', ['8', 1.5, undefined]],
  ['deploy', 'phase', ['done', undefined]],
  ['deploy', 'epoch', [null, undefined]],
  ['deploy', 'holder', [0, undefined]],
  ['deploy', 'channel', [null, undefined]],
  ['deploy', 'order', ['41', { counter: 'a' }, null]],
  ['deploy', 'startedAt', [0, undefined]],
  ['deploy', 'renewals', ['1', undefined]],
  ['deploy', 'leaseMs', ['30s', undefined]],
  ['deploy', 'cdn', ['yes', null]],
  ['deploy', 'keys', ['index.html', [1], undefined]],
  ['release', 'v', [2, undefined]],
  ['release', 'id', [7, undefined]],
  ['release', 'seq', ['7', undefined]],
  ['release', 'channel', [null, undefined]],
  ['release', 'createdAt', [0, undefined]],
  ['release', 'previous', [7, null]],
  ['release', 'restores', [[], null]],
  ['release', 'mode', ['push', undefined]],
  ['release', 'url', [1, undefined]],
  ['release', 'headers', [{}, undefined]],
  ['release', 'paths', [{}, [['a']], undefined]],
  ['release', 'stored', [[['k', 1, 0]], undefined]],
  ['release', 'pages', [[[1, SHA]], undefined]],
  ['release', 'lingering', [[1], undefined]],
  ['pointer', 'v', [2, undefined]],
  ['pointer', 'seq', ['7', 2 ** 60, undefined]],
  ['pointer', 'fence', ['1', 0.5]],
  ['pointer', 'manifest', [{ etag: 'tag' }, { sha256: SHA }, null, undefined]],
  ['pointer', 'facts', [null, { site: {} }, { site: { ...FACTS, conditionalWrites: 'some' } }, { state: 'full' }]],
  ['pointer', 'channels', [{}, [['main']], [['main', { release: 'r7-abcdef' }]], undefined]],
  ['pointer', 'owed', [{}, [{ seq: 6 }], [{ seq: '6', paths: [] }], [{ seq: 6, paths: [1] }], [null]]],
  ['pointer', 'ended', [{}, [['main', { release: 'r7-abcdef' }]], [['main', null]]]],
]

describe('records of the state', () => {
  it('come back as they were, a channel or file called __proto__ among them', () => {
    expect(KINDS.deploy.through(KINDS.deploy.full)).toEqual(KINDS.deploy.full)
    expect(KINDS.release.through(KINDS.release.full)).toEqual(KINDS.release.full)
    expect(KINDS.pointer.through(KINDS.pointer.full)).toEqual(KINDS.pointer.full)
  })

  it('come back with what they may lack', () => {
    expect(KINDS.deploy.through(KINDS.deploy.least)).toEqual(KINDS.deploy.least)
    expect(KINDS.release.through(KINDS.release.least)).toEqual(KINDS.release.least)
    expect(KINDS.pointer.through(KINDS.pointer.least)).toEqual(KINDS.pointer.least)
  })

  it('have the same bytes for the same content, whatever the order', () => {
    const keys = [...DEPLOY.keys].reverse()
    expect(encodeDeploy({ ...DEPLOY, keys })).toEqual(encodeDeploy(DEPLOY))
    const [live] = POINTER.channels.values()
    if (live === undefined) throw new Error('the sample has a channel')
    const two: [string, typeof live][] = [
      ['b', live],
      ['a', live],
    ]
    const pointer = (channels: [string, typeof live][]): Pointer => ({ ...POINTER, channels: new Map(channels) })
    expect(encodePointer(pointer(two))).toEqual(encodePointer(pointer([...two].reverse())))
  })

  it('hold nothing that is not set', () => {
    const names = (bytes: Uint8Array): string[] => Object.keys(JSON.parse(Buffer.from(bytes).toString()))
    expect(names(encodePointer(NO_POINTER))).toEqual(['v', 'seq', 'channels'])
    expect(names(encodeDeploy(KINDS.deploy.least))).not.toContain('order')
    expect(names(encodeRelease(KINDS.release.least))).not.toContain('previous')
  })

  it.each(['', '{', '{}', '{"v":2}', 'null', '[]', '"v"', '<html>'])('are not %j', (text) => {
    for (const { decode } of Object.values(KINDS)) {
      expect(() => decode(Buffer.from(text))).toThrow(
        expect.objectContaining({ code: 'E_MANIFEST', exitCode: 7, subject: 's3://b/it' }),
      )
    }
  })

  it.each(Object.entries(KINDS))('are refused when torn: %s', (_, { encode, decode }) => {
    const bytes = encode()
    for (let length = 0; length < bytes.length - 1; length += 7) {
      expect(() => decode(bytes.subarray(0, length))).toThrow(expect.objectContaining({ code: 'E_MANIFEST' }))
    }
  })

  it.each(DAMAGE)('are refused: %s with another %s than %j', (kind, field, values) => {
    const { encode, decode } = KINDS[kind]
    const file: Record<string, unknown> = JSON.parse(Buffer.from(encode()).toString())
    for (const value of values) {
      const damaged = JSON.stringify({ ...file, [field]: value })
      expect(() => decode(Buffer.from(damaged)), damaged).toThrow(expect.objectContaining({ code: 'E_MANIFEST' }))
    }
  })

  it('are read when a later version has added a field', () => {
    for (const { encode, decode, full } of Object.values(KINDS)) {
      const file: Record<string, unknown> = JSON.parse(Buffer.from(encode()).toString())
      expect(decode(Buffer.from(JSON.stringify({ ...file, later: true })))).toEqual(full)
    }
  })
})

it('a pointer without a manifest is one of before the first publish, and no other', () => {
  const text = (seq: number): Buffer => Buffer.from(JSON.stringify({ v: 1, seq, fence: 1, channels: [] }))
  expect(decodePointer(text(0), 'p')).toEqual({ ...NO_POINTER, fence: 1 })
  expect(() => decodePointer(text(1), 'p')).toThrow(expect.objectContaining({ code: 'E_MANIFEST' }))
})

it('a deploy is called by its number', () => expect(deployName(8)).toBe('d8'))

describe('the id of a release', () => {
  it('tells number and content, channel and what was before', () => {
    const about = { seq: 7, channel: 'production', previous: 'r6-abcdef', restores: undefined }
    const others = [
      { ...about, channel: 'preview' },
      { ...about, previous: undefined },
      { ...about, restores: 'r5-abcdef' },
      { ...about, previous: undefined, restores: 'r6-abcdef' },
    ]
    const ids = [releaseId(about, RELEASE), releaseId(about, { ...RELEASE, pages: new Map() })]
    ids.push(...others.map((other) => releaseId(other, RELEASE)))
    for (const id of ids) expect(id).toMatch(/^r7-[a-z2-7]{6}$/)
    expect(new Set(ids).size).toBe(ids.length)
    const later: Release = { ...RELEASE, ...about, createdAt: '' }
    expect(releaseId(later, later)).toBe(ids[0])
  })

  it('its content has a digest of its own', () => {
    const digest = contentDigest(RELEASE)
    expect(contentDigest({ ...RELEASE, pages: new Map() })).not.toBe(digest)
    expect(contentDigest({ ...RELEASE, paths: new Map([...RELEASE.paths].reverse()) })).toBe(digest)
  })

  it('which does not depend on who published it, when, and after what', () => {
    const other: Release = { ...RELEASE, id: 'r9-x', seq: 9, channel: 'x', createdAt: '', previous: undefined }
    expect(contentDigest(other)).toBe(contentDigest(RELEASE))
  })
})
