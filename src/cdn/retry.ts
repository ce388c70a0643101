import { setTimeout as delay } from 'node:timers/promises'
import { abortedError, throwIfAborted } from '../store/abort.ts'
import { LadingError } from '../words/errors.ts'

/** The first wait, in milliseconds; it doubles with every attempt. */
const BASE_MS = 1000
/** The longest wait, ours or one that the CDN asks for, in milliseconds. */
const CAP_MS = 60_000

/** Attempts after the first one. */
const RETRIES = 5
/** The same when throttled: a limit clears as earlier purges complete, which takes minutes rather than seconds. */
const THROTTLED_RETRIES = 9

/** Time, which tests replace. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number
  /** Rejects with one of our errors when the signal fires. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>
  /** From 0 up to but not including 1. */
  random(): number
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  random: Math.random,
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, { signal })
    } catch (error) {
      throw signal?.aborted ? abortedError(signal) : error
    }
  },
}

export interface Retrying {
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
}

/**
 * Retries what failed for a transient reason, with growing waits or, if longer, the CDN's Retry-After. It wraps single
 * requests and not whole purges, which would start again from their first request.
 */
export async function retrying<T>(attempt: () => Promise<T>, { clock, signal }: Retrying): Promise<T> {
  for (let failures = 1; ; failures++) {
    throwIfAborted(signal)
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof LadingError && error.retryable)) throw error
      if (failures > (error.code === 'E_THROTTLED' ? THROTTLED_RETRIES : RETRIES)) throw error
      throwIfAborted(signal)
      // At least half of it: two deploys that collided should not collide again, and a limit takes time to clear.
      const chosen = Math.min(CAP_MS, BASE_MS * 2 ** (failures - 1)) * (0.5 + clock.random() / 2)
      await clock.sleep(Math.max(chosen, Math.min(error.retryAfterMs ?? 0, CAP_MS)), signal)
    }
  }
}
