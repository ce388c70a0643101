import type { Store } from '../../store/store.ts'
import { LadingError, printable } from '../../words/errors.ts'
import { plural } from '../../words/units.ts'
import { readResult } from '../batch.ts'
import { type Clock, SYSTEM_CLOCK } from '../clock.ts'
import type { Fleet } from '../fleet.ts'
import { cancelKey, sentKey } from '../plan/keys.ts'
import { type BatchManifest, shardsOf } from '../plan/manifest.ts'
import type { Assembly } from '../receipts/assemble.ts'
import { isLate, isReopened } from '../receipts/deadline.ts'
import {
  type BatchCount,
  createProgress,
  type Progress,
  type Sample,
  type TimeLeft,
  timeLeft,
} from '../receipts/progress.ts'
import { readBatchManifest } from '../receipts/receipts.ts'
import { type BatchResult, putOver } from '../receipts/records.ts'
import { type BatchFailure, failuresOf } from './failures.ts'

/** How far a batch is. */
export interface BatchStatus {
  readonly batch: string
  readonly recipe: string
  readonly lane: BatchManifest['lane']
  readonly items: number
  readonly done: number
  readonly failed: number
  readonly deadline: string
  /** `false` during the submit, and for good if that was interrupted: submitting again sends the rest. */
  readonly isSent: boolean
  readonly isCancelled: boolean
  /** The first ones that failed; absent while a batch is watched, until it has closed. */
  readonly failures?: readonly BatchFailure[] | undefined
  /** In seconds. Absent until there is a rate to estimate from. */
  readonly left?: TimeLeft | undefined
  /** Set when it has closed. */
  readonly result?: BatchResult | undefined
}

/** @throws E_BATCH when there is no such batch */
export async function batchStatus(store: Store, batch: string, signal?: AbortSignal): Promise<BatchStatus> {
  const manifest = await knownManifest(store, batch, signal)
  const progress = createProgress(store, manifest)
  // The result before the count: it may close in between, and its end would come with a count of before.
  const closed = await readResult(store, batch, signal)
  const status = await statusOf(store, manifest, { ...(await progress.count(signal)), result: closed, signal })
  return withFailures(store, { manifest, progress, status, signal })
}

export interface WatchOptions {
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock | undefined
  /** Between two looks, in seconds. @default 2, and longer where a look takes more than 20 listings */
  readonly everySeconds?: number | undefined
  readonly onStatus: (status: BatchStatus) => void
  /**
   * Closes the batch when everything has arrived, and at its deadline, without waiting for the barrier.
   * @default it is only looked at
   */
  readonly assembly?: Assembly | undefined
  /** Started for this batch: once none is left, nobody may be. @default not known */
  readonly workers?: Pick<Fleet, 'label' | 'count'> | undefined
  /**
   * Makes the result of a batch again that its deadline has closed and that was submitted again since: called once
   * everything has arrived, or at the new deadline. @default the first result is the end
   */
  readonly again?: (() => Promise<BatchResult>) | undefined
}

/** Between two looks, at the least. */
export const LOOK_SECONDS = 2

/** Listings a second, on average: ten cost 18 cents an hour, and a million images would take thousands at every look. */
export const LISTINGS_PER_SECOND = 10

/**
 * Looks until the batch has closed, or the signal fires.
 *
 * @throws E_BATCH when there is no such batch, or no worker is left although images are
 */
export async function watchBatch(store: Store, batch: string, options: WatchOptions): Promise<BatchStatus> {
  const { signal, clock = SYSTEM_CLOCK, everySeconds, onStatus, workers, again } = options
  const assertWorkers = guardOf(workers)
  const manifest = await knownManifest(store, batch, signal)
  const progress = createProgress(store, manifest)
  const samples: Sample[] = []
  for (;;) {
    signal?.throwIfAborted()
    // Before the count, as in `batchStatus`.
    const closed = await readResult(store, batch, signal)
    const counted = await progress.count(signal)
    samples.push({ atMs: clock.now(), arrived: counted.done + counted.failed })
    const left = timeLeft(samples, counted.items)
    const looked = await statusOf(store, manifest, { ...counted, left, result: closed, signal })
    // At the deadline too: there may be no worker left to receive a barrier.
    const isWhole = counted.done + counted.failed === counted.items
    const isDue = isWhole || (await isLate(store, manifest, { now: clock.now(), signal }))
    const result = again ? isDue && (await again()) : looked.result
    if (result) {
      const end = await withFailures(store, { manifest, progress, status: { ...looked, result }, signal })
      onStatus(end)
      return end
    }
    onStatus(looked)
    if (isDue) await closeAll(manifest, options.assembly)
    else await assertWorkers(counted, signal)
    const pausedSeconds = everySeconds ?? Math.max(LOOK_SECONDS, progress.listings() / LISTINGS_PER_SECOND)
    await clock.sleep(pausedSeconds * 1000, signal)
  }
}

async function closeAll(manifest: BatchManifest, assembly: Assembly | undefined): Promise<void> {
  for (const shard of shardsOf(manifest)) await assembly?.look(manifest.batch, shard)
}

/** At the second look in a row: what the last worker put is counted by then, and nobody else has put anything. */
function guardOf(workers: WatchOptions['workers']) {
  let leftAt: number | undefined
  return async ({ items, done, failed }: BatchCount, signal: AbortSignal | undefined): Promise<void> => {
    if (!workers) return
    const arrived = done + failed
    const isNobody = (await workers.count(signal)).inService === 0
    if (isNobody && leftAt === arrived) {
      throw new LadingError('E_BATCH', 'the workers have ended, and the batch is not done', {
        subject: workers.label,
        why: `${plural(items - arrived, 'image')} of ${items} came to no end`,
        hint: 'Read the logs there, then run the same command again, which goes on. What nobody could do: lading batch dlq',
      })
    }
    leftAt = isNobody ? arrived : undefined
  }
}

/**
 * Ends all items that were not started yet, each with a receipt that says so.
 *
 * @param now milliseconds since 1970
 * @throws E_BATCH when there is no such batch, or none of its items can be started any more
 */
export async function cancelBatch(store: Store, batch: string, now: number): Promise<void> {
  const { deadline } = await knownManifest(store, batch)
  const result = await readResult(store, batch)
  if (result && !(await isReopened(store, result, { dated: { batch, deadline }, now }))) {
    throw new LadingError('E_BATCH', `batch "${batch}" has closed; nothing was cancelled`, {
      subject: store.label,
      why: `It closed at ${result.closedAt}.`,
      hint: `See what became of it: lading batch status ${batch}`,
    })
  }
  await putOver(store, cancelKey(batch), { v: 1 })
}

/** @throws E_BATCH when there is no such batch */
export async function knownManifest(store: Store, batch: string, signal?: AbortSignal): Promise<BatchManifest> {
  const manifest = await readBatchManifest(store, batch, signal)
  if (manifest) return manifest
  throw new LadingError('E_BATCH', `there is no batch "${printable(batch)}"`, {
    subject: store.label,
    hint: 'submit says the name of a batch; --to must name the same store.',
  })
}

/** Failures that a status names; the image manifest has all. */
export const NAMED = 10

async function withFailures(store: Store, { manifest, progress, status, signal }: Looked): Promise<BatchStatus> {
  const items = progress.firstFailed(NAMED)
  return items.length === 0 ? status : { ...status, failures: await failuresOf(store, manifest, { items, signal }) }
}

interface Looked {
  readonly manifest: BatchManifest
  readonly progress: Progress
  readonly status: BatchStatus
  readonly signal: AbortSignal | undefined
}

interface Counted {
  readonly items: number
  readonly done: number
  readonly failed: number
  readonly left?: TimeLeft | undefined
  readonly result: BatchResult | undefined
  readonly signal?: AbortSignal | undefined
}

/** A batch whose items were counted. */
export async function statusOf(
  store: Store,
  manifest: BatchManifest,
  { signal, left, result, ...count }: Counted,
): Promise<BatchStatus> {
  const { batch, recipe, lane, deadline } = manifest
  const [sent, cancelled] = await Promise.all([
    store.head(sentKey(batch), { signal }),
    store.head(cancelKey(batch), { signal }),
  ])
  return {
    batch,
    recipe,
    lane,
    ...count,
    deadline,
    isSent: sent !== undefined,
    isCancelled: cancelled !== undefined,
    ...(left && { left }),
    ...(result && { result }),
  }
}
