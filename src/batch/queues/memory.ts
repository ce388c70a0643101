import type { Clock } from '../clock.ts'
import type { Gauge, LeaseFailure, Message, Outgoing, Queue, Redrive } from '../queue.ts'
import { assertReceive, flawsOf, lostLease, QUEUE_LIMITS } from './rules.ts'

export interface MemoryQueueOptions {
  readonly clock: Clock
  /** @default 'memory' */
  readonly label?: string | undefined
  /** @default messages are delivered for ever */
  readonly deadLetters?: Redrive<MemoryQueue> | undefined
}

export interface MemoryQueue extends Queue {
  /** How many messages there are, in whatever state. */
  size(): number
  /** Adds a message of another queue, keeping its send time. */
  adopt(message: Outgoing, sentAt: number): void
}

interface Entry {
  readonly id: string
  readonly sent: Outgoing
  readonly sentAt: number
  visibleAt: number
  handle: string | undefined
  receives: number
  firstReceivedAt: number | undefined
}

/** Poll interval of a waiting receive, in milliseconds; a send wakes it at once. */
const LOOK_MS = 1000

/** An in-memory queue: for tests, and as the simplest implementation of the interface. */
export function createMemoryQueue({ clock, label = 'memory', deadLetters }: MemoryQueueOptions): MemoryQueue {
  const entries = new Map<string, Entry>()
  const holders = new Map<string, Entry>()
  const sleepers = new Set<AbortController>()
  let count = 0

  const isVisible = (entry: Entry): boolean => entry.visibleAt <= clock.now()
  const wake = (): void => {
    for (const sleeper of sleepers) sleeper.abort()
  }
  const drop = (entry: Entry): void => {
    entries.delete(entry.id)
    if (entry.handle !== undefined) holders.delete(entry.handle)
  }
  const add = (sent: Outgoing, sentAt: number): void => {
    const id = `m${++count}`
    const visibleAt = clock.now() + (sent.delaySeconds ?? 0) * 1000
    entries.set(id, { id, sent, sentAt, visibleAt, handle: undefined, receives: 0, firstReceivedAt: undefined })
    wake()
  }
  const lease = (entry: Entry, leaseSeconds: number): Message => {
    if (entry.handle !== undefined) holders.delete(entry.handle)
    entry.receives += 1
    entry.firstReceivedAt ??= clock.now()
    entry.visibleAt = clock.now() + leaseSeconds * 1000
    entry.handle = `${entry.id}#${entry.receives}`
    holders.set(entry.handle, entry)
    return {
      id: entry.id,
      handle: entry.handle,
      body: entry.sent.body,
      attributes: { ...entry.sent.attributes },
      group: entry.sent.group,
      receives: entry.receives,
      sentAt: entry.sentAt,
      firstReceivedAt: entry.firstReceivedAt,
    }
  }
  const take = (max: number, leaseSeconds: number): Message[] => {
    const taken: Message[] = []
    for (const entry of entries.values()) {
      if (taken.length === max) break
      if (!isVisible(entry)) continue
      if (deadLetters === undefined || entry.receives < deadLetters.maxReceives) {
        taken.push(lease(entry, leaseSeconds))
        continue
      }
      drop(entry)
      deadLetters.to.adopt({ ...entry.sent, delaySeconds: 0 }, entry.sentAt)
    }
    return taken
  }
  /** Only the handle of the last delivery is valid. */
  const each = (messages: readonly Message[], deed: (entry: Entry) => void): LeaseFailure[] => {
    const failures: LeaseFailure[] = []
    for (const message of messages) {
      const entry = holders.get(message.handle)
      if (entry) deed(entry)
      else failures.push(lostLease(message))
    }
    return failures
  }

  return {
    label,
    limits: QUEUE_LIMITS,
    size: () => entries.size,
    adopt: add,

    async send(messages) {
      const failures = flawsOf(messages)
      const refused = new Set(failures.map(({ index }) => index))
      for (const [index, message] of messages.entries()) if (!refused.has(index)) add(message, clock.now())
      return failures
    },

    async receive(options) {
      assertReceive(options)
      const { max, waitSeconds = 0, leaseSeconds, hurry } = options
      const until = clock.now() + waitSeconds * 1000
      for (;;) {
        const taken = take(max, leaseSeconds)
        const leftMs = until - clock.now()
        if (taken.length > 0 || leftMs <= 0 || hurry?.aborted) return taken
        const sleeper = new AbortController()
        sleepers.add(sleeper)
        const signal = hurry ? AbortSignal.any([hurry, sleeper.signal]) : sleeper.signal
        await clock.sleep(Math.min(leftMs, LOOK_MS), signal)
        sleepers.delete(sleeper)
      }
    },

    async extend(messages, leaseSeconds) {
      return each(messages, (entry) => {
        entry.visibleAt = clock.now() + leaseSeconds * 1000
      })
    },

    async release(messages, delaySeconds = 0) {
      const failures = each(messages, (entry) => {
        if (entry.handle !== undefined) holders.delete(entry.handle)
        entry.handle = undefined
        entry.visibleAt = clock.now() + delaySeconds * 1000
      })
      wake()
      return failures
    },

    async ack(messages) {
      return each(messages, drop)
    },

    async gauge() {
      return gaugeOf([...entries.values()], clock.now())
    },
  }
}

function gaugeOf(entries: readonly Entry[], now: number): Gauge {
  const visible = entries.filter(({ visibleAt }) => visibleAt <= now)
  const inFlight = entries.filter(({ visibleAt, handle }) => visibleAt > now && handle !== undefined).length
  const oldest = visible.reduce((least, { sentAt }) => Math.min(least, sentAt), Number.POSITIVE_INFINITY)
  return {
    visible: visible.length,
    inFlight,
    delayed: entries.length - visible.length - inFlight,
    headAgeSeconds: visible.length === 0 ? undefined : (now - oldest) / 1000,
  }
}
