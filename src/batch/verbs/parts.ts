import { LadingError } from '../../words/errors.ts'

/** A part of an overview that could not be looked at: what is shown of it was seen before. */
export interface Trouble {
  readonly what: string
  readonly error: LadingError
}

export interface Look {
  readonly troubles: Trouble[]
  readonly signal: AbortSignal | undefined
}

/** Whether something is no older than that. Of a clock that was put back nobody knows. */
export const isFresh = (sinceMs: number, mostMs: number): boolean => sinceMs >= 0 && sinceMs < mostMs

/** Reads something again and again. A failure is noted and hides nothing else: what was read last stays. */
export function createPart<T>(
  what: string,
  read: (signal: AbortSignal | undefined) => Promise<T>,
): (look: Look) => Promise<T | undefined> {
  let last: T | undefined
  return async ({ troubles, signal }) => {
    try {
      last = await read(signal)
    } catch (error) {
      troubles.push({ what, error: failureIn(error, signal) })
    }
    return last
  }
}

/** @throws whatever is no failure of a store, a queue or a fleet, and the signal's reason */
export function failureIn(error: unknown, signal: AbortSignal | undefined): LadingError {
  signal?.throwIfAborted()
  if (error instanceof LadingError) return error
  throw error
}
