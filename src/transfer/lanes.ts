import { performance } from 'node:perf_hooks'

/** How many items may be worked on at once, learnt from what more of them bring. */
export interface Lanes {
  readonly count: number
  /** An item has ended. @param isFull whether all lanes were taken and others waited */
  ended(isFull: boolean): void
  /** Others begin, after a while in which there was nothing to measure. What was learnt stays. */
  begin(): void
}

export interface LanesOptions {
  /** At first. */
  readonly from: number
  readonly most: number
  /** Monotonic, in milliseconds. @default the system's */
  readonly now?: (() => number) | undefined
  /** The processor's share that this process has had since this was asked last, 1 for one core. @default the system's */
  readonly load?: (() => number) | undefined
}

/** What is measured is at least so long, in milliseconds, and every lane has had its turn. */
const WINDOW_MS = 100
/** A process of one thread that has as much of a core has no use for more at once. */
const BUSY = 0.7
/** What twice the lanes have to bring, or they are given back. */
const WORTH = 1.15

/**
 * Where answers take long, only more requests at once buy time: the lanes double as long as this thread waits and each
 * doubling pays. A store that takes no more, because it is slow or because a pace is kept, is left at what it had.
 */
export function createLanes({ from, most, now = monotonicMs, load = loadOfProcess() }: LanesOptions): Lanes {
  let count = from
  /** What there was before the last doubling. */
  let before: { readonly rate: number; readonly count: number } | undefined
  let isSettled = most <= from
  let done = 0
  let startedMs = 0
  let wasFull = true

  const begin = (): void => {
    if (isSettled) return
    done = 0
    wasFull = true
    startedMs = now()
    load()
  }
  begin()

  const judge = (rate: number, isBusy: boolean): void => {
    if (before !== undefined && rate < before.rate * WORTH) {
      count = before.count
      isSettled = true
    } else if (count === most) {
      isSettled = true
    } else if (isBusy || !wasFull) {
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
    ended(isFull) {
      if (isSettled) return
      done += 1
      wasFull &&= isFull
      if (done < count) return
      const ms = now() - startedMs
      if (ms < WINDOW_MS) return
      judge(done / ms, load() > BUSY)
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
