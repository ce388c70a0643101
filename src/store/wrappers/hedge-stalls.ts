import type { Clock } from './gate.ts'
import { Seats } from './seats.ts'

/** A request that may be sent a second time. */
export interface Stallable {
  /** For how long it has been seen to wait, in milliseconds; kept by {@link createStalls}. */
  waitedMs: number
  /** Kept by {@link createStalls} as well. */
  seat: number
  /** Called when it has waited far longer than others take. */
  stalled(): void
}

/** How many durations of recent requests are kept. */
const KIN = 256
/** With fewer known durations no request counts as stalled. */
const FEWEST_KIN = 64
/** A request has stalled after this many times the 99th percentile of the durations. */
const MULTIPLE = 3
const USUAL = 0.99
/** Before this no request has stalled, in milliseconds. */
const FLOOR_MS = 1000
const LOOK_MS = 100
/** The most time that one look adds: when it comes later, this process was blocked, not the requests. */
const LONGEST_LOOK_MS = 2 * LOOK_MS
/** The share of all requests that may be sent a second time. */
const SHARE = 0.05
/** How many second requests can be saved up. */
const MOST_SAVED = 64
/** How long after a throttled request nothing is sent twice, and nothing saved up, in milliseconds. */
const CALM_MS = 10_000

/** Detects requests that take far longer than others. */
export interface Stalls {
  began(request: Stallable): void
  /** It is over, or no longer to be watched. */
  ended(request: Stallable): void
  /** How long one took that was answered, in milliseconds. */
  took(ms: number): void
  /** The store throttles: for ten seconds from now no request counts as stalled. */
  refused(): void
}

export function createStalls({ now, later }: Clock): Stalls {
  const open = new Seats<Stallable>()
  const kin = createKin()
  let saved = 0
  let calmUntilMs = Number.NEGATIVE_INFINITY
  let lookedMs = 0
  let callOff: (() => void) | undefined

  const look = (): void => {
    callOff = undefined
    const elapsedMs = Math.min(LONGEST_LOOK_MS, now() - lookedMs)
    const limitMs = kin.limitMs()
    for (const request of open) {
      request.waitedMs += elapsedMs
      if (request.waitedMs < limitMs || saved < 1) continue
      saved -= 1
      open.leave(request, request.seat)
      request.stalled()
    }
    if (open.taken > 0) next()
  }
  const next = (): void => {
    lookedMs = now()
    callOff = later(look, LOOK_MS)
  }
  return {
    began(request) {
      if (now() >= calmUntilMs) saved = Math.min(MOST_SAVED, saved + SHARE)
      request.seat = open.take(request)
      if (callOff === undefined) next()
    },
    ended(request) {
      if (!open.leave(request, request.seat) || open.taken > 0) return
      callOff?.()
      callOff = undefined
    },
    took: kin.add,
    refused() {
      saved = 0
      calmUntilMs = now() + CALM_MS
    },
  }
}

/** The durations of recent requests, and the limit that follows from them. */
function createKin(): { add(ms: number): void; limitMs(): number } {
  const last: number[] = []
  let count = 0
  return {
    add(ms) {
      last[count % KIN] = ms
      count += 1
    },
    limitMs() {
      if (count < FEWEST_KIN) return Number.POSITIVE_INFINITY
      const sorted = last.toSorted((a, b) => a - b)
      return Math.max(FLOOR_MS, MULTIPLE * (sorted[Math.floor(USUAL * (sorted.length - 1))] ?? 0))
    },
  }
}
