import { Seats } from '../../wrappers/seats.ts'

/** Something that has to happen at its time, unless it is ended before. */
export interface Timed {
  /** By the monotonic clock, in milliseconds. It may be moved later at any time. */
  at: number
  /** Kept by {@link createTimers}. */
  seat: number
  expire(): void
}

/** The longest delay of a timer; a body of hundreds of gigabytes may have more, and is checked in between. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Deadlines of many requests with one system timer: a timer for each costs as much as signing it. The timer is set for
 * the earliest; a request that ends in time, as nearly all do, leaves it as it is.
 */
export function createTimers(): { add(timed: Timed): void; end(timed: Timed): void } {
  const open = new Seats<Timed>()
  let timer: NodeJS.Timeout | undefined
  let due = Number.POSITIVE_INFINITY

  const arm = (at: number): void => {
    clearTimeout(timer)
    due = at
    timer = setTimeout(wake, Math.min(LONGEST_MS, Math.max(0, at - performance.now())))
  }
  const wake = (): void => {
    timer = undefined
    due = Number.POSITIVE_INFINITY
    const now = performance.now()
    let first = Number.POSITIVE_INFINITY
    for (const timed of open) {
      if (timed.at > now) first = Math.min(first, timed.at)
      else if (open.leave(timed, timed.seat)) timed.expire()
    }
    if (first < due) arm(first)
  }

  return {
    add(timed) {
      timed.seat = open.take(timed)
      if (timed.at < due) arm(timed.at)
      else if (open.taken === 1) timer?.ref()
    },
    end(timed) {
      // Without deadlines it must not keep the process alive.
      if (open.leave(timed, timed.seat) && open.taken === 0) timer?.unref()
    },
  }
}
