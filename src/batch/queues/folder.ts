import { type Clock, SYSTEM_CLOCK } from '../clock.ts'
import type { Gauge, LeaseFailure, Message, Outgoing, Queue, Redrive } from '../queue.ts'
import * as files from './folder-files.ts'
import { FREE, type QueueEntry } from './folder-names.ts'
import { assertReceive, flawsOf, lostLease, QUEUE_LIMITS } from './rules.ts'

export interface FolderQueueOptions {
  /** Made at the first use. */
  readonly path: string
  /** @default the path */
  readonly label?: string | undefined
  /** The folder of another queue, on the same disk. @default messages are delivered for ever */
  readonly deadLetters?: Redrive<string> | undefined
  /** All processes that share the queue have the same. @default the machine's */
  readonly clock?: Clock | undefined
}

/** Poll interval of a waiting receive, in milliseconds: initial, doubled each time, and maximum. */
const LOOK_MS = 100
const LAST_LOOK_MS = 400

/** How long a cached listing is used at least, in milliseconds: messages sent since then are found later. */
const LISTING_MS = 500

/** It is used for so many times as long as it took: a million messages take seconds. */
const LISTING_SHARE = 20

/** Messages of a listing that are kept; the first ones. */
const LISTED = 10_000

/** Remembered leases from which on expired ones are dropped. */
const REMEMBERED = 1000

/**
 * A queue in a folder of one machine. A message's state is its file name, so that each change is one atomic rename,
 * which one process wins; the lease of a process that dies expires by itself.
 */
export function createFolderQueue(options: FolderQueueOptions): Queue {
  const { path, label = path, clock = SYSTEM_CLOCK } = options
  /** The state of each message leased here, by its token. */
  const leases = new Map<string, QueueEntry>()
  let listing: Listing = { at: Number.NEGATIVE_INFINITY, usedMs: 0, entries: [] }
  let made: Promise<void> | undefined
  const make = (): Promise<void> => {
    made ??= makeAll(options, clock)
    return made
  }

  const look = async (): Promise<void> => {
    const at = clock.now()
    const entries = await files.visibleOf(path, at, LISTED)
    listing = { at, usedMs: Math.max(LISTING_MS, LISTING_SHARE * (clock.now() - at)), entries }
  }
  const take = async (entry: QueueEntry, leaseSeconds: number): Promise<Message | undefined> => {
    const { deadLetters } = options
    if (deadLetters && entry.receives >= deadLetters.maxReceives) {
      await files.turn(path, entry, buried(entry, clock.now()), deadLetters.to)
      return undefined
    }
    const leased = leasedEntry(entry, clock.now(), leaseSeconds)
    if (!(await files.turn(path, entry, leased))) return undefined
    const content = await files.read(path, leased)
    if (!content) return undefined
    leases.set(leased.token, leased)
    return messageOf(leased, content)
  }
  const takeAll = async (max: number, leaseSeconds: number): Promise<Message[]> => {
    forget(leases, clock.now())
    const taken: Message[] = []
    let isFresh = Math.abs(clock.now() - listing.at) >= listing.usedMs
    if (isFresh) await look()
    while (taken.length < max) {
      const entry = listing.entries.pop()
      if (entry === undefined) {
        if (isFresh) break
        isFresh = true
        await look()
        continue
      }
      const message = await take(entry, leaseSeconds)
      if (message) taken.push(message)
    }
    return taken
  }
  const each = async (messages: readonly Message[], deed: (entry: QueueEntry) => Promise<QueueEntry | boolean>) => {
    const failures: LeaseFailure[] = []
    for (const message of messages) {
      const entry = leases.get(message.handle)
      const next = entry ? await deed(entry) : false
      if (next === false) failures.push(lostLease(message))
      if (typeof next === 'object') leases.set(message.handle, next)
      else leases.delete(message.handle)
    }
    return failures
  }
  const turned = async (from: QueueEntry, to: QueueEntry): Promise<QueueEntry | false> =>
    (await files.turn(path, from, to)) && to

  return {
    label,
    limits: QUEUE_LIMITS,

    async send(messages) {
      await make()
      const failures = flawsOf(messages)
      const refused = new Set(failures.map(({ index }) => index))
      const written: [string, QueueEntry][] = []
      for (const [index, message] of messages.entries()) {
        if (!refused.has(index)) written.push([await files.write(path, message), newEntry(message, clock.now())])
      }
      await files.publish(path, written)
      return failures
    },

    async receive(given) {
      assertReceive(given)
      await make()
      const { max, waitSeconds = 0, leaseSeconds, hurry } = given
      const until = clock.now() + waitSeconds * 1000
      // Backs off: a worker polls five queues at once, and most of the time four of them are empty.
      for (let waitMs = LOOK_MS; ; waitMs = Math.min(2 * waitMs, LAST_LOOK_MS)) {
        const taken = await takeAll(max, leaseSeconds)
        const leftMs = until - clock.now()
        if (taken.length > 0 || leftMs <= 0 || hurry?.aborted) return taken
        await clock.sleep(Math.min(leftMs, waitMs), hurry)
      }
    },

    extend: (messages, leaseSeconds) =>
      each(messages, (entry) => turned(entry, { ...entry, visibleAt: clock.now() + leaseSeconds * 1000 })),

    release: (messages, delaySeconds = 0) =>
      each(messages, async (entry) => {
        const free = { ...entry, visibleAt: clock.now() + delaySeconds * 1000, token: FREE }
        return (await turned(entry, free)) !== false
      }),

    ack: (messages) => each(messages, (entry) => files.remove(path, entry)),

    gauge: async () => gaugeOf(await files.entriesOf(path), clock.now()),
  }
}

interface Listing {
  /** When it began. */
  readonly at: number
  readonly usedMs: number
  readonly entries: QueueEntry[]
}

async function makeAll({ path, deadLetters }: FolderQueueOptions, clock: Clock): Promise<void> {
  await files.makeQueue(path)
  if (deadLetters) await files.makeQueue(deadLetters.to)
  await files.sweep(path, clock.now())
}

function newEntry({ delaySeconds = 0 }: Outgoing, now: number): QueueEntry {
  const visibleAt = now + delaySeconds * 1000
  return { visibleAt, sentAt: now, firstReceivedAt: 0, receives: 0, token: FREE, id: files.newToken() }
}

function leasedEntry(entry: QueueEntry, now: number, leaseSeconds: number): QueueEntry {
  return {
    ...entry,
    visibleAt: now + leaseSeconds * 1000,
    firstReceivedAt: entry.firstReceivedAt || now,
    receives: entry.receives + 1,
    token: files.newToken(),
  }
}

const buried = (entry: QueueEntry, now: number): QueueEntry => ({
  ...entry,
  visibleAt: now,
  firstReceivedAt: 0,
  receives: 0,
  token: FREE,
})

function messageOf({ id, token, receives, sentAt, firstReceivedAt }: QueueEntry, content: files.Content): Message {
  const { body, group, attributes = {} } = content
  return { id, handle: token, body, attributes, group, receives, sentAt, firstReceivedAt }
}

/** Prevents a memory leak by receivers that never settle their messages. */
function forget(leases: Map<string, QueueEntry>, now: number): void {
  if (leases.size < REMEMBERED) return
  for (const [token, { visibleAt }] of leases) if (visibleAt < now) leases.delete(token)
}

function gaugeOf(entries: readonly QueueEntry[], now: number): Gauge {
  const visible = entries.filter(({ visibleAt }) => visibleAt <= now)
  const inFlight = entries.filter(({ visibleAt, token }) => visibleAt > now && token !== FREE).length
  const oldest = visible.reduce((least, { sentAt }) => Math.min(least, sentAt), Number.POSITIVE_INFINITY)
  return {
    visible: visible.length,
    inFlight,
    delayed: entries.length - visible.length - inFlight,
    headAgeSeconds: visible.length === 0 ? undefined : (now - oldest) / 1000,
  }
}
