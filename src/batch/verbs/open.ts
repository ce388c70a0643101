import { join } from 'node:path'
import type { BatchOptions, QueuesPlace } from '../../config/batch.ts'
import type { Run } from '../../line/run.ts'
import { dropOwnQueue, makeOwnQueue, openFleet, openQueue, openStore, type QueueTarget } from '../../providers.ts'
import type { Store } from '../../store/store.ts'
import { LadingError, printable } from '../../words/errors.ts'
import type { Fleet } from '../fleet.ts'
import { MAX_RECEIVES } from '../plan/deliveries.ts'
import { INSTANCE_ID } from '../plan/keys.ts'
import type { Lane } from '../plan/lanes.ts'
import type { Queue } from '../queue.ts'

/** A batch's store, queues and fleet, opened. No request was made yet. */
export interface OpenBatch {
  readonly store: Store
  readonly lanes: Readonly<Record<Lane, Queue>>
  readonly assembly: Queue
  readonly dead: Queue
  /** An instance's own queue of commands. */
  control(instance: string): Promise<Queue>
  /** Creates it, called by the instance itself, unless it exists. */
  makeControl(instance: string): Promise<Queue>
  /** Deletes it when the instance has ended. */
  dropControl(instance: string): Promise<void>
  /** The Auto Scaling group, where one was named. */
  readonly fleet: Fleet | undefined
  /** Whether the queues are folders of this machine. */
  readonly isLocal: boolean
}

/**
 * Every check of an open shard releases its barrier message, which is normal. Here they are checked every half minute
 * until the deadline, which may be a month away.
 */
const MAX_LOOKS = 100_000

/** @throws E_MISSING_PACKAGE */
export async function openBatch(options: BatchOptions, run: Run = {}): Promise<OpenBatch> {
  const { env = process.env } = run
  const { target, queues, group, requestTimeoutMs, retries, ...rest } = options
  const store = await (run.openStore ?? openStore)(target, { ...rest, requestTimeoutMs, retries, env })
  const use = { env, requestTimeoutMs, retries }
  const open = (name: string): Promise<Queue> => openQueue(queueTarget(queues, name), use)
  const [hi, std, bulk, assembly, dead] = await Promise.all(
    (['hi', 'std', 'bulk', 'assembly', 'dead'] as const).map(open) as FiveQueues,
  )
  return {
    store,
    lanes: { hi, std, bulk },
    assembly,
    dead,
    control: (instance) => open(controlOf(instance)),
    async makeControl(instance) {
      await makeOwnQueue(queueTarget(queues, controlOf(instance)), use)
      return open(controlOf(instance))
    },
    dropControl: (instance) => dropOwnQueue(queueTarget(queues, controlOf(instance)), use),
    isLocal: queues.kind === 'folder',
    fleet: group === undefined ? undefined : await openFleet({ kind: 'ec2', group }, use),
  }
}

/** `map` loses the tuple's length. */
type FiveQueues = [Promise<Queue>, Promise<Queue>, Promise<Queue>, Promise<Queue>, Promise<Queue>]

function queueTarget(place: QueuesPlace, name: string): QueueTarget {
  if (place.kind === 'sqs') return { kind: 'sqs', url: `${place.start}-${name}`, endpoint: place.endpoint }
  const path = join(place.path, name)
  // No dead letters: commands expire, and the dead letter queue itself is the last stop.
  if (name === 'dead' || name.startsWith('ctl-')) return { kind: 'folder', path }
  const maxReceives = name === 'assembly' ? MAX_LOOKS : MAX_RECEIVES
  return { kind: 'folder', path, deadLetters: { to: join(place.path, 'dead'), maxReceives } }
}

/** An instance's name becomes part of a queue's. */
function controlOf(instance: string): string {
  if (INSTANCE_ID.test(instance)) return `ctl-${instance}`
  throw new LadingError('E_USAGE', `"${printable(instance)}" cannot name an instance`, {
    hint: 'Write it with letters, digits and "-": i-0123456789abcdef0.',
  })
}
