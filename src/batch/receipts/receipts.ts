import { parseJson } from '../../plan/state-file.ts'
import type { Store } from '../../store/store.ts'
import { forEachBounded } from '../../transfer/pool.ts'
import { LadingError } from '../../words/errors.ts'
import {
  batchManifestKey,
  doneReceiptKey,
  doneReceiptsPrefix,
  failureReceiptKey,
  failureReceiptsPrefix,
  itemId,
} from '../plan/keys.ts'
import { type BatchManifest, decodeBatchManifest, itemsInShard } from '../plan/manifest.ts'

/** Requests at once while receipts are read. */
const READS_AT_ONCE = 32

/** Assumed maximum memory of a receipt, in bytes: its size is not known before it is read. */
const RECEIPT_BYTES = 16 * 1024

/** Which items of a shard have ended. An item is in one of the sets, never in both. */
export interface Arrivals {
  readonly items: number
  readonly done: readonly string[]
  /** Failures count as arrivals, or a batch with one would never end. */
  readonly failed: readonly string[]
  readonly missing: readonly string[]
}

/** One shard of a batch, and how many items it has. */
export interface ShardOf {
  readonly batch: string
  readonly shard: string
  readonly items: number
}

/**
 * Counts a shard's receipts by listing them. Receipts are only ever added, and a listing shows every one that was put
 * before it began, so the worker that puts the last receipt sees them all. A counter would be a single key that every
 * worker writes. An item that one worker gave up and another then finished has both receipts: it counts once, as done.
 */
export async function arrivalsOf(
  store: Store,
  { batch, shard, items }: ShardOf,
  signal?: AbortSignal,
): Promise<Arrivals> {
  const ids = Array.from({ length: items }, (_, place) => itemId(Number(shard), place))
  // Failures first: one that turns into a success between the two listings is in at least one of them.
  const failed = await named(store, failureReceiptsPrefix(batch, shard), signal)
  const done = await named(store, doneReceiptsPrefix(batch, shard), signal)
  return {
    items,
    done: ids.filter((id) => done.has(id)),
    failed: ids.filter((id) => failed.has(id) && !done.has(id)),
    missing: ids.filter((id) => !(failed.has(id) || done.has(id))),
  }
}

/** A receipt as it lies in the store. */
export interface ReceiptText {
  readonly item: string
  readonly result: 'done' | 'failed'
  /** Parsed JSON, of whatever form; `undefined` when it holds none, or its bytes are lost. */
  readonly receipt: unknown
}

/** The receipts of everything that arrived, in the order of the items. */
export async function readReceipts(
  store: Store,
  {
    batch,
    arrivals,
    signal,
  }: {
    readonly batch: string
    readonly arrivals: Pick<Arrivals, 'done' | 'failed'>
    readonly signal?: AbortSignal | undefined
  },
): Promise<readonly ReceiptText[]> {
  const wanted = [
    ...arrivals.done.map((item) => ({ item, result: 'done' as const, key: doneReceiptKey(batch, item) })),
    ...arrivals.failed.map((item) => ({ item, result: 'failed' as const, key: failureReceiptKey(batch, item) })),
  ]
  const read: ReceiptText[] = []
  const pool = { concurrency: READS_AT_ONCE, weigh: () => RECEIPT_BYTES, signal }
  await forEachBounded(wanted, pool, async ({ item, result, key }) => {
    const found = await store.get(key, { signal }).catch(lost)
    read.push({ item, result, receipt: found && parseJson(found.bytes) })
  })
  return read.sort((a, b) => (a.item < b.item ? -1 : 1))
}

/** One damaged receipt must not keep a thousand others from being closed. */
function lost(error: unknown): undefined {
  if (!(error instanceof LadingError && error.code === 'E_INTEGRITY')) throw error
}

/** What a batch is; `undefined` when there is none of this name. */
export async function readBatchManifest(
  store: Store,
  batch: string,
  signal?: AbortSignal,
): Promise<BatchManifest | undefined> {
  const key = batchManifestKey(batch)
  const found = await store.get(key, { signal })
  return found && decodeBatchManifest(found.bytes, `${store.label}${key}`)
}

export const shardOf = (manifest: BatchManifest, shard: string): ShardOf => ({
  batch: manifest.batch,
  shard,
  items: itemsInShard(manifest, shard),
})

async function named(store: Store, prefix: string, signal: AbortSignal | undefined): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  for await (const page of store.list(prefix, { signal })) {
    for (const { key } of page) if (key.endsWith('.json')) names.add(key.slice(prefix.length, -'.json'.length))
  }
  return names
}
