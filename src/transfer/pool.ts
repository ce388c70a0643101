/** Bytes of bodies held at once, however many requests run: what lets many small uploads fit into little memory. */
const BYTES_IN_FLIGHT = 32 * 1024 * 1024

export interface PoolOptions<T> {
  readonly concurrency: number
  /** How much memory one item takes while it is worked on, in bytes. */
  readonly weigh: (item: T) => number
  readonly signal?: AbortSignal | undefined
}

/**
 * Works on all items, at most `concurrency` at once and within the byte budget; one item larger than the whole budget
 * runs alone. Stops taking items when the signal fires or `work` rejects, waits for what is in hand, then rejects.
 */
export async function forEachBounded<T>(
  items: readonly T[],
  { concurrency, weigh, signal }: PoolOptions<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>()
  let held = 0
  let failure: { readonly error: unknown } | undefined
  for (const item of items) {
    const weight = Math.min(weigh(item), BYTES_IN_FLIGHT)
    while (running.size >= concurrency || (running.size > 0 && held + weight > BYTES_IN_FLIGHT))
      await Promise.race(running)
    if (failure !== undefined || signal?.aborted) break
    held += weight
    const task = work(item)
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => {
        held -= weight
        running.delete(task)
      })
    running.add(task)
  }
  await Promise.all(running)
  if (failure !== undefined) throw failure.error
  signal?.throwIfAborted()
}
