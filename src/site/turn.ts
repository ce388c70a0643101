/**
 * How long work may hold the event loop before it gives way, in milliseconds. A request needs several turns to be
 * connected, sent and answered: those sent to the store before can complete while files are read.
 */
const SLICE_MS = 8

/**
 * Gives the event loop a turn when the last one is a while ago: signals, progress and answers must not starve while
 * files are read and parsed. One call to {@link turns} per loop, one call of its result per round.
 */
export function turns(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let last = performance.now()
  return () => {
    if (performance.now() - last < SLICE_MS) return undefined
    return new Promise((resolve, reject) =>
      setImmediate(() => {
        last = performance.now()
        if (signal?.aborted) reject(signal.reason)
        else resolve()
      }),
    )
  }
}
