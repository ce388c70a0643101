import { performance } from 'node:perf_hooks'

/** Adaptive concurrency: how many items may be worked on at once, learnt from the throughput. */
export interface Lanes {
  readonly count: number
  /** CPU share of this process when it was last measured, 1 for one core; 1 before that. */
  readonly load: number
  /** An item has ended. @param isFull whether all lanes were taken and others waited */
  ended(isFull: boolean): void
  /** Restarts the measurement after an idle time. What was learnt stays. */
  begin(): void
}

export interface LanesOptions {
  /** Initial concurrency. */
  readonly from: number
  readonly most: number
  /** Monotonic, in milliseconds. @default the system's */
  readonly now?: (() => number) | undefined
  /** CPU share of this process since the last call, 1 for one core. @default the system's */
  readonly load?: (() => number) | undefined
}

/** Minimum length of a measurement, in milliseconds; it also takes at least one item per lane. */
const WINDOW_MS = 100
/** CPU share from which a single-threaded process gains next to nothing from more concurrency. */
const BUSY = 0.9
/** The gain in throughput below which a doubling is undone. */
const WORTH = 1.15

/**
 * Where latency is high, only more concurrency helps: the lanes double as long as this thread mostly waits and each
 * doubling pays. A store that takes no more, because it is slow or throttles, gets the last doubling undone.
 */
export function createLanes({ from, most, now = monotonicMs, load: measure = loadOfProcess() }: LanesOptions): Lanes {
  let count = from
  /** Throughput and concurrency before the last doubling. */
  let before: { readonly rate: number; readonly count: number } | undefined
  let isSettled = most <= from
  let load = 1
  let done = 0
  let startedMs = 0
  let wasFull = true

  const begin = (): void => {
    done = 0
    wasFull = true
    startedMs = now()
    measure()
  }
  begin()

  const judge = (rate: number): void => {
    if (before !== undefined && rate < before.rate * WORTH) {
      count = before.count
      isSettled = true
    } else if (count === most) {
      isSettled = true
    } else if (load > BUSY || !wasFull) {
      before = undefined
    } else {
      before = { rate, count }
      count = Math.min(most, 2 * count)
    }
  }

  return {
    get count() {
      return count
    },
    get load() {
      return load
    },
    ended(isFull) {
      done += 1
      wasFull &&= isFull
      if (done < count) return
      const ms = now() - startedMs
      if (ms < WINDOW_MS) return
      load = measure()
      if (!isSettled) judge(done / ms)
      begin()
    },
    begin,
  }
}

const monotonicMs = (): number => performance.now()

/** Processor time of this process alone: what other processes take counts as waiting. */
function loadOfProcess(): () => number {
  let last = { cpuUs: cpuUs(), ms: performance.now() }
  return () => {
    const now = { cpuUs: cpuUs(), ms: performance.now() }
    const load = (now.cpuUs - last.cpuUs) / 1000 / Math.max(1, now.ms - last.ms)
    last = now
    return load
  }
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
