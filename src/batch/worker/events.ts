import type { LadingError } from '../../words/errors.ts'
import type { Lane } from '../plan/lanes.ts'

/**
 *   working    takes work and does it
 *   paused     takes none; what it has begun goes on
 *   draining   takes none any more and ends when what it has begun is done
 *   stopping   hands back what it has and ends
 */
export type WorkerState = 'working' | 'paused' | 'draining' | 'stopping'

/** What a worker says while it works. */
export type WorkerEvent =
  | { readonly type: 'state'; readonly state: WorkerState; readonly reason: string }
  | { readonly type: 'taken'; readonly batch: string; readonly item: string; readonly lane: Lane }
  | {
      readonly type: 'ended'
      readonly batch: string
      readonly item: string
      /** Of its original. */
      readonly key: string
      /** In the folder that was submitted; where it failed or crashed, and the list of the batch could be read. */
      readonly path?: string
      readonly result: Result
      readonly reason?: string
    }
  /** A message that is not ours, now among the dead letters. */
  | { readonly type: 'refused'; readonly queue: string; readonly id: string; readonly reason: string }
  /** A message of a later version, handed back. */
  | { readonly type: 'newer'; readonly queue: string; readonly id: string; readonly version: number }
  /** The lease of a message has ended while we had it: somebody else may have it as well. */
  | { readonly type: 'lost'; readonly queue: string; readonly id: string }
  /** Something outside fails; it is tried again after a while. */
  | { readonly type: 'trouble'; readonly what: string; readonly error: LadingError; readonly waitMs: number }
  | { readonly type: 'command'; readonly verb: string; readonly id: string }
  | { readonly type: 'notice'; readonly notice: string }

export type Result = 'done' | 'failed' | 'cancelled' | 'crashed' | 'released'

export type WorkerEmit = (event: WorkerEvent) => void
