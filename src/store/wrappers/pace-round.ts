/** Stores limit requests per second: refusals are compared with what was accepted within one. */
const ROUND_MS = 1000
/** A share of refusals that is no reason to slow down: without any, nothing would tell where the limit is. */
const BEARABLE = 0.015
/** The share of refusals that a cut aims at. */
const AIM = 0.005
/** With a larger share refused, of what left since the first refusal, the pace is cut before the round ends. */
const PLAIN = 0.25
const PLAIN_ANSWERS = 20
/** With a smaller share accepted the store refuses everything for a while, which tells nothing of its rate. */
const CLOSED = 0.1
/** A cut starts from at most this times the rate reached: a pace never reached is not what was refused. */
const REACHED = 1.1

/** Outcomes of the requests that left since some moment. Times in milliseconds. */
export interface Round {
  readonly sinceMs: number
  begin(nowMs: number): void
  taken(leftMs: number): void
  refused(leftMs: number): void
  /**
   * @param perSecond the pace at which they left
   * @returns the pace to go on with; undefined for the same, or as long as too little is known
   */
  verdict(nowMs: number, perSecond: number): number | undefined
}

/**
 * Refusals are compared with acceptances and not with time: a process starved of CPU time sends and receives less, but
 * in the same proportion.
 */
export function createRound(): Round {
  let sinceMs = 0
  let firstMs = Number.POSITIVE_INFINITY
  let taken = 0
  let refused = 0
  let takenSinceFirst = 0

  const begin = (nowMs: number): void => {
    sinceMs = nowMs
    firstMs = Number.POSITIVE_INFINITY
    taken = 0
    refused = 0
    takenSinceFirst = 0
  }
  return {
    get sinceMs() {
      return sinceMs
    },
    begin,
    taken(leftMs) {
      taken += 1
      if (leftMs > firstMs) takenSinceFirst += 1
    },
    refused(leftMs) {
      refused += 1
      firstMs = Math.min(firstMs, leftMs)
    },
    verdict(nowMs, perSecond) {
      const answers = takenSinceFirst + refused
      const isPlain = answers >= PLAIN_ANSWERS && refused > PLAIN * answers && takenSinceFirst > CLOSED * answers
      if (isPlain) return (perSecond * takenSinceFirst) / answers
      if (nowMs - sinceMs < ROUND_MS) return undefined
      const all = taken + refused
      const reached = (all * 1000) / (nowMs - sinceMs)
      const share = refused / all
      if (share > BEARABLE) return Math.min(perSecond, REACHED * reached) * (1 - share + AIM)
      begin(nowMs)
      return undefined
    },
  }
}
