/** The longest delay that is made up for. */
const MOST_MS = 100
/** Timers are this late even on an idle machine; it counts as on time. */
const LEAST_MS = 10
/** Requests that leave within this time of one another belong to one burst. */
const ONE_BURST_MS = 2
/** With a larger share of a burst refused, smaller bursts are sent. */
const REFUSED = 0.25

/**
 * A process that was starved of CPU time catches up with a burst, as far as the store accepts that; most do.
 * Times in milliseconds.
 */
export interface Lateness {
  /** @returns whether a request that leaves now, and was due at `dueMs`, makes up for lost time */
  left(nowMs: number, dueMs: number): boolean
  /** @returns whether a request that left at `leftMs` was refused for being part of a burst, and not for the pace */
  isToBlame(leftMs: number): boolean
  /** How much delay is made up for at present. */
  readonly allowedMs: number
}

export function createLateness(): Lateness {
  let allowedMs = MOST_MS
  let burst = { fromMs: 0, toMs: 0, sent: 0, refused: 0 }

  const learn = (): void => {
    if (burst.refused > REFUSED * burst.sent) allowedMs = Math.max(LEAST_MS, allowedMs / 2)
    else if (burst.refused === 0) allowedMs = Math.min(MOST_MS, 1.1 * allowedMs)
  }
  return {
    get allowedMs() {
      return allowedMs
    },
    left(nowMs, dueMs) {
      if (dueMs >= nowMs - LEAST_MS) return false
      if (nowMs > burst.toMs + ONE_BURST_MS) {
        learn()
        burst = { fromMs: nowMs, toMs: nowMs, sent: 0, refused: 0 }
      }
      burst.toMs = nowMs
      burst.sent += 1
      return true
    },
    isToBlame(leftMs) {
      if (leftMs < burst.fromMs || leftMs > burst.toMs || allowedMs <= LEAST_MS) return false
      burst.refused += 1
      return true
    },
  }
}
