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
  /** How long the store asks to be left alone; whoever was refused waits so long, the others a second. @default 0 */
  readonly retryAfterMs?: number | undefined
}

/** A store that has taken nothing for so long has no pace: whoever waits goes on, and fails as with any other store. */
const DEAD_MS = 5000
const TAKING_MS = 1000
/** A second, at first: the very first request may be the one that is refused. */
const FIRST = 10
/** Of what was taken within the last second; a little less, so that it is taken again. */
const BELOW = 0.97
/** So many refused one after the other, over so long, and the store is closed until its next second begins. */
const MOST_IN_A_ROW = 10
const FEWEST_IN_A_ROW = 3
const IN_A_ROW_SECONDS = 1 / 50
const IN_A_ROW_MS = 10
/** Between two that try whether it is open again. */
const SHORTEST_GAP_MS = 25
const LONGEST_GAP_MS = 200
const LONGEST_PAUSE_MS = 1000

/**
 * Unbounded until something is refused; then requests leave at even intervals, as fast as the store takes all of them
 * but for a hundredth. What halves and grows, as TCP does, would leave a quarter of a fixed rate unused and be refused
 * at every turn.
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
  /** When it took something, or was first seen to refuse. */
  #aliveMs = 0
  #inARow = 0
  #rowFromMs = 0
  /** While the store is closed one goes out at a time, to see when that ends. */
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
