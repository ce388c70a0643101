/** Wakes everything that waits for a change of any kind. */
export interface Bell {
  ring(): void
  /** Resolves at the next ring, or when the signal fires. */
  wait(signal: AbortSignal): Promise<void>
}

export function createBell(): Bell {
  let waiting: (() => void)[] = []
  return {
    ring() {
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    },
    wait: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve()
        const done = (): void => {
          signal.removeEventListener('abort', done)
          resolve()
        }
        signal.addEventListener('abort', done)
        waiting.push(done)
      }),
  }
}
