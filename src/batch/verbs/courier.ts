import { LadingError } from '../../words/errors.ts'
import { plural } from '../../words/units.ts'
import type { Lane } from '../plan/lanes.ts'
import type { BatchItem } from '../plan/manifest.ts'
import { encodeMessage } from '../plan/messages.ts'
import type { Signer } from '../plan/signing.ts'
import type { Outgoing, Queue } from '../queue.ts'
import type { Courier } from './doors.ts'

export interface CourierOptions {
  readonly lanes: Readonly<Record<Lane, Queue>>
  readonly assembly: Queue
  readonly signer: Signer
  /** Where the end of a batch is announced. @default nowhere: the result is in the store */
  readonly outbox?: Queue | undefined
  readonly signal?: AbortSignal | undefined
}

/** Messages made and sent at once: those of a million images would take a gigabyte. */
const SENT_AT_ONCE = 1000

/** Signs messages and groups them by batch, so that a small batch need not wait for a large one to end. */
export function createCourier({ lanes, assembly, signer, outbox, signal }: CourierOptions): Courier {
  return {
    async sendJobs({ batch, recipe, lane, deadline }, items) {
      const messageOf = ({ item, src, predicted }: BatchItem): Outgoing => {
        const body = encodeMessage({ v: 1, kind: 'image', batch, item, src, recipe, lane, predicted, deadline }, signer)
        return { body, group: batch }
      }
      for (let at = 0; at < items.length; at += SENT_AT_ONCE) {
        await sendAll(lanes[lane], items.slice(at, at + SENT_AT_ONCE).map(messageOf), signal)
      }
    },
    async sendBarriers({ batch }, shards, delaySeconds) {
      const messages = shards.map((shard): Outgoing => {
        return { body: encodeMessage({ v: 1, kind: 'assemble', batch, shard }, signer), group: batch, delaySeconds }
      })
      await sendAll(assembly, messages, signal)
    },
    async tell(result) {
      if (outbox)
        await sendAll(outbox, [{ body: JSON.stringify({ ...result, kind: 'closed' }), group: result.batch }], signal)
    },
  }
}

async function sendAll(queue: Queue, messages: readonly Outgoing[], signal: AbortSignal | undefined): Promise<void> {
  if (messages.length === 0) return
  const failures = await queue.send(messages, { signal })
  if (failures.length === 0) return
  throw new LadingError('E_QUEUE', `${plural(failures.length, 'message')} of ${messages.length} were not accepted`, {
    subject: queue.label,
    why: [...new Set(failures.map(({ reason }) => reason))].slice(0, 3).join('; '),
    hint: 'Run the same command again: it sends those that have no receipt.',
    retryable: failures.every(({ isOurs }) => !isOurs),
  })
}
