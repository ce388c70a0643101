import { createLateness } from './pace-late.ts'
import { createRate } from './pace-rate.ts'
import { createRound } from './pace-round.ts'
import { createWindow } from './pace-window.ts'

/** When the next request may leave, learnt from what a store refuses. Times are monotonic, in milliseconds. */
export interface Pace {
  /** How long the next request has to wait; 0 as long as nothing was refused. */
  wait(nowMs: number): number
  /** A request leaves. */
  left(nowMs: number): void
  /** A request was carried out that left at `leftMs`. */
  delivered(nowMs: number, leftMs: number): void
  /** One was refused that left at `leftMs`. */
  refused(nowMs: number, leftMs: number, options?: RefusalOptions): void
  /** Whether the store has taken anything within the last second. */
  isTaking(nowMs: number): boolean
}

export interface RefusalOptions {
  /** The store's Retry-After: the refused call waits that long, the others at most a second. @default 0 */
  readonly retryAfterMs?: number | undefined
}

/** A store that has accepted nothing for this long is not paced: calls are sent, and fail as with any other store. */
const DEAD_MS = 5000
const TAKING_MS = 1000
/** The lowest rate to start with, per second: the very first request may be the one refused. */
const FIRST = 10
/** The share of what was accepted within the last second that is sent next: a little less, to be accepted again. */
const BELOW = 0.97
/** After so many refusals in a row, over so long, the store counts as closed until its next second begins. */
const MOST_IN_A_ROW = 10
const FEWEST_IN_A_ROW = 3
const IN_A_ROW_SECONDS = 1 / 50
const IN_A_ROW_MS = 10
/** Time between two requests that test whether it is open again. */
const SHORTEST_GAP_MS = 25
const LONGEST_GAP_MS = 200
const LONGEST_PAUSE_MS = 1000

/**
 * Unbounded until something is refused; then requests leave at even intervals, as fast as the store accepts all but
 * about 1 % of them. Halving and growing, as TCP does, would leave a quarter of a fixed rate unused and be refused in
 * every cycle.
 */
export function createPace(): Pace {
  return new LearntPace()
}

class LearntPace implements Pace {
  readonly #rate = createRate()
  readonly #round = createRound()
  readonly #lateness = createLateness()
  readonly #recent = createWindow()
  #nextMs = 0
  #takenMs = Number.NEGATIVE_INFINITY
  /** When the store last accepted a request, or first refused one. */
  #aliveMs = 0
  #inARow = 0
  #rowFromMs = 0
  /** While the store is closed, single requests test when that ends. */
  #closed: { readonly sinceMs: number; gapMs: number } | undefined

  wait(nowMs: number): number {
    const isPaced = this.#rate.isBound && nowMs - this.#aliveMs < DEAD_MS
    return isPaced ? Math.max(0, this.#nextMs - nowMs) : 0
  }

  left(nowMs: number): void {
    if (!this.#rate.isBound) return
    if (this.#closed) {
      this.#nextMs = nowMs + this.#closed.gapMs
      return
    }
    if (this.#lateness.left(nowMs, this.#nextMs)) this.#rate.stay(nowMs)
    else this.#rate.grow(nowMs)
    this.#nextMs = Math.max(this.#nextMs, nowMs - this.#lateness.allowedMs) + 1000 / this.#rate.perSecond
  }

  isTaking(nowMs: number): boolean {
    return nowMs - this.#takenMs < TAKING_MS
  }

  delivered(nowMs: number, leftMs: number): void {
    this.#takenMs = nowMs
    this.#aliveMs = nowMs
    this.#recent.add(nowMs)
    if (!this.#rate.isBound) return
    this.#inARow = 0
    if (this.#closed && leftMs > this.#closed.sinceMs) this.#open(nowMs)
    else if (leftMs > this.#round.sinceMs) {
      this.#round.taken(leftMs)
      this.#judge(nowMs)
    } else if (this.#rate.isFinding) {
      // Answers to the first burst come one after the other.
      this.#rate.raise(this.#shown(nowMs))
    }
  }

  refused(nowMs: number, leftMs: number, { retryAfterMs = 0 }: RefusalOptions = {}): void {
    if (!this.#rate.isBound) this.#begin(nowMs)
    // What left before the last change of pace says nothing of this one.
    else if (leftMs > this.#round.sinceMs) this.#count(nowMs, leftMs, retryAfterMs > 0)
    this.#nextMs = Math.max(this.#nextMs, nowMs + Math.min(LONGEST_PAUSE_MS, retryAfterMs))
  }

  #begin(nowMs: number): void {
    this.#aliveMs = nowMs
    this.#rate.start(nowMs, Math.max(FIRST, this.#shown(nowMs)))
    this.#round.begin(nowMs)
    this.#close(nowMs)
  }

  #count(nowMs: number, leftMs: number, hasAsked: boolean): void {
    if (!hasAsked && this.#lateness.isToBlame(leftMs)) return
    this.#rate.refused(nowMs, hasAsked)
    if (this.#closed) {
      if (leftMs > this.#closed.sinceMs) this.#closed.gapMs = Math.min(LONGEST_GAP_MS, 2 * this.#closed.gapMs)
      return
    }
    this.#round.refused(leftMs)
    if (this.#isClosed(leftMs)) {
      this.#close(nowMs)
      this.#cut(nowMs, this.#shown(nowMs))
    } else if (hasAsked && !this.#rate.isFinding) this.#cut(nowMs, this.#shown(nowMs))
    else this.#judge(nowMs)
  }

  #isClosed(leftMs: number): boolean {
    if (this.#inARow === 0) this.#rowFromMs = leftMs
    this.#inARow += 1
    const enough = Math.max(FEWEST_IN_A_ROW, Math.min(MOST_IN_A_ROW, IN_A_ROW_SECONDS * this.#rate.perSecond))
    return this.#inARow >= enough && leftMs - this.#rowFromMs >= IN_A_ROW_MS
  }

  #judge(nowMs: number): void {
    const perSecond = this.#round.verdict(nowMs, this.#rate.perSecond)
    if (perSecond !== undefined) this.#cut(nowMs, perSecond)
  }

  #cut(nowMs: number, perSecond: number): void {
    this.#rate.cut(nowMs, perSecond, this.#shown(nowMs))
    this.#round.begin(nowMs)
  }

  #close(nowMs: number): void {
    this.#inARow = 0
    this.#closed = { sinceMs: nowMs, gapMs: SHORTEST_GAP_MS }
    this.#nextMs = nowMs + SHORTEST_GAP_MS
  }

  #open(nowMs: number): void {
    this.#closed = undefined
    this.#nextMs = nowMs
    this.#rate.stay(nowMs)
    this.#round.begin(nowMs)
  }

  #shown(nowMs: number): number {
    return Math.max(1, BELOW * this.#recent.count(nowMs))
  }
}
