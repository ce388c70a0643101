import { describe, expect, it } from 'vitest'
import type { Manifest, ManifestRow } from '../../../src/plan/manifest.ts'
import { type DesiredObject, plan } from '../../../src/plan/plan.ts'
import type { Digest, HeaderSet } from '../../../src/words/model.ts'

const ONE = '1'.repeat(64)
const TWO = '2'.repeat(64)
const HEADERS: HeaderSet = { 'content-type': 'image/png', 'cache-control': 'public, max-age=300' }

function desired(key: string, sha256: Digest = ONE, headers: HeaderSet = HEADERS): DesiredObject {
  const body = { size: 3, sha256, read: async () => new Uint8Array(3) }
  return { key, path: key, fileClass: 'asset', mutable: true, headers, body }
}

function manifest(...rows: Partial<ManifestRow>[]): Manifest {
  const full = rows.map(
    (row): ManifestRow => ({
      key: 'x',
      sha256: ONE,
      size: 3,
      headers: HEADERS,
      etag: 'e',
      unnamedSince: undefined,
      ...row,
    }),
  )
  return { seq: 1, rows: new Map(full.map((row) => [row.key, row])) }
}

const decide = (objects: DesiredObject[], known?: Manifest, more: Partial<Parameters<typeof plan>[0]> = {}) =>
  plan({
    desired: objects,
    manifest: known,
    sent: new Map(),
    namedElsewhere: new Set(),
    hasPages: false,
    ...more,
  }).map(({ op, reason }) => `${op}: ${reason}`)

describe('the plan gives every object one action and its reason', () => {
  it('puts what is new', () => expect(decide([desired('x')])).toEqual(['put: new']))

  it('puts what has other bytes', () => expect(decide([desired('x', TWO)], manifest({}))).toEqual(['put: content']))

  it('keeps what is the same', () => expect(decide([desired('x')], manifest({}))).toEqual(['keep: same']))

  it('changes headers alone when only they differ, naming them', () => {
    const headers = { ...HEADERS, 'cache-control': 'no-store', 'content-language': 'de' }
    expect(decide([desired('x', ONE, headers)], manifest({}))).toEqual([
      'reheader: cache-control: public, max-age=300 -> no-store; content-language: unset -> de',
    ])
  })

  it('does not mind the order in which headers are written', () => {
    const headers = Object.fromEntries(Object.entries(HEADERS).reverse())
    expect(decide([desired('x', ONE, headers)], manifest({}))).toEqual(['keep: same'])
  })

  it('expires what nobody names any more, once', () => {
    expect(decide([], manifest({}))).toEqual(['expire: no longer named; kept until it is pruned'])
    expect(decide([], manifest({ unnamedSince: '2026-01-01T00:00:00Z' }))).toEqual([])
  })

  it('leaves alone what another channel names', () => {
    expect(decide([], manifest({}), { namedElsewhere: new Set(['x']) })).toEqual([])
  })

  it('looks before it believes that a build has sent something', () => {
    expect(decide([desired('x')], undefined, { sent: new Map([['x', 'sent by the build']]) })).toEqual([
      'confirm: sent by the build',
    ])
  })

  it('removes a page that the site no longer has, where pages lie in the store, and no other file', () => {
    const known = manifest({ key: 'old.html' }, { key: 'old.png' }, { key: 'a/old.x.html', etag: undefined })
    expect(decide([], known, { hasPages: true })).toEqual([
      'remove: the site has no such page any more',
      'expire: no longer named; kept until it is pruned',
      'expire: no longer named; kept until it is pruned',
    ])
    expect(decide([], manifest({ key: 'old.html' }))).toEqual(['expire: no longer named; kept until it is pruned'])
    expect(
      decide([], manifest({ key: 'old.html' }), { hasPages: true, namedElsewhere: new Set(['old.html']) }),
    ).toEqual([])
    expect(decide([desired('old.html')], manifest({ key: 'old.html' }), { hasPages: true })).toEqual(['keep: same'])
  })

  it('removes such a page also when it has expired before: it still answers', () => {
    const unnamedSince = '2026-01-01T00:00:00Z'
    const known = manifest({ key: 'old.html', unnamedSince }, { key: 'old.png', unnamedSince })
    expect(decide([], known, { hasPages: true })).toEqual(['remove: the site has no such page any more'])
    expect(decide([], known)).toEqual([])
  })

  it('keeps a key that comes back', () => {
    expect(decide([desired('x')], manifest({ unnamedSince: '2026-01-01T00:00:00Z' }))).toEqual(['keep: same'])
  })
})
