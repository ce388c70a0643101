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
export async function forEachBounded<T>(items: readonly T[], options: PoolOptions<T>, work: Work<T>): Promise<void> {
  const failure = await new Promise<Failure | undefined>((resolve) => start(items, { ...options, work, resolve }))
  if (failure !== undefined) throw failure.error
  options.signal?.throwIfAborted()
}

type Work<T> = (item: T) => Promise<void>

interface Failure {
  readonly error: unknown
}

interface Pool<T> extends PoolOptions<T> {
  readonly work: Work<T>
  readonly resolve: (failure: Failure | undefined) => void
}

/** Each item that ends lets the next ones in: nobody watches all that run, which for each would cost as much as many. */
function start<T>(items: readonly T[], { concurrency, weigh, signal, work, resolve }: Pool<T>): void {
  const waiting = items[Symbol.iterator]()
  let next = waiting.next()
  let running = 0
  let held = 0
  let failure: Failure | undefined

  const doOne = async (item: T, weight: number): Promise<void> => {
    try {
      await work(item)
    } catch (error) {
      failure ??= { error }
    }
    running -= 1
    held -= weight
    fill()
  }
  const fill = (): void => {
    while (!next.done && running < concurrency && failure === undefined && !signal?.aborted) {
      const item = next.value
      const weight = Math.min(weigh(item), BYTES_IN_FLIGHT)
      if (running > 0 && held + weight > BYTES_IN_FLIGHT) break
      running += 1
      held += weight
      next = waiting.next()
      void doOne(item, weight)
    }
    if (running === 0) resolve(failure)
  }
  fill()
}
