import { createHash } from 'node:crypto'
import type { Encoding } from '../../images/plan/core-seconds.ts'
import type { Store } from '../../store/store.ts'
import { bytesBody } from '../../transfer/bytes-body.ts'
import { LadingError, printable } from '../../words/errors.ts'
import { BATCH_ID, batchManifestKey, itemId, recipeKey, SHARD_ITEMS, shardManifestKey } from '../plan/keys.ts'
import {
  type BatchItem,
  type BatchManifest,
  decodeItems,
  encodeBatchManifest,
  encodeItems,
  shardsOf,
} from '../plan/manifest.ts'
import { workOf } from '../plan/work.ts'
import type { Original } from '../receipts/originals.ts'
import { arrivalsOf, readBatchManifest, shardOf } from '../receipts/receipts.ts'

/** A recipe as a batch needs it. */
export interface BatchRecipe {
  readonly id: string
  /** Canonical JSON. */
  readonly json: string
  readonly encodings: readonly Encoding[]
}

export interface PlanOptions {
  readonly recipe: BatchRecipe
  readonly lane: BatchManifest['lane']
  /** From submit until the batch closes with what has arrived. */
  readonly deadlineSeconds: number
  /** @default derived from its content, so that repeating the command continues the same batch */
  readonly batch?: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  /** @default 1000 */
  readonly shardItems?: number | undefined
}

export interface PlannedBatch {
  readonly manifest: BatchManifest
  readonly items: readonly BatchItem[]
}

/** What a batch will be. Nothing is written yet. */
export function planBatch(originals: readonly Original[], options: PlanOptions): PlannedBatch {
  const { recipe, lane, now, shardItems = SHARD_ITEMS } = options
  const items = originals.map(({ path, src }, at) => ({
    item: itemId(Math.floor(at / shardItems), at % shardItems),
    path,
    src,
    predicted: workOf(src, recipe.encodings).coreSeconds,
  }))
  const manifest: BatchManifest = {
    v: 1,
    batch: checkedName(options.batch ?? nameOf(items, recipe)),
    recipe: recipe.id,
    lane,
    items: items.length,
    shardItems,
    createdAt: new Date(now).toISOString(),
    deadline: new Date(now + options.deadlineSeconds * 1000).toISOString(),
    coreSeconds: items.reduce((sum, { predicted }) => sum + predicted, 0),
  }
  return { manifest, items }
}

/**
 * Writes recipe, items, and last the manifest, from which point the batch exists. An existing batch is continued, with
 * its own deadline, or with a new one once that has passed: with the old one no worker would begin an image.
 *
 * @throws E_BATCH when the name belongs to a different batch
 */
export async function writeBatch(
  store: Store,
  { manifest, items }: PlannedBatch,
  recipe: BatchRecipe,
): Promise<BatchManifest> {
  const { batch } = manifest
  const begun = await readBatchManifest(store, batch)
  if (begun) return sameBatch(store, begun, { manifest, items })
  const json = { 'content-type': 'application/json' }
  await store.put(recipeKey(recipe.id), bytesBody(Buffer.from(recipe.json)), json, { when: 'absent' })
  for (const shard of shardsOf(manifest)) {
    const start = Number(shard) * manifest.shardItems
    const lines = encodeItems(items.slice(start, start + manifest.shardItems))
    // Overwrites: a killed run may have had another order of files, and shards count only once the manifest exists.
    await store.put(shardManifestKey(batch, shard), bytesBody(lines), { 'content-type': 'application/x-ndjson' })
  }
  const body = bytesBody(encodeBatchManifest(manifest))
  const { status } = await store.put(batchManifestKey(batch), body, json, { when: 'absent' })
  if (status === 'stored') return manifest
  const other = await readBatchManifest(store, batch)
  return other ? sameBatch(store, other, { manifest, items }) : manifest
}

async function sameBatch(
  store: Store,
  begun: BatchManifest,
  { manifest, items }: PlannedBatch,
): Promise<BatchManifest> {
  const stored = await readItems(store, begun)
  const isSame =
    begun.recipe === manifest.recipe &&
    stored.length === items.length &&
    stored.every(({ path, src }, at) => path === items[at]?.path && src.sha256 === items[at]?.src.sha256)
  if (isSame) return inTime(store, begun, manifest)
  throw new LadingError('E_BATCH', `there is another batch "${printable(begun.batch)}"`, {
    subject: begun.batch,
    why: 'it has other images or another recipe',
    hint: 'Leave --batch out, or choose another name.',
  })
}

async function inTime(
  store: Store,
  begun: BatchManifest,
  { createdAt, deadline }: BatchManifest,
): Promise<BatchManifest> {
  if (begun.deadline > createdAt) return begun
  const prolonged = { ...begun, deadline }
  await store.put(batchManifestKey(begun.batch), bytesBody(encodeBatchManifest(prolonged)), {
    'content-type': 'application/json',
  })
  return prolonged
}

/** All items of a batch, in order. */
export async function readItems(
  store: Store,
  manifest: BatchManifest,
  signal?: AbortSignal,
): Promise<readonly BatchItem[]> {
  const items: BatchItem[] = []
  for (const shard of shardsOf(manifest))
    items.push(...(await readShardItems(store, { batch: manifest.batch, shard }, signal)))
  return items
}

/** @throws E_MANIFEST when the shard's file is not there */
export async function readShardItems(
  store: Store,
  { batch, shard }: { readonly batch: string; readonly shard: string },
  signal?: AbortSignal,
): Promise<readonly BatchItem[]> {
  const key = shardManifestKey(batch, shard)
  const found = await store.get(key, { signal })
  if (found) return decodeItems(found.bytes, `${store.label}${key}`)
  throw new LadingError('E_MANIFEST', 'the items of a batch are not there', {
    subject: `${store.label}${key}`,
    why: 'Its manifest is, so they were removed since.',
    hint: 'Submit the images again under another name: --batch NAME.',
  })
}

/** Items that have no receipt yet: what a submit has to send, and no more. */
export async function unsentItems(
  store: Store,
  manifest: BatchManifest,
  signal?: AbortSignal,
): Promise<readonly BatchItem[]> {
  const unsent: BatchItem[] = []
  for (const shard of shardsOf(manifest)) {
    const missing = new Set((await arrivalsOf(store, shardOf(manifest, shard), signal)).missing)
    if (missing.size === 0) continue
    const items = await readShardItems(store, { batch: manifest.batch, shard }, signal)
    unsent.push(...items.filter(({ item }) => missing.has(item)))
  }
  return unsent
}

/** The same images and recipe make the same name. */
function nameOf(items: readonly BatchItem[], recipe: BatchRecipe): string {
  const hash = createHash('sha256').update(recipe.id)
  for (const { path, src } of items) hash.update(`\n${JSON.stringify(path)} ${src.sha256}`)
  return `b-${hash.digest('hex').slice(0, 16)}`
}

function checkedName(name: string): string {
  if (BATCH_ID.test(name)) return name
  throw new LadingError('E_USAGE', `"${printable(name)}" cannot name a batch`, {
    why: 'it is part of keys',
    hint: 'Write it with letters, digits and "-", up to 64 of them.',
  })
}
