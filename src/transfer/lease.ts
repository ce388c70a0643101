import { setTimeout as delay } from 'node:timers/promises'
import { LadingError } from '../words/errors.ts'

/** Time as a deploy reads it; handed in, so that tests need not wait. */
export interface Clock {
  /** Wall-clock time, in milliseconds since 1970. */
  wallMs(): number
  /** Never goes back, in milliseconds since some moment. Does not count while the machine sleeps. */
  monotonicMs(): number
  /** Waits; rejects with the signal's reason when that fires. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>
}

export interface Lease {
  /** @throws E_LOCK_LOST when the time is up, or somebody else has it */
  guard(): void
  /** @param since when the renewal was begun that has now succeeded */
  extend(since: Moment): void
  lose(): void
  readonly isLost: boolean
}

/** One moment on both clocks. */
export interface Moment {
  readonly wallMs: number
  readonly monotonicMs: number
}

export function momentOf(clock: Clock): Moment {
  return { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() }
}

/**
 * The time during which no other run may take a deploy over, counted from before the renewal was sent, so that it ends
 * here before it ends for anyone watching the store. After the process was suspended or the machine slept, the lease
 * has expired by whichever clock kept running.
 */
export function createLease(clock: Clock, leaseMs: number, label: string): Lease {
  let since = momentOf(clock)
  let lost = false
  const isOver = (): boolean => {
    const now = momentOf(clock)
    return now.monotonicMs - since.monotonicMs >= leaseMs || now.wallMs - since.wallMs >= leaseMs
  }
  return {
    guard() {
      if (lost || isOver()) throw lockLost(label)
    },
    extend(moment) {
      since = moment
    },
    lose() {
      lost = true
    },
    get isLost() {
      return lost
    },
  }
}

export function lockLost(subject: string): LadingError {
  return new LadingError('E_LOCK_LOST', 'This deploy was taken over by another one', {
    subject,
    why: 'It gave no sign of life for longer than its lease, so nothing more was written and no release was published.',
    hint: 'Run the same command again: it starts from what is live then.',
    retryable: false,
  })
}

/** The machine's own clocks. */
export const SYSTEM_CLOCK: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, { signal })
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  },
}
