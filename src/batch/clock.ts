/** Time and randomness, injected so that tests of the batch mode never have to wait. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves when `ms` milliseconds have passed, or as soon as the signal fires. Never rejects. */
  sleep(ms: number, signal?: AbortSignal | undefined): Promise<void>
  /** From 0 up to but not including 1. */
  random(): number
}

/** The machine's own. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
    }),
}
