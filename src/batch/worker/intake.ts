import type { Clock } from '../clock.ts'
import { type BatchMessage, openMessage, type Place } from '../plan/messages.ts'
import type { Verifier } from '../plan/signing.ts'
import type { Message, Queue } from '../queue.ts'
import type { Bell } from './bell.ts'
import type { WorkerEmit } from './events.ts'
import type { Holdings } from './holdings.ts'
import { createPatience } from './trouble.ts'

/** How long a message of a later version is left to workers that understand it, in seconds. */
const NEWER_SECONDS = 300
/** Delay before a foreign message comes back that could not be moved to the dead letters, in seconds. */
const UNBURIED_SECONDS = 60
/** Characters of a foreign body that are kept, so that its reason fits beside it. */
const KEPT = 200_000

/** One of our messages, with its parsed content. */
export interface Taken {
  readonly message: Message
  readonly content: BatchMessage
}

export interface IntakeOptions {
  readonly clock: Clock
  readonly place: Place
  readonly holdings: Holdings
  readonly verify: Verifier
  readonly deadLetters: Queue
  readonly emit: WorkerEmit
  readonly leaseSeconds: number
  readonly waitSeconds: number
  /** How many messages are wanted now; 0 for none yet. Asked again at every ring. */
  readonly room: () => number
  readonly bell: Bell
  /** Fires when nothing more is to be taken. */
  readonly closed: AbortSignal
  readonly onTaken: (taken: readonly Taken[]) => void
}

export interface Intake {
  /** Receives as long as there is room, until it is closed. Never rejects. */
  run(): Promise<void>
  /** Receives in a row that brought nothing. */
  emptyPolls(): number
}

/**
 * Receives the messages of one queue: verifies each, moves foreign ones to the dead letters, and releases what it may
 * not keep.
 */
export function createIntake(options: IntakeOptions): Intake {
  const { clock, holdings, bell, closed, emit } = options
  const patience = createPatience(clock, emit)
  let emptyPolls = 0

  const accept = async (messages: readonly Message[]): Promise<void> => {
    holdings.add(messages)
    const sorted = messages.map((message) => ({
      message,
      opened: openMessage(message.body, options.verify, options.place),
    }))
    const ours: Taken[] = []
    for (const { message, opened } of sorted) {
      if (opened.status === 'ours') ours.push({ message, content: opened.message })
      else if (opened.status === 'foreign') await bury(options, message, opened.reason)
      else {
        emit({ type: 'newer', queue: holdings.queue.label, id: message.id, version: opened.version })
        await holdings.release([message], NEWER_SECONDS)
      }
    }
    // A receive cannot be aborted: what it brings after we have closed, or while we are paused, is released.
    if (closed.aborted || options.room() <= 0) await holdings.release(ours.map(({ message }) => message))
    else if (ours.length > 0) options.onTaken(ours)
  }

  return {
    emptyPolls: () => emptyPolls,
    async run() {
      while (!closed.aborted) {
        const max = Math.min(options.room(), holdings.queue.limits.batch)
        if (max <= 0) {
          await bell.wait(closed)
          continue
        }
        const { leaseSeconds, waitSeconds } = options
        try {
          const messages = await holdings.queue.receive({ max, waitSeconds, leaseSeconds, hurry: closed })
          patience.reset()
          emptyPolls = messages.length === 0 ? emptyPolls + 1 : 0
          await accept(messages)
        } catch (error) {
          // Its queue may be gone by the time that the last receive comes back.
          if (closed.aborted) return
          await patience.wait(`receive from ${holdings.queue.label}`, error, closed)
        }
      }
    },
  }
}

/** Sends it to the dead letters with the reason, and acks it only then. */
async function bury({ holdings, deadLetters, emit }: IntakeOptions, message: Message, reason: string): Promise<void> {
  const { label } = holdings.queue
  const letter = { body: message.body.slice(0, KEPT), attributes: { reason, from: label } }
  try {
    const [failure] = await deadLetters.send([letter])
    if (failure === undefined) {
      emit({ type: 'refused', queue: label, id: message.id, reason })
      return holdings.done(message)
    }
    emit({ type: 'refused', queue: label, id: message.id, reason: `${reason}; not buried: ${failure.reason}` })
  } catch (error) {
    emit({ type: 'refused', queue: label, id: message.id, reason: `${reason}; not buried: ${String(error)}` })
  }
  await holdings.release([message], UNBURIED_SECONDS)
}
