import type { Store } from '../../store/store.ts'
import type { Clock } from '../clock.ts'
import type { IdleRule } from '../plan/idle.ts'
import type { Lane } from '../plan/lanes.ts'
import type { ImageJob } from '../plan/messages.ts'
import type { Verifier } from '../plan/signing.ts'
import type { Queue } from '../queue.ts'
import type { Look } from '../receipts/assemble.ts'
import type { WorkerEmit } from './events.ts'
import type { Handler } from './handler.ts'

export interface WorkerOptions {
  /** Names this worker; its control queue is its own. */
  readonly instance: string
  readonly store: Store
  readonly lanes: Readonly<Record<Lane, Queue>>
  readonly deadLetters: Queue
  readonly handler: Handler
  /** Whose messages are obeyed. */
  readonly verify: Verifier
  /** Jobs at once: one for each core. */
  readonly slots: number
  /** Pixels in work at once, see `pixelBudget`. */
  readonly pixels: number
  /** The second stage. @default somebody else assembles */
  readonly assembly?: AssemblyStage | undefined
  /** Called when an item's receipt is there. @default nothing */
  readonly arrived?: ((batch: string, item: string) => Promise<void>) | undefined
  /** Looks up the path of an image that is about to be named. @default its original's key stands for it */
  readonly pathOf?: PathOf | undefined
  /** Where commands come from. @default nobody commands */
  readonly control?: Queue | undefined
  /** When it retires by itself. @default three empty receives of every queue, and gauges at 0 for 30 s */
  readonly idle?: IdleRule | 'never' | undefined
  /** Messages fetched at once for a lane, when few of its previous ones are left. @default 10 */
  readonly prefetch?: number | undefined
  /** How long a receive waits, in seconds. @default 20 */
  readonly waitSeconds?: number | undefined
  /** How long a lease lasts from each renewal, in seconds. @default 60 */
  readonly leaseSeconds?: number | undefined
  /** @default the machine's */
  readonly clock?: Clock | undefined
  readonly emit?: WorkerEmit | undefined
  /** How long its machine has been up, in seconds, where that is paid for. @default it is not */
  readonly upSeconds?: (() => number) | undefined
}

/** The image's path in the folder that was submitted; rejects when the list of its batch cannot be read. */
export type PathOf = (job: ImageJob, signal: AbortSignal) => Promise<string | undefined>

export interface AssemblyStage {
  readonly queue: Queue
  readonly look: (batch: string, shard: string) => Promise<Look>
  /**
   * Whether this worker stays for barriers that are not due yet. Where there is a fleet, one of it is enough.
   * @default every worker does
   */
  readonly isKept?: (() => boolean) | undefined
}
