import { describe, expect, it } from 'vitest'
import {
  type BatchItem,
  type BatchManifest,
  decodeBatchManifest,
  decodeItems,
  encodeBatchManifest,
  encodeItems,
  itemsInShard,
  shardsOf,
} from '../../../src/batch/plan/manifest.ts'

const MANIFEST: BatchManifest = {
  v: 1,
  batch: 'photos-1',
  recipe: 'r1-0123456789ab',
  lane: 'std',
  items: 2001,
  shardItems: 1000,
  createdAt: '2026-11-20T10:00:00.000Z',
  deadline: '2026-11-20T22:00:00.000Z',
  coreSeconds: 1740.9,
}

const ITEM: BatchItem = {
  item: '0000-0007',
  path: 'harbour\n"quay".jpg',
  src: {
    key: `o/ab/${'ab'.repeat(32)}.jpg`,
    sha256: 'ab'.repeat(32),
    bytes: 829_183,
    type: 'image/jpeg',
    width: 2725,
    height: 2225,
  },
  predicted: 0.87,
}

describe('what the store says of a batch', () => {
  it('is read as it was written', () => {
    expect(decodeBatchManifest(encodeBatchManifest(MANIFEST), 'b')).toEqual(MANIFEST)
    const bare = { ...ITEM, item: '0000-0008', src: { ...ITEM.src, width: undefined, height: undefined } }
    expect(decodeItems(encodeItems([ITEM, bare]), 'm')).toEqual([ITEM, bare])
    expect(decodeItems(encodeItems([]), 'm')).toEqual([])
  })

  it('divides its items into shards, the last of which has the rest', () => {
    expect(shardsOf(MANIFEST)).toEqual(['0000', '0001', '0002'])
    expect(shardsOf(MANIFEST).map((shard) => itemsInShard(MANIFEST, shard))).toEqual([1000, 1000, 1])
    expect(itemsInShard(MANIFEST, '0003')).toBe(0)
    expect(shardsOf({ items: 0, shardItems: 1000 })).toEqual([])
  })

  it.each([
    ['torn', '{"v":1,"batch":"pho'],
    ['of a later version', JSON.stringify({ ...MANIFEST, v: 2 })],
    ['with a name that leaves its place', JSON.stringify({ ...MANIFEST, batch: '../other' })],
    ['with fewer than no items', JSON.stringify({ ...MANIFEST, items: -1 })],
    ['with a shard that no single page lists', JSON.stringify({ ...MANIFEST, shardItems: 1001 })],
    ['without a time', JSON.stringify({ ...MANIFEST, deadline: 'soon' })],
  ])('is not believed when it is %s', (_, text) => {
    expect(() => decodeBatchManifest(Buffer.from(text), 's3://b/manifest.json')).toThrow(
      expect.objectContaining({ code: 'E_MANIFEST', exitCode: 7, subject: 's3://b/manifest.json' }),
    )
  })
})
