import type { ErrorCode } from '../../errors.ts'
import type { Store } from '../../store/store.ts'
import { putOnce } from '../assemble-records.ts'
import type { Clock } from '../clock.ts'
import { cancelKey, crashKey, failureReceiptKey } from '../keys.ts'
import type { ImageJob } from '../messages.ts'

/** Crashes of one item after which it is given up. */
export const MAX_CRASHES = 2

/** Crashes that are counted at all: several workers may be at one item by duplicates. */
const COUNTED = 9

/** How long it is believed that a batch is not cancelled, in milliseconds. */
const LOOK_MS = 30_000

export interface Failure {
  readonly result: 'failed' | 'cancelled'
  /** What it is, for programs: `E_IMAGE_CORRUPT`. */
  readonly code: ErrorCode
  readonly reason: string
}

/** Puts the receipt of an item that will never be done: it has arrived all the same. The first one stays. */
export async function putFailure(store: Store, { batch, item, src }: ImageJob, failure: Failure): Promise<void> {
  await putOnce(store, failureReceiptKey(batch, item), { v: 1, batch, item, src, ...failure })
}

/**
 * Notes that an item has killed its child, apart from how often its message was delivered: who hands a message back
 * politely counts for nothing.
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
  /** Somebody has told us. */
  add(batch: string): void
  /** Whether a batch was cancelled, by a word to us or by the mark in the store, which is looked at now and then. */
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
      // Jobs that begin at the same time wait for the same look.
      const found = look(batch)
      looks.set(batch, { at: clock.now(), found })
      return found
    },
  }
}
