import { type Action, isTransfer, type Transfer } from '../plan/plan.ts'
import { isPage } from '../rewrite/keep.ts'
import type { Store } from '../store/store.ts'
import { type ErrorCode, LadingError } from '../words/errors.ts'
import type { Emit } from '../words/events.ts'
import type { Body, ETag, Key } from '../words/model.ts'
import type { Blobs } from './blobs.ts'
import type { HeldDeploy } from './held-deploy.ts'
import { putImmutable, settleImmutable } from './immutable.ts'
import { keepAhead } from './keep-ahead.ts'
import { createLanes, type Lanes } from './lanes.ts'
import { adopt, insist, putMutable, reheaderMutable } from './mutable.ts'
import { OWN_PATH_WAVES, ownPathRank } from './own-path-order.ts'
import { forEachBounded } from './pool.ts'
import { type Failure, type FailureStreak, failureStreak, uploadFailed } from './upload-failure.ts'

export interface UploadOptions {
  readonly store: Store
  readonly blobs: Blobs
  readonly concurrency: number
  /** How far concurrency may grow where latency is high. @default concurrency */
  readonly mostAtOnce?: number | undefined
  readonly emit: Emit
  readonly signal?: AbortSignal | undefined
}

/** What became of one object. */
export interface Outcome {
  readonly etag: ETag
  /** False when the object was there already. */
  readonly sent: boolean
  /** What lies there: the planned bytes, or the same content compressed by another program. @default the planned bytes */
  readonly held?: Pick<Body, 'size' | 'sha256'> | undefined
}

/** The upload of one plan. Failures are collected, so that one run reports all of a wave. */
export interface Upload {
  readonly outcomes: ReadonlyMap<Key, Outcome>
  /** Keys whose bytes or headers are replaced, and not only created. */
  readonly replaced: readonly Key[]
  /** Creates objects with hashed names, which need no lock. */
  assets(): Promise<void>
  /** Replaces headers of hashed names, then files at their own paths, pages last, each under the deploy's guard. */
  ownPaths(held: HeldDeploy): Promise<void>
}

/** These say that nothing else will work either: the first one ends the upload. */
const SYSTEMIC: ReadonlySet<ErrorCode> = new Set([
  'E_ACCESS_DENIED',
  'E_CREDENTIALS',
  'E_NO_BUCKET',
  'E_NOT_S3',
  'E_UNREACHABLE',
  'E_ENDPOINT',
  'E_LOCK_LOST',
  'E_BUG',
])

/**
 * Uploads every object, each verified to hold what was planned, in waves, so that nothing ever names a missing object:
 * hashed names, then files under their own names, new ones first, pages last. After a wave that failed no other begins,
 * and no release is published.
 * @throws E_UPLOAD (or the one code that all failures share); the signal's reason
 */
export function startUpload(actions: readonly Action[], options: UploadOptions): Upload {
  const transfers = actions.filter(isTransfer)
  const outcomes = new Map<Key, Outcome>()
  const progress = tracker(transfers, options.emit)
  const { callsAtOnce = Number.POSITIVE_INFINITY } = options.store.limits
  const concurrency = Math.min(options.concurrency, callsAtOnce)
  const mostAtOnce = Math.min(options.mostAtOnce ?? concurrency, callsAtOnce)
  const streak = failureStreak(concurrency)
  const lanes = createLanes({ from: concurrency, most: mostAtOnce })
  const ahead = keepAhead(transfers, { ...options, concurrency })
  const bounded = { ...options, concurrency, blobs: ahead.blobs }
  const work: Work = { transfers, outcomes, progress, streak, lanes, options: bounded }
  const wave = (rank: number): Transfer[] => transfers.filter((transfer) => rankOf(transfer) === rank)
  return {
    outcomes,
    replaced: transfers.filter((transfer) => rankOf(transfer) > CREATED).map(({ object }) => object.key),
    assets: () => sendWave(work, wave(CREATED), undefined),
    async ownPaths(held) {
      await ahead.keep(held)
      for (const rank of REPLACED) await sendWave(work, wave(rank), held)
    },
  }
}

interface Work {
  readonly transfers: readonly Transfer[]
  readonly outcomes: Map<Key, Outcome>
  readonly progress: { done(transfer: Transfer): void }
  readonly streak: FailureStreak
  readonly lanes: Lanes
  readonly options: UploadOptions
}

const CREATED = 0
/** Headers of hashed names. */
const HEADERS = 1
/** The first of those at their own paths. */
const OWN_PATHS = 2
const REPLACED: readonly number[] = Array.from({ length: OWN_PATH_WAVES + 1 }, (_, index) => HEADERS + index)

function rankOf(transfer: Transfer): number {
  const { op, object } = transfer
  const { mutable, fileClass, path } = object
  if (!mutable) return op === 'reheader' || op === 'mend' ? HEADERS : CREATED
  const isNew = op === 'put' && transfer.stored === undefined
  return OWN_PATHS + ownPathRank({ path, isNew, isPage: fileClass === 'page' || isPage(path) })
}

async function sendWave(work: Work, wave: readonly Transfer[], held: HeldDeploy | undefined): Promise<void> {
  const { transfers, outcomes, progress, streak, lanes, options } = work
  const failures: Failure[] = []
  const { store, blobs } = options
  const signal = held?.signal ?? options.signal
  signal?.throwIfAborted()
  if (wave.length === 0) return
  const write: WriteOptions = { store, blobs, signal, guard: held?.guard, confirm: held?.confirm }
  const sending = forEachBounded(wave, { ...options, signal, lanes, weigh: bytesOf }, async (transfer) => {
    const { key } = transfer.object
    try {
      outcomes.set(key, await perform(transfer, write))
      streak.end()
      progress.done(transfer)
    } catch (error) {
      if (!(error instanceof LadingError) || SYSTEMIC.has(error.code)) throw error
      failures.push({ key, error })
      if (streak.isOver(error)) throw error
    }
  })
  await sending.catch((error: unknown) => {
    if (failures.every((failure) => failure.error !== error)) throw error
  })
  if (failures.length > 0) throw uploadFailed({ failures, transfers, outcomes, hasGivenUp: streak.hasEnded() })
}

/** What a single write is given. */
export interface WriteOptions extends Pick<UploadOptions, 'store' | 'blobs' | 'signal'> {
  /** Asked before the request leaves; see the store's port. */
  readonly guard: (() => void) | undefined
  /** Asked before what was not expected to be there is replaced; see {@link HeldDeploy}. */
  readonly confirm: (() => Promise<void>) | undefined
}

async function perform(transfer: Transfer, options: WriteOptions): Promise<Outcome> {
  const { object } = transfer
  switch (transfer.op) {
    case 'put':
      return object.mutable ? putMutable(object, transfer.stored, options) : putImmutable(object, options)
    case 'confirm':
      return settleImmutable(object, options)
    case 'adopt':
      return adopt(object, transfer.etag, options)
    case 'mend':
      return insist(object, { etag: transfer.etag }, options)
    case 'reheader':
      if (object.mutable) return reheaderMutable(object, transfer.stored, options)
      // what has changed may be a header that the store does not give back
      return settleImmutable(object, options, [])
  }
}

function tracker(transfers: readonly Transfer[], emit: Emit): { done(transfer: Transfer): void } {
  const total = { files: transfers.length, bytes: transfers.reduce((sum, transfer) => sum + bytesOf(transfer), 0) }
  const done = { files: 0, bytes: 0 }
  return {
    done(transfer) {
      done.files += 1
      done.bytes += bytesOf(transfer)
      emit({
        type: 'progress',
        files: { done: done.files, total: total.files },
        bytes: { done: done.bytes, total: total.bytes },
        retries: 0,
      })
    },
  }
}

/** Bytes that this transfer is planned to send. */
function bytesOf(transfer: Transfer): number {
  return transfer.op === 'put' || transfer.op === 'mend' ? transfer.object.body.size : 0
}
