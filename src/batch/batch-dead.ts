import { LadingError } from '../errors.ts'
import type { Lane } from './lanes.ts'
import type { Message, Queue } from './queue.ts'

/** A message that was received too often, or is not ours. */
export interface DeadLetter {
  readonly id: string
  /** What a worker wrote beside it, else how it came here. */
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

/** More are not shown; there is a fault in the line then, and not in the messages. */
const MOST_SHOWN = 1000

/** What lies among the dead letters. Looking changes nothing, but hides them from others for the moment. */
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
 * Sends dead letters to where they belong once more, as they are, with their signatures. What is of no kind that there
 * is stays. A letter is taken away only after it was sent, so a run that dies leaves it twice, which is harmless.
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
    const some = await dead.receive({
      max: dead.limits.batch,
      waitSeconds: held.length === 0 ? 1 : 0,
      leaseSeconds: LOOK_SECONDS,
    })
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

/** Whoever put it there: nothing is believed of it, and it is only shown. */
function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(body)
    return typeof read === 'object' && read !== null ? { ...read } : {}
  } catch {
    return {}
  }
}
