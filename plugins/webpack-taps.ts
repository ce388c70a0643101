/** How webpack is told that a tap has ended. */
type Done = (error?: Error | null) => void

/** Tap stages: before and after every plugin that sets no such stage itself. */
export const FIRST = -100
export const LAST: number = Number.MAX_SAFE_INTEGER

/**
 * Calls `done` when the work has ended, outside its promise chain. webpack continues the build inside that call: what
 * another plugin throws there would be an unhandled rejection of our promise.
 */
export function whenDone(work: Promise<unknown>, done: Done): void {
  work.then(
    () => process.nextTick(done),
    (error: unknown) => process.nextTick(done, error instanceof Error ? error : new Error(String(error))),
  )
}
