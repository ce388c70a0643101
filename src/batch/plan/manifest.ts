import * as v from 'valibot'
import { SHA256 } from '../../images/plan/keys.ts'
import { LadingError } from '../../words/errors.ts'
import { BATCH_ID, ITEM_ID, RECIPE_ID, SHARD_ITEMS, shardId } from './keys.ts'

/** What a batch is: `b/<batch>/manifest.json`, written once. Its items stand in its shards' own files. */
export interface BatchManifest {
  readonly v: 1
  readonly batch: string
  readonly recipe: string
  readonly lane: 'hi' | 'std' | 'bulk'
  readonly items: number
  /** Items of each shard but the last. */
  readonly shardItems: number
  /** ISO 8601. */
  readonly createdAt: string
  /** When it closes with what has arrived. ISO 8601. */
  readonly deadline: string
  /** Predicted for all its items together. */
  readonly coreSeconds: number
}

/** One image of a batch: a line of `b/<batch>/m/<shard>.ndjson`. */
export interface BatchItem {
  readonly item: string
  /** The image's path in the folder it came from, for people. */
  readonly path: string
  readonly src: ItemSource
  /** Core-seconds. */
  readonly predicted: number
}

/** An item's original, and what was seen of it when it was submitted. */
export interface ItemSource {
  readonly key: string
  readonly sha256: string
  readonly bytes: number
  /** `image/jpeg`. */
  readonly type: string
  /** In pixels; absent where the header could not be read. */
  readonly width?: number | undefined
  readonly height?: number | undefined
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** Their names have four digits. */
const MOST_SHARDS = 10_000

const MANIFEST_FIELDS = v.object({
  v: v.literal(1),
  batch: v.pipe(v.string(), v.regex(BATCH_ID)),
  recipe: v.pipe(v.string(), v.regex(RECIPE_ID)),
  lane: v.picklist(['hi', 'std', 'bulk']),
  items: count,
  shardItems: v.pipe(count, v.minValue(1), v.maxValue(SHARD_ITEMS)),
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  deadline: v.pipe(v.string(), v.isoTimestamp()),
  coreSeconds: v.pipe(v.number(), v.minValue(0)),
})

const BATCH_MANIFEST: v.GenericSchema<unknown, BatchManifest> = v.pipe(
  MANIFEST_FIELDS,
  v.check(({ items, shardItems }) => items <= MOST_SHARDS * shardItems),
)

const ITEM: v.GenericSchema<unknown, BatchItem> = v.object({
  item: v.pipe(v.string(), v.regex(ITEM_ID)),
  path: v.string(),
  src: v.object({
    key: v.string(),
    sha256: v.pipe(v.string(), v.regex(SHA256)),
    bytes: count,
    type: v.string(),
    width: v.optional(count),
    height: v.optional(count),
  }),
  predicted: v.pipe(v.number(), v.minValue(0)),
})

/** @throws E_MANIFEST */
export function decodeBatchManifest(bytes: Uint8Array, label: string): BatchManifest {
  return decoded(BATCH_MANIFEST, Buffer.from(bytes).toString('utf8'), label)
}

export function encodeBatchManifest(manifest: BatchManifest): Uint8Array {
  return Buffer.from(JSON.stringify(manifest))
}

/** @throws E_MANIFEST */
export function decodeItems(bytes: Uint8Array, label: string): readonly BatchItem[] {
  const lines = Buffer.from(bytes).toString('utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => decoded(ITEM, line, label))
}

export function encodeItems(items: readonly BatchItem[]): Uint8Array {
  return Buffer.from(items.map((item) => `${JSON.stringify(item)}\n`).join(''))
}

/** The shards of a batch, in order: `0000`, `0001`. */
export function shardsOf({ items, shardItems }: Pick<BatchManifest, 'items' | 'shardItems'>): readonly string[] {
  return Array.from({ length: Math.ceil(items / shardItems) }, (_, shard) => shardId(shard))
}

/** How many items a shard has; 0 when the batch has no such shard. */
export function itemsInShard(
  { items, shardItems }: Pick<BatchManifest, 'items' | 'shardItems'>,
  shard: string,
): number {
  return Math.max(0, Math.min(shardItems, items - Number(shard) * shardItems))
}

function decoded<T>(schema: v.GenericSchema<unknown, T>, text: string, label: string): T {
  try {
    return v.parse(schema, JSON.parse(text))
  } catch (cause) {
    throw new LadingError('E_MANIFEST', 'What the store says of a batch cannot be read', {
      subject: label,
      why: 'It is damaged, or written by a newer Lading. Nothing was changed.',
      hint: 'Update Lading, or submit the batch again under another name.',
      cause,
    })
  }
}
