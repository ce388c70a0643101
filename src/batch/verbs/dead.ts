import { LadingError } from '../../words/errors.ts'
import type { Lane } from '../plan/lanes.ts'
import type { Message, Queue } from '../queue.ts'

/** A message that was received too often, or is not ours. */
export interface DeadLetter {
  readonly id: string
  /** The reason that a worker attached, else how the message ended up here. */
  readonly reason: string
  readonly kind: string
  readonly batch: string | undefined
  readonly item: string | undefined
  readonly lane: string | undefined
  readonly receives: number
  /** ISO 8601. */
  readonly sentAt: string
}

/** How long dead letters are held while they are looked at, in seconds: they are handed back at the end. */
const LOOK_SECONDS = 60

/** More are not shown: with that many the pipeline is at fault, not the messages. */
const MOST_SHOWN = 1000

/** Lists the dead letters. Changes nothing, but leases them, which hides them from others for a moment. */
export async function deadLetters(dead: Queue): Promise<readonly DeadLetter[]> {
  const held = await take(dead, MOST_SHOWN)
  await dead.release(held)
  return held.map(described).sort((a, b) => (a.sentAt < b.sentAt ? -1 : 1))
}

export interface RedriveOptions {
  readonly dead: Queue
  readonly lanes: Readonly<Record<Lane, Queue>>
  readonly assembly: Queue
  /** Only these, by their ids, items or batches. @default all of ours */
  readonly only?: readonly string[] | undefined
}

/**
 * Sends dead letters back to the queues they belong to, unchanged, with their signatures. Those of an unknown kind
 * stay. A letter is acked only after it was sent, so a run that dies leaves it in both queues, which is harmless.
 *
 * @returns how many were sent, and how many stay
 */
export async function redrive(options: RedriveOptions): Promise<{ readonly sent: number; readonly left: number }> {
  const { dead } = options
  const held = await take(dead, MOST_SHOWN)
  const back: Message[] = []
  let sent = 0
  for (const message of held) {
    const queue = isWanted(message, options.only) ? queueOf(message, options) : undefined
    if (!queue) {
      back.push(message)
      continue
    }
    const [failure] = await queue.send([{ body: message.body, group: message.group }])
    if (failure) {
      await dead.release(held)
      throw new LadingError('E_QUEUE', 'a dead letter could not be sent', {
        subject: queue.label,
        why: failure.reason,
        retryable: !failure.isOurs,
      })
    }
    await dead.ack([message])
    sent += 1
  }
  await dead.release(back)
  return { sent, left: back.length }
}

async function take(dead: Queue, most: number): Promise<readonly Message[]> {
  const held: Message[] = []
  while (held.length < most) {
    // Without a wait SQS asks only some of its servers, and may find nothing although there is.
    const max = Math.min(dead.limits.batch, most - held.length)
    const some = await dead.receive({ max, waitSeconds: 1, leaseSeconds: LOOK_SECONDS })
    if (some.length === 0) break
    held.push(...some)
  }
  return held
}

function isWanted(message: Message, only: readonly string[] | undefined): boolean {
  if (!only || only.length === 0) return true
  const { id, item, batch } = described(message)
  return only.some((wanted) => wanted === id || wanted === item || wanted === batch)
}

function queueOf(message: Message, { lanes, assembly }: RedriveOptions): Queue | undefined {
  const { kind, lane } = described(message)
  if (kind === 'assemble') return assembly
  const lanesByName: Readonly<Record<string, Queue>> = lanes
  return kind === 'image' && lane !== undefined && Object.hasOwn(lanesByName, lane) ? lanesByName[lane] : undefined
}

function described({ id, body, attributes, receives, sentAt }: Message): DeadLetter {
  const fields = fieldsOf(body)
  const text = (name: string): string | undefined => {
    const value = fields[name]
    return typeof value === 'string' ? value.slice(0, 200) : undefined
  }
  return {
    id,
    reason: attributes.reason ?? `received ${receives} times without an end`,
    kind: text('kind') ?? 'not ours',
    batch: text('batch'),
    item: text('item'),
    lane: text('lane'),
    receives,
    sentAt: new Date(sentAt).toISOString(),
  }
}

/** Unverified, since anybody may have put it there: workers check it when it is sent again. */
function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(body)
    return typeof read === 'object' && read !== null ? { ...read } : {}
  } catch {
    return {}
  }
}
