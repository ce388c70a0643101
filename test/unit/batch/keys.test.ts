import { describe, expect, it } from 'vitest'
import * as batchKeys from '../../../src/batch/plan/keys.ts'
import * as imageKeys from '../../../src/images/plan/keys.ts'

const keys = { ...imageKeys, ...batchKeys }

const SHA = 'ab12'.padEnd(64, '0')
const BATCH = '01KE5YQ2J8Z3V9X7W6T4R1P0NM'

describe('the keys of a batch', () => {
  it.each([
    [keys.originalKey(SHA, 'jpg'), `o/ab/${SHA}.jpg`],
    [keys.recipeKey('r1-9f2c41d07b6a'), 'r/r1-9f2c41d07b6a.json'],
    [keys.variantsPrefix(SHA), `v/ab/${SHA.slice(0, 24)}/`],
    [keys.variantKey(SHA, '4f1c', 640, 'avif'), `v/ab/${SHA.slice(0, 24)}/4f1c-640.avif`],
    [keys.batchManifestKey(BATCH), `b/${BATCH}/manifest.json`],
    [keys.shardManifestKey(BATCH, '0007'), `b/${BATCH}/m/0007.ndjson`],
    [keys.doneReceiptKey(BATCH, '0007-0421'), `b/${BATCH}/d/0007/0007-0421.json`],
    [keys.failureReceiptKey(BATCH, '0007-0421'), `b/${BATCH}/f/0007/0007-0421.json`],
    [keys.crashKey(BATCH, '0007-0421', 2), `b/${BATCH}/crash/0007-0421/2`],
    [keys.closedShardKey(BATCH, '0007'), `b/${BATCH}/s/0007.json`],
    [keys.batchResultKey(BATCH), `b/${BATCH}/result.json`],
    [keys.cancelKey(BATCH), `b/${BATCH}/cancel.json`],
    [keys.LEADER_KEY, 'control/leader.json'],
    [keys.fleetKey('i-0abc'), 'control/fleet/i-0abc.json'],
    [keys.bundleKey(SHA), `bundles/${SHA}.tar.gz`],
    [keys.sentKey(BATCH), `b/${BATCH}/sent.json`],
    [keys.toldKey(BATCH), `b/${BATCH}/told.json`],
    [keys.imageManifestKey(BATCH), `b/${BATCH}/images.json`],
    [keys.contactSheetKey(BATCH), `b/${BATCH}/index.html`],
  ])('%s', (key, expected) => {
    expect(key).toBe(expected)
    expect(keys.isOfBulk(key)).toBe(!key.endsWith('/'))
  })

  it.each([
    ...['index.html', 'v/index.html', 'v/ab/x.png', 'o/photo.jpg', 'r/feed.json', 'b/index.html', 'b/blog/post.html'],
    ...[
      'control/panel.html',
      'bundles/main.js',
      `a/v/ab/${SHA.slice(0, 24)}/x.avif`,
      `v/cd/${SHA.slice(0, 24)}/x.avif`,
    ],
  ])('are not those of a site: %s', (key) => {
    expect(keys.isOfBulk(key)).toBe(false)
  })

  it('lie below the prefixes that listings ask for', () => {
    expect(keys.doneReceiptKey(BATCH, '0007-0421').startsWith(keys.doneReceiptsPrefix(BATCH, '0007'))).toBe(true)
    expect(keys.failureReceiptKey(BATCH, '0007-0421').startsWith(keys.failureReceiptsPrefix(BATCH, '0007'))).toBe(true)
    expect(keys.crashKey(BATCH, '0007-0421', 1).startsWith(keys.crashesPrefix(BATCH, '0007-0421'))).toBe(true)
    expect(keys.closedShardKey(BATCH, '0007').startsWith(keys.closedShardsPrefix(BATCH))).toBe(true)
    expect(keys.fleetKey('i-0abc').startsWith(keys.FLEET_PREFIX)).toBe(true)
  })

  it('number shards and the items in them', () => {
    expect(keys.shardId(7)).toBe('0007')
    expect(keys.itemId(7, keys.SHARD_ITEMS - 1)).toBe('0007-0999')
    expect(keys.shardOfItem('0007-0999')).toBe('0007')
    for (const place of [-1, 1.5, keys.SHARD_ITEMS]) expect(() => keys.itemId(7, place)).toThrow('cannot be the item')
    expect(() => keys.shardId(10_000)).toThrow('cannot be the shard')
  })

  it.each(['', '..', '../x', 'a/b', 'a\n', 'a b', '-a', '.', 'x'.repeat(65)])('take no batch called %j', (batch) => {
    expect(() => keys.batchPrefix(batch)).toThrow('cannot be the batch')
    expect(() => keys.fleetKey(batch)).toThrow('cannot be the instance')
  })

  it('of originals hold their digest', () => {
    expect(keys.isOriginalKey(keys.originalKey(SHA, 'png'), SHA)).toBe(true)
    const others = [
      'v/ab/x',
      `o/ab/${SHA}`,
      `o/ab/${SHA}.`,
      `o/ab/${SHA}.png/../x`,
      `o/cd/${SHA}.png`,
      `/o/ab/${SHA}.png`,
    ]
    for (const key of others) expect(keys.isOriginalKey(key, SHA)).toBe(false)
    expect(keys.isOriginalKey('o/../.png', '..')).toBe(false)
  })

  it('of variants lie below their source', () => {
    expect(keys.isVariantKey(keys.variantKey(SHA, 'op', 640, 'avif'), SHA)).toBe(true)
    const prefix = keys.variantsPrefix(SHA)
    for (const key of [
      prefix,
      `${prefix}../x-1.avif`,
      `${prefix}x-0.avif`,
      `${prefix}x-1`,
      keys.originalKey(SHA, 'jpg'),
    ]) {
      expect(keys.isVariantKey(key, SHA)).toBe(false)
    }
  })
})
