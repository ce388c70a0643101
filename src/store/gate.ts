import { abortedError, throwIfAborted } from './abort.ts'
import { type Follower, followersOf } from './abort-followers.ts'
import type { Pace } from './pace.ts'

/** Lets requests out one after the other, as a pace says. */
export interface Gate {
  /**
   * @param isUrgent goes ahead of all who wait, and at once
   * @returns nothing when the way is free. @throws what a signal that fires is turned into
   */
  pass(signal: AbortSignal | undefined, isUrgent?: boolean): Promise<void> | undefined
}

/** Time, as a test may replace it. */
export interface Clock {
  /** Milliseconds, only ever growing. */
  now(): number
  /** @returns calls it off */
  later(deed: () => void, ms: number): () => void
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  later(deed, ms) {
    const timer = setTimeout(deed, ms)
    return () => clearTimeout(timer)
  },
}

interface Waiter {
  leave(): void
}

/** Whoever waits stands in a line: only the first asks for the time, so that all follow a pace that has changed. */
export function createGate(pace: Pace, { now, later }: Clock = SYSTEM_CLOCK): Gate {
  const line = new Set<Waiter>()
  let callOff: (() => void) | undefined

  const pump = (): void => {
    callOff = undefined
    for (const waiter of line) {
      const waitMs = pace.wait(now())
      if (waitMs > 0) {
        callOff = later(pump, waitMs)
        return
      }
      line.delete(waiter)
      pace.left(now())
      waiter.leave()
    }
  }

  const stand = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const followers = signal && followersOf(signal)
      let place = 0
      const waiter: Waiter & Follower = {
        leave() {
          followers?.delete(waiter, place)
          resolve()
        },
        stop() {
          line.delete(waiter)
          followers?.delete(waiter, place)
          if (line.size === 0) {
            callOff?.()
            callOff = undefined
          }
          if (signal) reject(abortedError(signal))
        },
      }
      place = followers?.add(waiter) ?? 0
      line.add(waiter)
      if (callOff === undefined) pump()
    })

  return {
    pass(signal, isUrgent = false) {
      throwIfAborted(signal)
      if (!isUrgent && (line.size > 0 || pace.wait(now()) > 0)) return stand(signal)
      pace.left(now())
      return undefined
    },
  }
}
