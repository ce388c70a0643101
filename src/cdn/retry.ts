import { setTimeout as delay } from 'node:timers/promises'
import { LadingError } from '../errors.ts'
import { abortedError, throwIfAborted } from '../store/abort.ts'

/** The first wait, in milliseconds; it doubles with every attempt. */
const BASE_MS = 1000
/** The longest wait, ours or one that the CDN asks for, in milliseconds. */
const CAP_MS = 60_000

/** Attempts after the first one. */
const RETRIES = 5
/** The same when a limit is met: it frees itself as earlier work ends, which takes minutes rather than seconds. */
const THROTTLED_RETRIES = 9

/** Time, as a test may replace it. */
export interface Clock {
  /** Milliseconds, only ever growing. */
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
 * Tries again what failed for a passing reason, with growing waits or, if longer, the wait that the CDN asked for.
 * It stands around single requests and not around the port: a purge of many requests would start from its beginning.
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
      // At least half of it: two deploys that met should not meet again, and a full limit is not free at once.
      const chosen = Math.min(CAP_MS, BASE_MS * 2 ** (failures - 1)) * (0.5 + clock.random() / 2)
      await clock.sleep(Math.max(chosen, Math.min(error.retryAfterMs ?? 0, CAP_MS)), signal)
    }
  }
}
