import type { Message, Queue } from '../queue.ts'

/** How often an ack that failed is tried again before the message is left to come back. */
const ACK_ATTEMPTS = 5

export interface HoldingsOptions {
  /** How long a lease lasts from each renewal, in seconds. */
  readonly leaseSeconds: number
  readonly onLost: (message: Message) => void
  readonly onTrouble: (what: string, error: unknown) => void
}

/** The messages of one queue that this worker has, from their receive to the end of their ack or release. */
export interface Holdings {
  readonly queue: Queue
  size(): number
  add(messages: readonly Message[]): void
  /** `false` when its lease was lost: somebody else may have it. */
  has(message: Message): boolean
  /** It is done with: acked at the next flush, ten at a time. Until then its lease is kept. */
  done(message: Message): void
  /** Hands messages back. Never rejects: a lease that is not released ends by itself. */
  release(messages: readonly Message[], delaySeconds?: number): Promise<void>
  /** Renews the leases of everything held, ten in one request. Never rejects. */
  beat(): Promise<void>
  /** Sends the acks that wait. Never rejects. */
  flush(): Promise<void>
}

export function createHoldings(queue: Queue, { leaseSeconds, onLost, onTrouble }: HoldingsOptions): Holdings {
  const held = new Map<string, Message>()
  let acks: { readonly message: Message; readonly attempt: number }[] = []
  let flushing: Promise<void> = Promise.resolve()

  const flushOnce = async (): Promise<void> => {
    const sent = acks
    acks = []
    if (sent.length === 0) return
    const again = (handles: ReadonlySet<string>): void => {
      for (const { message, attempt } of sent) {
        if (handles.has(message.handle) && attempt < ACK_ATTEMPTS) acks.push({ message, attempt: attempt + 1 })
        else held.delete(message.handle)
      }
    }
    try {
      const failures = await queue.ack(sent.map(({ message }) => message))
      again(new Set(failures.filter(({ isLost }) => !isLost).map(({ message }) => message.handle)))
    } catch (error) {
      again(new Set(sent.map(({ message }) => message.handle)))
      onTrouble('ack', error)
    }
  }
  // One after another: a message is in one request at a time.
  const flush = (): Promise<void> => {
    flushing = flushing.then(flushOnce)
    return flushing
  }

  return {
    queue,
    size: () => held.size,
    has: (message) => held.has(message.handle),
    flush,
    add(messages) {
      for (const message of messages) held.set(message.handle, message)
    },
    done(message) {
      acks.push({ message, attempt: 1 })
      if (acks.length >= queue.limits.batch) void flush()
    },
    async release(messages, delaySeconds = 0) {
      const ours = messages.filter((message) => held.delete(message.handle))
      if (ours.length === 0) return
      await queue.release(ours, delaySeconds).catch((error: unknown) => onTrouble('release', error))
    },
    async beat() {
      if (held.size === 0) return
      try {
        const failures = await queue.extend([...held.values()], leaseSeconds)
        for (const { message, isLost } of failures) if (isLost && held.delete(message.handle)) onLost(message)
      } catch (error) {
        onTrouble('extend', error)
      }
    },
  }
}
