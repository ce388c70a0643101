import { LadingError, printable } from '../../words/errors.ts'
import type { Clock } from '../clock.ts'
import type { WorkerEmit } from './events.ts'

/** The first and the longest wait after something outside has failed, in milliseconds. */
const FIRST_MS = 1000
const LAST_MS = 60_000

/** Exponential backoff while something keeps failing. */
export interface Patience {
  /** Waits after a failure. @returns the planned wait, in milliseconds, which the signal may have cut short */
  wait(what: string, error: unknown, signal: AbortSignal): Promise<number>
  /** It works again. */
  reset(): void
}

export function createPatience(clock: Clock, emit: WorkerEmit): Patience {
  let failures = 0
  return {
    async wait(what, error, signal) {
      const waitMs = Math.min(LAST_MS, FIRST_MS * 2 ** failures) * (0.5 + clock.random() / 2)
      failures += 1
      emit({ type: 'trouble', what, error: asLadingError(error), waitMs })
      await clock.sleep(waitMs, signal)
      return waitMs
    },
    reset() {
      failures = 0
    },
  }
}

export function asLadingError(error: unknown): LadingError {
  if (error instanceof LadingError) return error
  return new LadingError('E_BUG', printable(String(error).slice(0, 200)), { cause: error })
}

/** Exit codes of failures that no image causes: credentials, the network, the store. */
const OUTSIDE = new Set([4, 5])

/** Whether something external has failed, rather than the job. */
export function isOutside(error: unknown): error is LadingError {
  return error instanceof LadingError && (error.retryable || OUTSIDE.has(error.exitCode))
}
