import type { Store } from '../../store/store.ts'
import { forEachBounded } from '../../transfer/pool.ts'
import { type BatchManifest, shardsOf } from '../plan/manifest.ts'
import { arrivalsOf, shardOf } from './receipts.ts'

/** Shards that are counted at once: two listings each. */
const SHARDS_AT_ONCE = 16

/** See {@link arrivalsOf}. */
const LISTINGS_PER_SHARD = 2

/** How far a batch is. `done` and `failed` together are never more than `items`. */
export interface BatchCount {
  readonly items: number
  readonly done: number
  readonly failed: number
}

export interface Progress {
  count(signal?: AbortSignal): Promise<BatchCount>
  /** Listings that the next count takes, at the least. */
  listings(): number
  /** The first items that had failed at the last count. */
  firstFailed(most: number): readonly string[]
}

/** Counts a batch's progress repeatedly. Complete shards stay complete and are not listed again. */
export function createProgress(store: Store, manifest: BatchManifest): Progress {
  const counted = new Map<string, Counted>()
  const openShards = (): readonly string[] => shardsOf(manifest).filter((shard) => !isComplete(counted.get(shard)))
  const count = async (signal?: AbortSignal): Promise<BatchCount> => {
    const open = openShards()
    await forEachBounded(open, { concurrency: SHARDS_AT_ONCE, weigh: () => 1, signal }, async (shard) => {
      const { items, done, failed } = await arrivalsOf(store, shardOf(manifest, shard), signal)
      counted.set(shard, { items, done: done.length, failed })
    })
    let [done, failed] = [0, 0]
    for (const count of counted.values()) {
      done += count.done
      failed += count.failed.length
    }
    return { items: manifest.items, done, failed }
  }
  return {
    count,
    listings: () => openShards().length * LISTINGS_PER_SHARD,
    firstFailed: (most) =>
      shardsOf(manifest)
        .flatMap((shard) => counted.get(shard)?.failed ?? [])
        .slice(0, most),
  }
}

/** A shard at the last count. */
interface Counted {
  readonly items: number
  readonly done: number
  /** The items. */
  readonly failed: readonly string[]
}

/** A failure may still become a success, by a slower worker. */
const isComplete = (count: Counted | undefined): boolean => count !== undefined && count.done === count.items

/** How much had arrived at a moment. */
export interface Sample {
  /** On a clock that never goes back, in milliseconds. */
  readonly atMs: number
  readonly arrived: number
}

/** From the shortest to the longest that it may take, in seconds. */
export interface TimeLeft {
  readonly least: number
  readonly most: number
}

/** The window of the recent rate, in milliseconds. */
const LATELY_MS = 30_000

/**
 * The remaining time, between estimates by the overall and by the recent rate, widened when few items have arrived: a
 * rate from few arrivals is uncertain.
 *
 * @param samples in the order of time
 * @returns `undefined` before anything has arrived
 */
export function timeLeft(samples: readonly Sample[], items: number): TimeLeft | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!(first && last)) return undefined
  const left = items - last.arrived
  if (left <= 0) return { least: 0, most: 0 }
  const paces = [first, lately(samples, last)].map((from) => paceOf(from, last))
  const known = paces.filter((pace) => pace > 0)
  if (known.length === 0) return undefined
  const doubt = 1 + 2 / Math.sqrt(last.arrived - first.arrived)
  return { least: left / Math.max(...known) / doubt, most: (left / Math.min(...known)) * doubt }
}

/** Images a second over the last half minute; `undefined` before there are two samples. */
export function recentRate(samples: readonly Sample[]): number | undefined {
  const last = samples.at(-1)
  return last && samples.length > 1 ? paceOf(lately(samples, last), last) : undefined
}

/** Samples that {@link timeLeft} and {@link recentRate} still need once another one has come. */
export function keptSamples(samples: readonly Sample[]): readonly Sample[] {
  const last = samples.at(-1)
  if (!last) return samples
  const from = samples.findIndex(({ atMs }) => atMs >= last.atMs - LATELY_MS)
  // One before the window: where looks are rarer than it, the last two are compared.
  return [...samples.slice(0, 1), ...samples.slice(Math.max(1, from - 1))]
}

/** Where the recent rate is counted from: the beginning of the window, or the look before where that alone is in it. */
function lately(samples: readonly Sample[], last: Sample): Sample {
  const from = samples.find(({ atMs }) => atMs >= last.atMs - LATELY_MS) ?? last
  return from === last ? (samples.at(-2) ?? last) : from
}

const paceOf = (from: Sample, to: Sample): number => (to.arrived - from.arrived) / ((to.atMs - from.atMs) / 1000)
