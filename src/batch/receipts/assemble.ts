import type { Store } from '../../store/store.ts'
import { LONGEST_DELAY, secondsToLook } from '../plan/barrier.ts'
import { batchResultKey, closedShardKey, closedShardsPrefix, ITEM_ID, shardOfItem, toldKey } from '../plan/keys.ts'
import { type BatchManifest, shardsOf } from '../plan/manifest.ts'
import { judgedAt } from './deadline.ts'
import { type Arrivals, arrivalsOf, readBatchManifest, readReceipts, shardOf } from './receipts.ts'
import { type BatchResult, type ClosedShard, closedShards, putOnce, resultIn } from './records.ts'

/** The result of checking a shard. */
export type Look =
  /** Nothing is left to do for this shard: its barrier message may be acked. */
  | { readonly status: 'closed' }
  /** Check again after that time. */
  | { readonly status: 'open'; readonly againSeconds: number }

export interface AssemblyOptions {
  readonly store: Store
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** From 0 up to but not including 1. */
  readonly random: () => number
  /** Share of finished items after which the worker checks whether the shard is complete. @default 0.1 */
  readonly lookShare?: number | undefined
  /** Longest time between two looks of a barrier, for which idle workers stay. @default 900, the most that SQS allows */
  readonly longestLookSeconds?: number | undefined
  /** Writes a batch's output for people and programs, before it closes. May run concurrently and more than once. */
  readonly publish: (manifest: BatchManifest, shards: AsyncIterable<ClosedShard>) => Promise<void>
  /**
   * Sends the batch's result to the outbox. Called by the worker that closed the batch, and again by another if that
   * one died before recording that it had: readers deduplicate by the batch that the message names.
   */
  readonly tell: (result: BatchResult) => Promise<void>
}

/**
 * The second stage: notices that all items of a batch have arrived, and closes it once. There is no counter and nothing
 * blocks: whoever puts a receipt may check the shard (see {@link arrivalsOf}), and a delayed barrier message for each
 * shard checks again, for workers that died in between, and for the deadline. Every step is idempotent, so any number
 * of checkers may die anywhere, and another continues.
 */
export interface Assembly {
  /** To be called after an item's receipt is there. */
  arrived(batch: string, item: string): Promise<void>
  /** What a barrier message does. An unknown batch counts as closed: there is nothing to wait for. */
  look(batch: string, shard: string): Promise<Look>
}

/** How long the worker that closed a batch has to announce it before another one does, in milliseconds. */
const TELL_WITHIN_MS = 60_000

export function createAssembly(options: AssemblyOptions): Assembly {
  const { store, random, lookShare = 0.1, longestLookSeconds = LONGEST_DELAY } = options
  const known = new Map<string, BatchManifest>()

  const manifestOf = async (batch: string): Promise<BatchManifest | undefined> => {
    const seen = known.get(batch)
    // After its deadline a submit may have set a new one.
    if (seen && Date.parse(seen.deadline) > options.now()) return seen
    const manifest = await readBatchManifest(store, batch)
    if (manifest) known.set(batch, manifest)
    return manifest
  }

  const look = async (batch: string, shard: string): Promise<Look> => {
    const manifest = await manifestOf(batch)
    if (!manifest || shardOf(manifest, shard).items === 0) return { status: 'closed' }
    if ((await store.head(closedShardKey(batch, shard))) === undefined) {
      const arrivals = await arrivalsOf(store, shardOf(manifest, shard))
      const count = { items: arrivals.items, missing: arrivals.missing.length }
      const wanted = secondsToLook(manifest, count, await judgedAt(store, manifest, { now: options.now() }))
      const againSeconds = Math.min(wanted, longestLookSeconds)
      if (againSeconds > 0) return { status: 'open', againSeconds }
      await closeShard(store, { manifest, shard, arrivals })
    }
    return closeBatch(options, manifest)
  }

  return {
    look,
    async arrived(batch, item) {
      const manifest = await manifestOf(batch)
      if (!manifest || !ITEM_ID.test(item)) return
      const shard = shardOfItem(item)
      // The last of a shard is sent last, and so tends to arrive last.
      const isLast = Number(item.slice(5)) === shardOf(manifest, shard).items - 1
      if (isLast || random() < lookShare) await look(batch, shard)
    },
  }
}

interface Counted {
  readonly manifest: BatchManifest
  readonly shard: string
  readonly arrivals: Arrivals
}

async function closeShard(store: Store, counted: Counted): Promise<void> {
  await putOnce(store, closedShardKey(counted.manifest.batch, counted.shard), await shardRecord(store, counted))
}

/** The record written when a shard closes. */
export async function shardRecord(store: Store, { manifest, shard, arrivals }: Counted): Promise<ClosedShard> {
  const { items, done, failed, missing } = arrivals
  const receipts = await readReceipts(store, { batch: manifest.batch, arrivals })
  // Nobody can say what was made: in the image manifest it is a failure.
  const torn = receipts.filter(({ result, receipt }) => result === 'done' && receipt === undefined).length
  return { v: 1, shard, items, done: done.length - torn, failed: failed.length + torn, missing, receipts }
}

/** Closes the batch when all its shards are. A shard that is still open has a barrier of its own, which comes here. */
async function closeBatch(options: AssemblyOptions, manifest: BatchManifest): Promise<Look> {
  const { store, now } = options
  const { batch } = manifest
  const shards = shardsOf(manifest)
  if ((await store.head(toldKey(batch))) !== undefined) return { status: 'closed' }
  const closed = new Set<string>()
  for await (const page of store.list(closedShardsPrefix(batch))) for (const { key } of page) closed.add(key)
  if (!shards.every((shard) => closed.has(closedShardKey(batch, shard)))) return { status: 'closed' }
  const before = await store.get(batchResultKey(batch))
  if (before) {
    // Its closer may be about to announce it; one that has not done so in time is presumed dead.
    const ageMs = before.ageMs ?? Number.POSITIVE_INFINITY
    if (ageMs < TELL_WITHIN_MS) return { status: 'open', againSeconds: Math.ceil((TELL_WITHIN_MS - ageMs) / 1000) }
    return tellOnce(options, resultIn(before.bytes, `${store.label}${batchResultKey(batch)}`))
  }
  const result = await resultOf(store, manifest, new Date(now()).toISOString())
  await options.publish(manifest, closedShards(store, manifest))
  const isMine = await putOnce(store, batchResultKey(batch), result)
  return isMine ? tellOnce(options, result) : { status: 'open', againSeconds: TELL_WITHIN_MS / 1000 }
}

async function tellOnce({ store, tell }: AssemblyOptions, result: BatchResult): Promise<Look> {
  await tell(result)
  await putOnce(store, toldKey(result.batch), { v: 1 })
  return { status: 'closed' }
}

/** The result of a batch, summed over its closed shards. */
export async function resultOf(store: Store, manifest: BatchManifest, closedAt: string): Promise<BatchResult> {
  const { batch, recipe, items } = manifest
  let [done, failed, missing] = [0, 0, 0]
  for await (const shard of closedShards(store, manifest)) {
    done += shard.done
    failed += shard.failed
    missing += shard.missing.length
  }
  return { v: 1, batch, recipe, items, done, failed, missing, partial: missing > 0, closedAt }
}
