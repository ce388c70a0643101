import { expect, it } from 'vitest'
import { createStalls } from '../../../src/store/wrappers/hedge-stalls.ts'

/** How many of so many requests are sent a second time; one of 25 waits for 1.5 seconds, all others take no time. */
function hedgedOf(requests: number, isRefusedAt: (request: number) => boolean): number {
  let nowMs = 0
  let due: (() => void) | undefined
  const later = (deed: () => void): (() => void) => {
    due = deed
    return () => {
      due = undefined
    }
  }
  const stalls = createStalls({ now: () => nowMs, later })
  for (let at = 0; at < 64; at++) stalls.took(20)
  let hedged = 0
  for (let at = 0; at < requests; at++) {
    const request = {
      waitedMs: 0,
      seat: 0,
      stalled() {
        hedged += 1
      },
    }
    stalls.began(request)
    if (isRefusedAt(at)) stalls.refused()
    for (let looks = 0; at % 25 === 24 && looks < 15; looks++) {
      nowMs += 100
      due?.()
    }
    stalls.ended(request)
  }
  return hedged
}

it('a store that refuses one of a hundred is sent nothing a second time', () => {
  expect(hedgedOf(10_000, (at) => at % 100 === 0)).toBe(0)
})

it('one that refused something long ago is', () => {
  expect(hedgedOf(10_000, (at) => at < 500 && at % 100 === 0)).toBeGreaterThan(300)
})
