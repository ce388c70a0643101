/** Limits are given by the second: what was refused is weighed against what was taken within one. */
const ROUND_MS = 1000
/** A share of refusals that is no reason to slow down: without any, nothing would tell where the limit is. */
const BEARABLE = 0.015
/** What is to be refused after a cut. */
const AIM = 0.005
/** From this share of refusals on, of what left since the first one, the pace is cut before the round has ended. */
const PLAIN = 0.25
const PLAIN_ANSWERS = 20
/** With fewer taken the store has closed for a while, and the share says nothing of what it takes. */
const CLOSED = 0.1
/** A pace that was never reached is not what the store has refused. */
const REACHED = 1.1

/** What became of the requests that left since some moment. Times in milliseconds. */
export interface Round {
  readonly sinceMs: number
  begin(nowMs: number): void
  taken(leftMs: number): void
  refused(leftMs: number): void
  /**
   * @param perSecond at what pace they have left
   * @returns the pace to go on with; undefined for the same, or as long as too little is known
   */
  verdict(nowMs: number, perSecond: number): number | undefined
}

/**
 * What was refused is set against what was taken, and not against time: a process that gets no time to run sends and is
 * answered less, but not in another proportion.
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
