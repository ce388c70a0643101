/** Growth a second, by the square of the seconds since something was refused: first with care, then to find out. */
const PROBE = 0.02
const FASTEST = 1
/** The same until a limit was met for the second time: the first burst says little of what a store takes for long. */
const FINDING = 3
/** A cut takes no more than this away, once a limit was found. */
const DEEPEST_CUT = 0.7
/** After a refusal all stays as it is for so long. */
const REST_MS = 1000
/** The same where the store has asked for a wait, which costs everybody so much that it is better not met again. */
const LONG_REST_MS = 5000

/** How many requests a second leave at most. Times in milliseconds. */
export interface Rate {
  /** Unbounded until it is started. */
  readonly perSecond: number
  readonly isBound: boolean
  /** Whether no limit was met since the start. */
  readonly isFinding: boolean
  start(nowMs: number, perSecond: number): void
  /** @param shown what the store has taken within the last second: up to that it grows again at once */
  cut(nowMs: number, perSecond: number, shown: number): void
  /** The store has shown that it takes so many. */
  raise(perSecond: number): void
  /** Somebody has waited for the pace, so it may be faster by now. */
  grow(nowMs: number): void
  /** Nobody has waited: that nothing was refused says nothing. */
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
