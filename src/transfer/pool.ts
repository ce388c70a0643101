import { createLanes, type Lanes } from './lanes.ts'

/** Budget for large items, in bytes: lets many small uploads run beside a few large ones within little memory. */
const LARGE_BYTES = 20 * 1024 * 1024
/** Bytes of small items held at once, however many requests run. */
const SMALL_BYTES = 8 * 1024 * 1024
/** From this weight on an item is a large one, in bytes. */
const LARGE = 256 * 1024
/** Concurrent large items while small ones wait: more would only share the same bandwidth. */
const LARGE_LANES = 6
/** The same where processors are the limit: then more of them keep the store from answering small ones meanwhile. */
const LARGE_LANES_NEAR = 2
/** CPU share of this process, of one core, above which it is taken for that: waiting for a network takes none. */
const NEAR = 0.5

export interface PoolOptions<T> {
  readonly concurrency: number
  /** Adaptive concurrency, shared between calls. @default fixed at `concurrency` */
  readonly lanes?: Lanes | undefined
  /** How much memory one item takes while it is worked on, in bytes. */
  readonly weigh: (item: T) => number
  readonly signal?: AbortSignal | undefined
}

/**
 * Works on all items, at most `concurrency` at once and within the byte budget. Large items begin first and have a few
 * lanes of their own, so that they hold up no small one; of each kind the order is kept, and one that is larger than the
 * whole budget is the only large one. Stops taking items when the signal fires or `work` rejects, waits for what is in
 * hand, then rejects.
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

/** Items of one kind, in order, and what of them is in hand. */
interface Queue<T> {
  readonly items: readonly T[]
  readonly budget: number
  next: number
  running: number
  held: number
}

/** Each item that ends starts the next ones. Racing all running promises would cost O(running) per item. */
function start<T>(
  items: readonly T[],
  { concurrency, lanes = createLanes({ from: concurrency, most: concurrency }), weigh, signal, work, resolve }: Pool<T>,
): void {
  const large = queueOf(
    items.filter((item) => weigh(item) >= LARGE),
    LARGE_BYTES,
  )
  const small = queueOf(large.items.length === 0 ? items : items.filter((item) => weigh(item) < LARGE), SMALL_BYTES)
  let failure: Failure | undefined

  const largeLanes = (): number =>
    Math.min(lanes.load > NEAR ? LARGE_LANES_NEAR : LARGE_LANES, Math.ceil(concurrency / 2))
  const isFull = (): boolean => large.running + small.running >= lanes.count && small.next < small.items.length

  const doOne = async (queue: Queue<T>, item: T, weight: number): Promise<void> => {
    try {
      await work(item)
    } catch (error) {
      failure ??= { error }
    }
    if (queue === small) lanes.ended(isFull())
    queue.running -= 1
    queue.held -= weight
    fill()
  }
  /** Begins the first of a queue if it fits. */
  const beginOne = (queue: Queue<T>): boolean => {
    const item = queue.items[queue.next]
    if (queue.next >= queue.items.length || item === undefined) return false
    const weight = Math.min(weigh(item), queue.budget)
    if (queue.running > 0 && queue.held + weight > queue.budget) return false
    queue.next += 1
    queue.running += 1
    queue.held += weight
    void doOne(queue, item, weight)
    return true
  }
  const fill = (): void => {
    for (let more = true; more && failure === undefined && !signal?.aborted; ) {
      if (large.running + small.running >= lanes.count) break
      const isRoomy = large.running < largeLanes() || small.next >= small.items.length
      more = (isRoomy && beginOne(large)) || beginOne(small)
    }
    if (large.running + small.running === 0) resolve(failure)
  }
  lanes.begin()
  fill()
}

const queueOf = <T>(items: readonly T[], budget: number): Queue<T> => ({ items, budget, next: 0, running: 0, held: 0 })
