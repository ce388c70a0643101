import { setImmediate as settled } from 'node:timers/promises'
import {
  batchManifestKey,
  batchResultKey,
  doneReceiptKey,
  failureReceiptKey,
  itemId,
} from '../../../src/batch/plan/keys.ts'
import { type BatchManifest, encodeBatchManifest, itemsInShard, shardsOf } from '../../../src/batch/plan/manifest.ts'
import { seeded } from '../../../src/batch/plan/simulate/seeded.ts'
import { createAssembly } from '../../../src/batch/receipts/assemble.ts'
import { arrivalsOf, shardOf } from '../../../src/batch/receipts/receipts.ts'
import type { BatchResult } from '../../../src/batch/receipts/records.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { Store } from '../../../src/store/store.ts'
import { bytesBody } from '../../../src/transfer/bytes-body.ts'

/** One way in which a batch may go, chosen by a seed. */
export interface Course {
  readonly seed: number
  readonly items: number
  readonly shardItems: number
  /** Share of the messages that are delivered a second time. */
  readonly duplicates: number
  /** How many actors die, each between two of its requests. */
  readonly crashes: number
  /** Share of the items that end in failure. */
  readonly failures: number
  /** Items whose message is never delivered. */
  readonly lost: number
  readonly lookShare: number
  readonly hasBarriers: boolean
}

export interface Outcome {
  /** Results that were put; more than one is a batch that closed twice. */
  readonly closings: number
  readonly told: readonly string[]
  readonly result: BatchResult | undefined
  /** Every count of arrivals that somebody could have seen on the way, in order. */
  readonly progress: readonly number[]
}

type Message = { readonly item: string } | { readonly barrier: string; readonly dueMs: number }

interface Gate {
  readonly actor: number
  readonly open: () => void
}

const START_MS = 1_700_000_000_000
const HOUR_MS = 3_600_000
/** Requests after which a batch counts as hung. */
const MOST_STEPS = 20_000
const BATCH = 'model'

/** Everything that goes on in one course. */
interface Table {
  readonly course: Course
  readonly manifest: BatchManifest
  readonly store: Store
  readonly random: () => number
  /** Milliseconds since 1970. */
  now: number
  readonly waiting: Message[]
  /** Requests that wait for their turn. */
  readonly gates: Gate[]
  /** What each living actor works at. */
  readonly alive: Map<number, Message>
  actors: number
  crashed: number
  closings: number
  readonly told: string[]
}

/**
 * Plays one course to its end: any number of actors work at once, each request of each is a step, and a seeded
 * scheduler says whose step is next and who dies before it. Deliveries are at least once; time passes when nobody moves.
 */
export async function play(course: Course): Promise<Outcome> {
  const table = await lay(course)
  const progress: number[] = []
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    await settled()
    const isOver = !move(table)
    if (isOver) break
    if (steps % 7 === 0) progress.push(await arrivedIn(table))
  }
  const found = await table.store.get(batchResultKey(BATCH))
  // Written by the code under test; the tests look at each field.
  const result = found && (JSON.parse(Buffer.from(found.bytes).toString('utf8')) as BatchResult)
  const { closings, told } = table
  return { closings, told, result, progress }
}

async function lay(course: Course): Promise<Table> {
  const random = seeded(course.seed)
  const manifest = manifestOf(course)
  const store = createMemoryStore({ now: () => table.now })
  const waiting = messagesOf(course, manifest, random)
  const rest = { gates: [], alive: new Map(), actors: 0, crashed: 0, closings: 0, told: [] }
  const table: Table = { course, manifest, store, random, now: START_MS, waiting, ...rest }
  await store.put(batchManifestKey(BATCH), bytesBody(encodeBatchManifest(manifest)), JSON_TYPE)
  return table
}

/** One step of somebody, or of time. @returns false when nothing is left to happen */
function move(table: Table): boolean {
  const { waiting, gates, random } = table
  const due = waiting.filter((message) => 'item' in message || message.dueMs <= table.now)
  if (gates.length === 0 && due.length === 0) {
    const next = waiting.flatMap((message) => ('barrier' in message ? [message.dueMs] : []))
    table.now = Math.max(table.now, Math.min(...next))
    return waiting.length > 0
  }
  table.now += 10
  const choice = Math.floor(random() * (gates.length + due.length))
  const message = due[choice - gates.length]
  if (message) deliver(table, message)
  else step(table, choice)
  return true
}

function deliver(table: Table, message: Message): void {
  table.waiting.splice(table.waiting.indexOf(message), 1)
  const actor = table.actors++
  table.alive.set(actor, message)
  void work(table, actor, message).finally(() => table.alive.delete(actor))
}

/** Lets a request go out, or its actor die before it: with all its requests, and its message to be delivered again. */
function step(table: Table, choice: number): void {
  const { gates, alive, course } = table
  const [gate] = gates.splice(choice, 1)
  const held = gate && alive.get(gate.actor)
  if (!(gate && held && table.crashed < course.crashes && table.random() < 0.1)) {
    gate?.open()
    return
  }
  table.crashed += 1
  alive.delete(gate.actor)
  for (let at = gates.length - 1; at >= 0; at--) if (gates[at]?.actor === gate.actor) gates.splice(at, 1)
  table.waiting.push(held)
}

/** What a worker does with a message, after the render. */
async function work(table: Table, actor: number, message: Message): Promise<void> {
  const { course, random } = table
  const store = gatedStore(table, actor)
  const assembly = createAssembly({
    store,
    now: () => table.now,
    random,
    lookShare: course.lookShare,
    publish: async () => void (await store.head('published')),
    tell: async ({ batch }) => {
      await store.head('outbox')
      table.told.push(batch)
    },
  })
  if ('item' in message) {
    const isFailure = random() < course.failures
    const key = isFailure ? failureReceiptKey(BATCH, message.item) : doneReceiptKey(BATCH, message.item)
    await store.put(key, bytesBody(Buffer.from('{}')), JSON_TYPE, { when: 'absent' })
    await assembly.arrived(BATCH, message.item)
  } else {
    const look = await assembly.look(BATCH, message.barrier)
    if (look.status === 'open') table.waiting.push({ ...message, dueMs: table.now + look.againSeconds * 1000 })
  }
  await store.head('acknowledge')
}

function gatedStore(table: Table, actor: number): Store {
  const { store } = table
  const turn = (): Promise<void> => new Promise((open) => table.gates.push({ actor, open }))
  return {
    ...store,
    get: async (...call) => turn().then(() => store.get(...call)),
    head: async (...call) => turn().then(() => store.head(...call)),
    async put(key, ...rest) {
      await turn()
      const written = await store.put(key, ...rest)
      if (key === batchResultKey(BATCH) && written.status === 'stored') table.closings += 1
      return written
    },
    async *list(...call) {
      await turn()
      yield* store.list(...call)
    },
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }

function manifestOf({ items, shardItems }: Course): BatchManifest {
  return {
    v: 1,
    batch: BATCH,
    recipe: 'r1-0123456789ab',
    lane: 'std',
    items,
    shardItems,
    createdAt: new Date(START_MS).toISOString(),
    deadline: new Date(START_MS + HOUR_MS).toISOString(),
    coreSeconds: items,
  }
}

function messagesOf(course: Course, manifest: BatchManifest, random: () => number): Message[] {
  const shards = shardsOf(manifest)
  const ids = shards.flatMap((shard) =>
    Array.from({ length: itemsInShard(manifest, shard) }, (_, place) => itemId(Number(shard), place)),
  )
  const sent = ids.slice(course.lost).flatMap((item) => (random() < course.duplicates ? [item, item] : [item]))
  const barriers = shards.map((barrier) => ({ barrier, dueMs: START_MS + Math.floor(random() * 2000) }))
  return [...sent.map((item) => ({ item })), ...(course.hasBarriers ? barriers : [])]
}

async function arrivedIn({ store, manifest }: Table): Promise<number> {
  let arrived = 0
  for (const shard of shardsOf(manifest)) {
    const { done, failed } = await arrivalsOf(store, shardOf(manifest, shard))
    arrived += done.length + failed.length
  }
  return arrived
}
