import type { Clock } from './gate.ts'
import { Seats } from './seats.ts'

/** A request that may be sent a second time. */
export interface Stallable {
  /** For how long it has been seen to wait, in milliseconds; kept by {@link createStalls}. */
  waitedMs: number
  /** Kept by {@link createStalls} as well. */
  seat: number
  /** It has waited far longer than its kin. */
  stalled(): void
}

/** Of how many requests the duration is known. */
const KIN = 256
/** Fewer say nothing of what is usual. */
const FEWEST_KIN = 64
/** So many times what all but a hundredth of its kin took, and it has stalled. */
const MULTIPLE = 3
const USUAL = 0.99
/** Nothing that ends sooner is worth a second request, in milliseconds. */
const FLOOR_MS = 1000
const LOOK_MS = 100
/** A look that comes late says that this process stood still, and not the requests. */
const LONGEST_LOOK_MS = 2 * LOOK_MS
/** How many requests may be sent a second time, of all. */
const SHARE = 0.05
/** What a quiet time saves up. */
const MOST_SAVED = 64
/** For so long after a refusal nothing is sent a second time, and nothing saved up, in milliseconds. */
const CALM_MS = 10_000

/** Sees which requests take far longer than their kin. */
export interface Stalls {
  began(request: Stallable): void
  /** It is over, or is not to be looked at any more. */
  ended(request: Stallable): void
  /** How long one took that was answered, in milliseconds. */
  took(ms: number): void
  /** The store has too much to do: for ten seconds from now no request is said to have stalled. */
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

/** What requests of one kind take. */
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
