import type { Clock } from '../clock.ts'
import type { WorkerEmit } from './events.ts'
import { watchNotices } from './imds.ts'
import type { Worker } from './worker.ts'

/** How long what is in work may take after the notice that the instance is taken away, in milliseconds. */
const GRACE_MS = 20_000

export interface HeedOptions {
  readonly worker: Pick<Worker, 'drain' | 'stop'>
  readonly clock: Clock
  readonly emit: WorkerEmit
  /** Of the metadata service. */
  readonly endpoint: string
  /** Fires when the worker has ended. */
  readonly signal: AbortSignal
}

/**
 * Lets a worker heed what its instance is told: a recommendation to rebalance drains it; the word that it is taken away
 * drains it and, soon after, makes it hand back what is not done.
 */
export async function heedNotices({ worker, clock, emit, endpoint, signal }: HeedOptions): Promise<void> {
  const stopLater = async (notice: string): Promise<void> => {
    await clock.sleep(GRACE_MS, signal)
    // Who has ended meanwhile has nothing to hand back, and says no more of itself.
    if (!signal.aborted) worker.stop(notice, true)
  }
  await watchNotices({
    endpoint,
    clock,
    signal,
    onNotice(notice) {
      emit({ type: 'notice', notice })
      worker.drain(notice, true)
      if (notice !== 'rebalance') void stopLater(notice)
    },
  })
}
