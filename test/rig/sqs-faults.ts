import type { EntryFault, SqsState } from './sqs-operations.ts'
import { SqsRefusal } from './sqs-protocol.ts'
import type { StoredMessage } from './sqs-shelf.ts'

/** Something that goes wrong once. */
export type SqsFault =
  /** An entry of a batch fails, by the id it has there. */
  | (EntryFault & { readonly kind: 'entry'; readonly op: string; readonly id: string })
  | { readonly kind: 'answer'; readonly op: string; readonly status: number; readonly code: string }
  /** The connection ends, before the server has acted or after. */
  | { readonly kind: 'reset'; readonly op: string; readonly when: 'before' | 'after' }

/** What goes wrong at random, each with a probability from 0 to 1. */
export interface SqsChaos {
  /** From 0 up to but not including 1. */
  readonly random: () => number
  readonly duplicates?: number
  /** Entries of batches that fail and may be sent again. */
  readonly partials?: number
  /** Acks that are answered with success and forgotten. */
  readonly lostAcks?: number
  /** Requests whose answer is lost after the server has acted. */
  readonly resets?: number
  readonly throttles?: number
}

export interface SqsFaults {
  readonly state: Pick<SqsState, 'chance' | 'entryFault' | 'forgetsAck'>
  add(fault: SqsFault): void
  chaos(chaos: SqsChaos | undefined): void
  isResetBefore(op: string): boolean
  isResetAfter(op: string): boolean
  /** @throws SqsRefusal */
  beforeAnswer(op: string): void
}

export function createSqsFaults(): SqsFaults {
  const faults: SqsFault[] = []
  let chaos: SqsChaos | undefined
  const happens = (probability: number | undefined): boolean =>
    chaos !== undefined && probability !== undefined && chaos.random() < probability
  const once = (isMeant: (fault: SqsFault) => boolean): SqsFault | undefined => {
    const index = faults.findIndex(isMeant)
    return index < 0 ? undefined : faults.splice(index, 1)[0]
  }
  const isReset = (op: string, when: 'before' | 'after'): boolean =>
    once((fault) => fault.kind === 'reset' && fault.op === op && fault.when === when) !== undefined
  return {
    state: {
      chance: {
        order: (messages) => (chaos ? shuffled(messages, chaos.random) : messages),
        isCopied: () => happens(chaos?.duplicates),
      },
      entryFault(op, id) {
        const found = once((fault) => fault.kind === 'entry' && fault.op === op && fault.id === id)
        if (found?.kind === 'entry') return found
        return happens(chaos?.partials) ? { code: 'InternalError', isSender: false } : undefined
      },
      forgetsAck: () => happens(chaos?.lostAcks),
    },
    add: (fault) => void faults.push(fault),
    chaos: (next) => {
      chaos = next
    },
    isResetBefore: (op) => isReset(op, 'before'),
    isResetAfter: (op) => isReset(op, 'after') || happens(chaos?.resets),
    beforeAnswer(op) {
      const planned = once((fault) => fault.kind === 'answer' && fault.op === op)
      if (planned?.kind === 'answer') throw new SqsRefusal(planned.status, planned.code)
      if (happens(chaos?.throttles)) throw new SqsRefusal(403, 'RequestThrottled')
    },
  }
}

function shuffled(messages: StoredMessage[], random: () => number): StoredMessage[] {
  return messages
    .map((message) => ({ message, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ message }) => message)
}
