import { type ErrorCode, LadingError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { ETag, Key } from '../model.ts'
import { sameHeaders } from '../plan/header-table.ts'
import type { Action, DesiredObject } from '../plan/plan.ts'
import { isPage } from '../rewrite/keep.ts'
import type { Store } from '../store/store.ts'
import { putMutable, reheaderMutable } from './mutable.ts'
import { forEachBounded } from './pool.ts'
import { type Failure, failureStreak, uploadFailed } from './upload-failure.ts'

/** An action that reaches the store. */
export type Transfer = Extract<Action, { op: 'put' | 'confirm' | 'reheader' }>

export interface UploadOptions {
  readonly store: Store
  readonly concurrency: number
  readonly emit: Emit
  readonly signal?: AbortSignal | undefined
}

/** What became of one object. */
export interface Outcome {
  readonly etag: ETag
  /** False when the object was there already. */
  readonly sent: boolean
}

/** These say that nothing else will work either: the first one ends the upload. */
const SYSTEMIC: ReadonlySet<ErrorCode> = new Set([
  'E_ACCESS_DENIED',
  'E_CREDENTIALS',
  'E_NO_BUCKET',
  'E_NOT_S3',
  'E_UNREACHABLE',
  'E_ENDPOINT',
  'E_BUG',
])

/**
 * Brings every object to the store, each proved to hold what was planned, in waves, so that each names only what is
 * there: hashed names, then files under their own names, styles and scripts, manifests, and pages last. Failures are
 * collected, so that one run tells all of a wave; the waves after it are not begun, and no release is published.
 * @throws E_UPLOAD (or the one code that all failures share); the signal's reason
 */
export async function upload(transfers: readonly Transfer[], options: UploadOptions): Promise<Map<Key, Outcome>> {
  const outcomes = new Map<Key, Outcome>()
  const progress = tracker(transfers, options.emit)
  const weigh = (transfer: Transfer): number => bytesOf(transfer)
  const streak = failureStreak(options.concurrency)
  for (const wave of waves(transfers)) {
    const failures: Failure[] = []
    const sending = forEachBounded(wave, { ...options, weigh }, async (transfer) => {
      const { key } = transfer.object
      try {
        outcomes.set(key, await perform(transfer, options))
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
  return outcomes
}

const CODE = /\.(?:css|[cm]?js)$/i

/** What names others comes after what it names, as far as the name of a file tells. */
function rank({ object: { mutable, fileClass, path } }: Transfer): number {
  if (!mutable) return 0
  if (fileClass === 'page' || isPage(path)) return 4
  if (fileClass === 'manifest') return 3
  return CODE.test(path) ? 2 : 1
}

function waves(transfers: readonly Transfer[]): Transfer[][] {
  return [0, 1, 2, 3, 4].map((wave) => transfers.filter((transfer) => rank(transfer) === wave))
}

async function perform(transfer: Transfer, options: UploadOptions): Promise<Outcome> {
  const { object } = transfer
  switch (transfer.op) {
    case 'put':
      return object.mutable ? putMutable(object, transfer.stored, options) : putImmutable(object, options)
    case 'confirm':
      return (await isThere(object, options)) ?? putImmutable(object, options)
    case 'reheader':
      return object.mutable ? reheaderMutable(object, transfer.stored, options) : reheaderImmutable(object, options)
  }
}

/** Creates only: an object that is there already and holds the same is as good; anything else is never overwritten. */
async function putImmutable(object: DesiredObject, options: UploadOptions): Promise<Outcome> {
  const { store, signal } = options
  const result = await store.put(object.key, object.body, object.headers, { when: 'absent', signal })
  if (result.status === 'stored') return { etag: result.etag, sent: true }
  const there = await isThere(object, options)
  if (there !== undefined) return there
  throw new LadingError('E_IMMUTABLE_CONFLICT', 'Another content lies under a name that carries this content’s hash', {
    subject: `${store.label}${object.key}`,
    why: 'The object was changed by hand or damaged; it was not overwritten, because pages may rely on it.',
    hint: 'Look at the object; remove it if it is wrong, then run the same command again.',
  })
}

/** The object as it lies there, if it holds these bytes; its headers are put right on the way. */
async function isThere(object: DesiredObject, { store, signal }: UploadOptions): Promise<Outcome | undefined> {
  const found = await store.head(object.key, { signal })
  if (found === undefined || found.sha256 !== object.body.sha256 || found.size !== object.body.size) return undefined
  if (sameHeaders(found.headers, object.headers)) return { etag: found.etag, sent: false }
  const result = await store.reheader(object.key, object.headers, { when: { etag: found.etag }, signal })
  return result.status === 'stored' ? { etag: result.etag, sent: false } : undefined
}

async function reheaderImmutable(object: DesiredObject, options: UploadOptions): Promise<Outcome> {
  return (await isThere(object, options)) ?? putImmutable(object, options)
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
  return transfer.op === 'put' ? transfer.object.body.size : 0
}
