/** When the next request may leave, learnt from what a store refuses. Times are monotonic, in milliseconds. */
export interface Pace {
  /** How long the next request has to wait; 0 as long as nothing was refused. */
  wait(nowMs: number): number
  /** A request leaves. */
  left(nowMs: number): void
  /** A request was carried out. */
  delivered(nowMs: number): void
  /** @param retryAfterMs how long the store asks to be left alone; whoever was refused waits so long, the others a second */
  refused(nowMs: number, retryAfterMs?: number): void
}

/** Over which deliveries are counted; answers to what was sent before a cut come in as long. */
const WINDOW_MS = 1000
/** Of what was delivered in the window before: nothing more is refused then, and little is given away. */
const BELOW = 0.95
/** So many within a part of a window are no mere burst that a store allows before it is strict. */
const MANY = 400
/** A window with a pause in it says less than the store can do: a cut goes no further down than to this share. */
const DEEPEST_CUT = 0.7
/** Growth a second right after a cut. It rises with the square of the time since: first with care, then to find out. */
const PROBE = 0.01
/** The same until a whole window has shown what the store can take, and at most. */
const DOUBLING = 1
/** Answers to what was on the way when a pace was chosen say nothing about it. */
const ON_THE_WAY_MS = 100
/** What timers are late by is made up for, but no more. */
const LATE_MS = 20
/** A store that has taken nothing for so long has no pace: whoever waits goes on, and fails as with any other store. */
const DEAD_MS = 5000
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 1000

/**
 * Unbounded until something is refused; then requests leave at even intervals, a little slower than the store has shown
 * that it can take, and slowly faster again. What halves and grows, as TCP does, would leave a quarter of a fixed rate
 * unused and be refused at every turn.
 */
export function createPace(): Pace {
  let perSecond = Number.POSITIVE_INFINITY
  let nextMs = 0
  let cutMs = Number.NEGATIVE_INFINITY
  let startedMs: number | undefined
  /** When it took something, or was first seen to refuse. */
  let aliveMs = 0
  let grownMs = 0
  let isMeasured = false
  let pauseMs = FIRST_PAUSE_MS
  const recent = createWindow()

  const pause = (nowMs: number, ms: number): void => {
    nextMs = Math.max(nextMs, nowMs + ms)
  }
  const grow = (nowMs: number): void => {
    const seconds = (nowMs - cutMs) / 1000
    const share = isMeasured ? Math.min(DOUBLING, PROBE * (1 + seconds ** 2)) : DOUBLING
    perSecond *= 1 + (share * (nowMs - grownMs)) / 1000
    grownMs = nowMs
  }

  const cut = (nowMs: number): void => {
    const delivered = recent.count(nowMs)
    const shown = Math.max(1, delivered) * BELOW
    const deepest = perSecond === Number.POSITIVE_INFINITY ? 0 : perSecond * DEEPEST_CUT
    isMeasured ||= nowMs - (startedMs ?? nowMs) > WINDOW_MS || delivered > MANY
    perSecond = Math.min(perSecond, Math.max(shown, deepest))
    cutMs = nowMs
    grownMs = nowMs
    pauseMs = FIRST_PAUSE_MS
  }

  return {
    wait(nowMs) {
      const isPaced = perSecond !== Number.POSITIVE_INFINITY && nowMs - aliveMs < DEAD_MS
      return isPaced ? Math.max(0, nextMs - nowMs) : 0
    },
    left(nowMs) {
      startedMs ??= nowMs
      if (perSecond === Number.POSITIVE_INFINITY) return
      grow(nowMs)
      nextMs = Math.max(nextMs, nowMs - LATE_MS) + 1000 / perSecond
    },
    delivered(nowMs) {
      aliveMs = nowMs
      recent.add(nowMs)
    },
    refused(nowMs, retryAfterMs = 0) {
      if (perSecond === Number.POSITIVE_INFINITY) {
        aliveMs = nowMs
        pause(nowMs, FIRST_PAUSE_MS)
        cut(nowMs)
      } else if (nowMs - cutMs > WINDOW_MS) {
        isMeasured = true
        cut(nowMs)
      } else if (nowMs - cutMs > ON_THE_WAY_MS && nextMs <= nowMs + ON_THE_WAY_MS) {
        pause(nowMs, pauseMs)
        pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)
      }
      pause(nowMs, Math.min(LONGEST_PAUSE_MS, retryAfterMs))
    },
  }
}

/** Counts what happened within the last {@link WINDOW_MS}, in tenths of it. */
function createWindow(): { add(nowMs: number): void; count(nowMs: number): number } {
  const PARTS = 10
  const counts = new Array<number>(PARTS).fill(0)
  let newest = 0
  const forget = (part: number): void => {
    for (let at = Math.max(newest + 1, part - PARTS + 1); at <= part; at++) counts[at % PARTS] = 0
    newest = Math.max(newest, part)
  }
  const partOf = (nowMs: number): number => Math.floor((nowMs * PARTS) / WINDOW_MS)
  return {
    add(nowMs) {
      forget(partOf(nowMs))
      counts[newest % PARTS] = (counts[newest % PARTS] ?? 0) + 1
    },
    count(nowMs) {
      forget(partOf(nowMs))
      return counts.reduce((sum, count) => sum + count, 0)
    },
  }
}
