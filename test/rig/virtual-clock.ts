import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../src/batch/clock.ts'

export interface VirtualClock extends Clock {
  /** Lets time jump from one wait to the next until the promise is settled. */
  run<T>(promise: Promise<T>): Promise<T>
}

interface Timer {
  readonly at: number
  readonly wake: () => void
}

/** Some day in 2026. */
const START = Date.UTC(2026, 10, 23)

/**
 * Time that jumps to the next moment for which somebody waits, once nothing else is left to do. It fits what works in
 * memory alone: a disk or a network would be overtaken.
 */
export function createVirtualClock(seed = 1): VirtualClock {
  let timers: Timer[] = []
  let now = START
  const random = seededRandom(seed)
  return {
    now: () => now,
    random,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const timer: Timer = { at: now + ms, wake: () => done() }
        const done = (): void => {
          timers = timers.filter((each) => each !== timer)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        timers.push(timer)
        signal?.addEventListener('abort', done)
      }),
    async run(promise) {
      let isSettled = false
      const watched = promise.finally(() => {
        isSettled = true
      })
      watched.catch(() => undefined)
      for (;;) {
        await turn()
        if (isSettled) return watched
        const next = timers.reduce<Timer | undefined>(
          (first, each) => (first && first.at <= each.at ? first : each),
          undefined,
        )
        if (!next) throw new Error('everybody waits, and nobody for time')
        now = Math.max(now, next.at)
        next.wake()
      }
    },
  }
}

/** Numbers from 0 up to but not including 1, the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1)
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 8) / 0x100_0000
  }
}
