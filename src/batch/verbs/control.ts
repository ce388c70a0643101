import { randomUUID } from 'node:crypto'
import { parseJson } from '../../plan/state-file.ts'
import type { ListedObject, Store } from '../../store/store.ts'
import { forEachBounded } from '../../transfer/pool.ts'
import { LadingError } from '../../words/errors.ts'
import { FLEET_PREFIX, INSTANCE_ID } from '../plan/keys.ts'
import { COMMAND_LIFE_SECONDS, encodeMessage, type Order } from '../plan/messages.ts'
import type { Signer } from '../plan/signing.ts'
import type { Queue } from '../queue.ts'

/** What an instance last reported about itself. */
export interface InstanceRecord {
  readonly instance: string
  /** `working`, `paused`, `draining`, `stopping`. */
  readonly state: string
  readonly reason: string
  readonly running: number
  readonly waiting: number
  /** ISO 8601. */
  readonly at: string
}

/** Instances that reported within this many milliseconds receive a command that names none. */
const LATELY_MS = 24 * 3_600_000

/** The last report of every instance, newest first, including those that died without signing off. */
export const instances = (store: Store): Promise<readonly InstanceRecord[]> => createInstanceReader(store)()

/** Reports that are read at once, and what one takes at most, in bytes. */
const READS_AT_ONCE = 32
const REPORT_BYTES = 4096

/** Reads them again and again, and each report only when it is a new one. */
export function createInstanceReader(store: Store): (signal?: AbortSignal) => Promise<readonly InstanceRecord[]> {
  let known = new Map<string, { readonly etag: string; readonly record: InstanceRecord }>()
  return async (signal) => {
    const listed: ListedObject[] = []
    for await (const page of store.list(FLEET_PREFIX, { signal })) listed.push(...page)
    const read: typeof known = new Map()
    const pool = { concurrency: READS_AT_ONCE, weigh: () => REPORT_BYTES, signal }
    await forEachBounded(listed, pool, async ({ key, etag }) => {
      const name = key.slice(FLEET_PREFIX.length).replace(/\.json$/, '')
      if (!INSTANCE_ID.test(name)) return
      const before = known.get(name)
      const object = before?.etag === etag ? undefined : await store.get(key, { signal })
      if (object) read.set(name, { etag: object.etag, record: recordIn(name, object.bytes) })
      else if (before?.etag === etag) read.set(name, before)
    })
    known = read
    return [...known.values()].map(({ record }) => record).sort((a, b) => (a.at < b.at ? 1 : -1))
  }
}

export interface CommandOptions {
  readonly store: Store
  /** An instance's own queue. */
  readonly control: (instance: string) => Promise<Queue>
  readonly signer: Signer
  /** Milliseconds since 1970. */
  readonly now: number
  /** @default all that have said anything within a day and have not ended */
  readonly instance?: string | undefined
}

/**
 * Sends an order to instances, each through its own queue: signed, valid for an hour, and only once.
 *
 * @returns the instances it was sent to
 * @throws E_BATCH when there are none, except for a cancellation, whose mark is in the store; what the queues answer,
 *   after all others were told
 */
export async function command(order: Order, options: CommandOptions): Promise<readonly string[]> {
  const { store, control, signer, now } = options
  const told = options.instance === undefined ? await living(store, now) : [options.instance]
  if (told.length === 0 && order.verb !== 'cancel') {
    throw new LadingError('E_BATCH', 'there is no instance to command', {
      subject: store.label,
      why: 'All that were here have ended, or said nothing of themselves within a day.',
      hint: 'Name one with --instance ID. Those that were here: lading batch control list',
    })
  }
  const issued = new Date(now).toISOString()
  const expires = new Date(now + COMMAND_LIFE_SECONDS * 1000).toISOString()
  const failures: { readonly instance: string; readonly error: LadingError }[] = []
  for (const instance of told) {
    const addressed = { ...order, v: 1, kind: 'command', id: randomUUID(), instance, issued, expires } as const
    try {
      await send(await control(instance), encodeMessage(addressed, signer))
    } catch (error) {
      // The queue of one that died may be gone; the others have to hear it all the same.
      if (!(error instanceof LadingError)) throw error
      failures.push({ instance, error })
    }
  }
  const [first] = failures
  if (!first) return told
  const names = failures.map(({ instance }) => instance).join(', ')
  throw new LadingError(first.error.code, `${order.verb} was not told to ${names}`, {
    subject: first.error.subject,
    why: first.error.message,
    hint: told.length > failures.length ? 'All others were told.' : first.error.hint,
    cause: first.error,
  })
}

async function send(queue: Queue, body: string): Promise<void> {
  const [failure] = await queue.send([{ body }])
  if (failure) {
    throw new LadingError('E_QUEUE', 'a command was not accepted', { subject: queue.label, why: failure.reason })
  }
}

async function living(store: Store, now: number): Promise<readonly string[]> {
  const all = await instances(store)
  // One that drains and has nothing left has ended, or is about to.
  const isThere = ({ at, state, running, waiting }: InstanceRecord): boolean =>
    now - Date.parse(at) < LATELY_MS && (['working', 'paused'].includes(state) || running + waiting > 0)
  return all.filter(isThere).map(({ instance }) => instance)
}

/** Untrusted, since others wrote it: only displayed. */
function recordIn(instance: string, bytes: Uint8Array): InstanceRecord {
  const read = parseJson(bytes)
  const fields: Readonly<Record<string, unknown>> = typeof read === 'object' && read !== null ? { ...read } : {}
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name].slice(0, 200) : '')
  const count = (name: string): number => (Number.isSafeInteger(fields[name]) ? Math.max(0, Number(fields[name])) : 0)
  return {
    instance,
    state: text('state'),
    reason: text('reason'),
    running: count('running'),
    waiting: count('waiting'),
    at: text('at'),
  }
}
