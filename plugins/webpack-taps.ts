/** How webpack is told that a tap has ended. */
type Done = (error?: Error | null) => void

/** Stages: before, and after every other plugin that says nothing of the kind. */
export const FIRST = -100
export const LAST: number = Number.MAX_SAFE_INTEGER

/**
 * Ends a tap when the work has ended, outside of its promise. webpack goes on inside of the call, far into the build:
 * what another plugin throws there would be the rejection of a promise of ours, which nobody handles.
 */
export function whenDone(work: Promise<unknown>, done: Done): void {
  work.then(
    () => process.nextTick(done),
    (error: unknown) => process.nextTick(done, error instanceof Error ? error : new Error(String(error))),
  )
}
