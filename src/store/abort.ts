import { LadingError } from '../words/errors.ts'

/** The error a call ends with when its signal fired: the signal's own reason where that is one of ours. */
export function abortedError(signal: AbortSignal): LadingError {
  if (signal.reason instanceof LadingError) return signal.reason
  return new LadingError('E_ABORTED', 'the request was given up', { cause: signal.reason })
}

/** @throws E_ABORTED, or the reason the signal was given */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedError(signal)
}
