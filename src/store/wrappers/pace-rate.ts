/** Growth a second, times the square of the seconds since a refusal: careful at first, then searching for the limit. */
const PROBE = 0.02
const FASTEST = 1
/** The same until a limit is met for the second time: the first burst tells little of what a store sustains. */
const FINDING = 3
/** Once a limit was found, a cut leaves at least this share of the rate. */
const DEEPEST_CUT = 0.7
/** How long the rate does not grow after a refusal. */
const REST_MS = 1000
/** The same where the store has sent Retry-After, which delays all calls so much that it is better avoided. */
const LONG_REST_MS = 5000

/** How many requests a second leave at most. Times in milliseconds. */
export interface Rate {
  /** Unbounded until it is started. */
  readonly perSecond: number
  readonly isBound: boolean
  /** Whether no limit was met since the start. */
  readonly isFinding: boolean
  start(nowMs: number, perSecond: number): void
  /** @param shown what the store has accepted within the last second: up to that the rate grows fast again */
  cut(nowMs: number, perSecond: number, shown: number): void
  /** The store has accepted this many. */
  raise(perSecond: number): void
  /** Somebody has waited for the pace, so it may be faster by now. */
  grow(nowMs: number): void
  /** Nobody has waited, so the absence of refusals proves nothing. */
  stay(nowMs: number): void
  refused(nowMs: number, hasAsked: boolean): void
}

export function createRate(): Rate {
  let perSecond = Number.POSITIVE_INFINITY
  let isFinding = true
  let known = 0
  let grownMs = 0
  let refusedMs = 0
  let restMs = REST_MS

  const growth = (nowMs: number): number => {
    if (isFinding) return FINDING
    const restedMs = nowMs - refusedMs - restMs
    if (restedMs < 0) return 0
    return perSecond < known ? FASTEST : Math.min(FASTEST, PROBE * (1 + restedMs / 1000) ** 2)
  }
  return {
    get perSecond() {
      return perSecond
    },
    get isBound() {
      return perSecond !== Number.POSITIVE_INFINITY
    },
    get isFinding() {
      return isFinding
    },
    start(nowMs, from) {
      perSecond = from
      grownMs = nowMs
    },
    cut(nowMs, to, shown) {
      const deepest = isFinding ? 1 : Math.max(1, DEEPEST_CUT * perSecond)
      if (to < perSecond) isFinding = false
      perSecond = Math.min(perSecond, Math.max(to, deepest))
      known = shown
      grownMs = nowMs
    },
    raise(to) {
      perSecond = Math.max(perSecond, to)
    },
    grow(nowMs) {
      perSecond *= 1 + (growth(nowMs) * (nowMs - grownMs)) / 1000
      grownMs = nowMs
    },
    stay(nowMs) {
      grownMs = nowMs
    },
    refused(nowMs, hasAsked) {
      refusedMs = nowMs
      if (hasAsked) restMs = LONG_REST_MS
    },
  }
}
