import { abortedError, throwIfAborted } from '../abort.ts'
import { type Follower, followersOf } from './abort-followers.ts'
import type { Pace } from './pace.ts'

/** Holds requests back so that they leave at a given pace. */
export interface Gate {
  /**
   * @param isUrgent skips the queue and does not wait
   * @returns `undefined` when there is no need to wait. @throws E_ABORTED, or the reason the signal was given
   */
  pass(signal: AbortSignal | undefined, isUrgent?: boolean): Promise<void> | undefined
}

/** Time, which tests replace. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number
  /** @returns cancels it */
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

/** A queue with one timer, for its first waiter only, so that a change of pace applies to all who wait. */
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
