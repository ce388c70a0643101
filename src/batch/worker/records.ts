import type { Store } from '../../store/store.ts'
import type { ErrorCode } from '../../words/errors.ts'
import type { Clock } from '../clock.ts'
import { cancelKey, crashKey, failureReceiptKey } from '../plan/keys.ts'
import type { ImageJob } from '../plan/messages.ts'
import { putOnce } from '../receipts/records.ts'

/** Crashes of one item after which it is given up. */
export const MAX_CRASHES = 2

/** The highest crash count that is recorded: by duplicates several workers may crash at one item. */
const COUNTED = 9

/** How long the answer "not cancelled" is cached, in milliseconds. */
const LOOK_MS = 30_000

export interface Failure {
  readonly result: 'failed' | 'cancelled'
  /** What it is, for programs: `E_IMAGE_CORRUPT`. */
  readonly code: ErrorCode
  readonly reason: string
}

/** Puts the failure receipt of an item, which counts as arrived. The first one stays. */
export async function putFailure(store: Store, { batch, item, src }: ImageJob, failure: Failure): Promise<void> {
  await putOnce(store, failureReceiptKey(batch, item), { v: 1, batch, item, src, ...failure })
}

/**
 * Records a crash of an item, separately from its message's receive count, which mere releases raise too.
 *
 * @returns how many crashes of the item there are now
 */
export async function noteCrash(store: Store, { batch, item }: ImageJob, crash: object): Promise<number> {
  for (let count = 1; count < COUNTED; count++) {
    if (await putOnce(store, crashKey(batch, item, count), { v: 1, batch, item, ...crash })) return count
  }
  return COUNTED
}

export interface Cancellations {
  /** Records a cancellation that we were told of by command. */
  add(batch: string): void
  /** Whether a batch was cancelled, by command or by the mark in the store, which is polled now and then. */
  has(batch: string): Promise<boolean>
}

export function createCancellations(store: Store, clock: Clock): Cancellations {
  const told = new Set<string>()
  const looks = new Map<string, { readonly at: number; readonly found: Promise<boolean> }>()
  const look = async (batch: string): Promise<boolean> => {
    try {
      const isMarked = (await store.head(cancelKey(batch))) !== undefined
      if (isMarked) told.add(batch)
      return isMarked
    } catch (error) {
      looks.delete(batch)
      throw error
    }
  }
  return {
    add: (batch) => void told.add(batch),
    async has(batch) {
      if (told.has(batch)) return true
      const before = looks.get(batch)
      if (before !== undefined && clock.now() - before.at < LOOK_MS) return before.found
      // Jobs that begin at the same time share one request.
      const found = look(batch)
      looks.set(batch, { at: clock.now(), found })
      return found
    },
  }
}
