import type { Clock } from '../clock.ts'
import { NOTICE_GRACE_SECONDS } from '../plan/leaving.ts'
import type { WorkerEmit } from './events.ts'
import { watchNotices } from './imds.ts'
import type { Worker } from './worker.ts'

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
 * Makes a worker react to EC2's notices: a rebalance recommendation drains it; an interruption or termination drains it
 * and, soon after, makes it release unfinished jobs.
 */
export async function heedNotices({ worker, clock, emit, endpoint, signal }: HeedOptions): Promise<void> {
  const stopLater = async (notice: string): Promise<void> => {
    await clock.sleep(NOTICE_GRACE_SECONDS * 1000, signal)
    // A worker that has ended has nothing to release, and must write no more reports.
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
