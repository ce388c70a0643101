import * as v from 'valibot'
import { parseJson, unreadableRecord } from '../../plan/state-file.ts'
import type { Store, WriteCondition } from '../../store/store.ts'
import { bytesBody } from '../../transfer/bytes-body.ts'
import { LadingError } from '../../words/errors.ts'
import { type Clock, SYSTEM_CLOCK } from '../clock.ts'
import type { FleetCount } from '../fleet.ts'
import { ACCOUNT_KEY, fleetKey } from '../plan/keys.ts'
import { LIFETIME_MINUTES } from '../plan/scale.ts'
import {
  type Account,
  allowed,
  type Budget,
  budgetOf,
  closing,
  NO_ACCOUNT,
  observed,
  type Seen,
  without,
} from '../plan/scale-account.ts'
import { overOf } from '../receipts/over.ts'

/** The fleet's account in the store: who allows how much, and what is left of it. */
export interface Ledger {
  /** Records the current instances. @returns what may still be spent; `undefined` where nobody has set a cap */
  look(count: FleetCount): Promise<Budget | undefined>
  /**
   * Records a batch's budget beside those of other open batches: the cap is what closed batches have spent plus the
   * budgets of open ones. Once all have closed and the fleet is empty, a new account begins. Submitting a batch again
   * does not add its budget twice.
   *
   * @param dollars `undefined` for a batch without a budget: it uses those of the others, while there are any
   * @throws E_BATCH, retryable, when concurrent writes win again and again
   */
  allow(batch: string, dollars: number | undefined, count: FleetCount): Promise<void>
  /** Records that an instance is about to end: time after that is not charged, however late the next look is. */
  leave(instance: string, count: FleetCount): Promise<void>
}

/** How often an otherwise unchanged account is written, in milliseconds. */
const WRITE_MS = 60_000
/** Added to every age, in milliseconds: the store's times are whole seconds, and a write takes a moment. */
const ROUND_MS = 1000
const HOUR_MS = 3_600_000
/** Attempts at a write while others write. */
const ATTEMPTS = 8
/** The longest random wait after the first attempt, in milliseconds; doubled after each. */
const AGAIN_MS = 50

const hours = v.pipe(v.number(), v.finite(), v.minValue(0))
const ACCOUNT: v.GenericSchema<unknown, Account> = v.object({
  v: v.literal(1),
  budgets: v.record(v.string(), hours),
  goneHours: hours,
  hours: v.record(v.string(), hours),
  // Missing in accounts of earlier versions.
  left: v.optional(v.array(v.string()), []),
  closed: v.optional(hours, 0),
})

/** The part of an instance's report that is read here. */
const NOTE = v.object({ upSeconds: hours })

/** @param options.instanceHour dollars */
export function createLedger({
  store,
  instanceHour,
  clock = SYSTEM_CLOCK,
}: {
  readonly store: Store
  readonly instanceHour: number
  /** @default the machine's */
  readonly clock?: Pick<Clock, 'sleep' | 'random'> | undefined
}): Ledger {
  /** @returns whether an attempt succeeded */
  const persist = async (attempt: () => Promise<boolean>): Promise<boolean> => {
    for (let failures = 0; failures < ATTEMPTS; failures++) {
      // Jitter: writers that collided once would otherwise collide at every attempt.
      if (failures > 0) await clock.sleep(clock.random() * AGAIN_MS * 2 ** (failures - 1))
      if (await attempt()) return true
    }
    return false
  }
  const put = async (account: Account, when: WriteCondition['when']): Promise<boolean> => {
    const body = bytesBody(Buffer.from(JSON.stringify(account)))
    return (await store.put(ACCOUNT_KEY, body, { 'content-type': 'application/json' }, { when })).status === 'stored'
  }
  return {
    async look(count) {
      const found = await read(store)
      if (!found || Object.keys(found.account.budgets).length === 0) return undefined
      const lifetimeHours = lifetimeOf(count)
      const { goneHours, ...last } = found.account
      let account = seen(found, count)
      const isOther = account.goneHours !== goneHours || Object.keys(account.hours).some((id) => !(id in last.hours))
      const isDue = isOther || found.ageMs >= WRITE_MS
      const price = { instanceHour, lifetimeHours }
      // Before anything is written or the budget counts as spent, estimates are corrected by the uptimes that instances
      // report.
      if (isDue || budgetOf(account, price)?.isSpent) account = seen(found, count, await livedOf(store, count))
      if (isDue) account = closing(account, await overOf(store, Object.keys(account.budgets)), instanceHour)
      // If a concurrent write wins, its writer has seen the same.
      if (isDue) await put(account, { etag: found.etag })
      return budgetOf(account, price)
    },
    async leave(instance, count) {
      await persist(async () => {
        const found = await read(store)
        if (!found || Object.keys(found.account.budgets).length === 0) return true
        const next = without(seen(found, count, await livedOf(store, count)), instance)
        return put(next, { etag: found.etag })
      })
    },
    async allow(batch, dollars, count) {
      const isNoted = await persist(async () => {
        const found = await read(store)
        if (!found && dollars === undefined) return true
        const account = found && seen(found, count, await livedOf(store, count))
        const next = await allowing(store, account, { batch, dollars, count, instanceHour })
        return put(next, found ? { etag: found.etag } : 'absent')
      })
      if (isNoted) return
      throw new LadingError('E_BATCH', 'what the batch may cost could not be noted', {
        subject: `${store.label}${ACCOUNT_KEY}`,
        why: 'others write it at the same time',
        hint: 'Run the same command again.',
        retryable: true,
      })
    },
  }
}

interface Found {
  readonly account: Account
  readonly etag: string
  readonly ageMs: number
}

/** The account as it was last written; nothing is added to it. */
export const readAccount = async (store: Store, signal?: AbortSignal): Promise<Account> =>
  (await read(store, signal))?.account ?? NO_ACCOUNT

async function read(store: Store, signal?: AbortSignal): Promise<Found | undefined> {
  const found = await store.get(ACCOUNT_KEY, { signal })
  if (!found) return undefined
  const parsed = v.safeParse(ACCOUNT, parseJson(found.bytes))
  if (!parsed.success) throw unreadableRecord("The fleet's account", `${store.label}${ACCOUNT_KEY}`)
  return { account: parsed.output, etag: found.etag, ageMs: found.ageMs ?? Number.POSITIVE_INFINITY }
}

const lifetimeOf = ({ lifetimeMinutes = LIFETIME_MINUTES }: FleetCount): number => lifetimeMinutes / 60

function seen({ account, ageMs }: Found, count: FleetCount, lived?: Seen['lived']): Account {
  const sinceHours = (ageMs + ROUND_MS) / HOUR_MS
  return observed(account, { instances: count.instances, sinceHours, lifetimeHours: lifetimeOf(count), lived })
}

/**
 * Hours that each instance has lived: its last reported uptime plus the age of that report by the store's clock.
 * Missing where the report cannot be read.
 */
async function livedOf(store: Store, { instances }: FleetCount): Promise<Readonly<Record<string, number>>> {
  const lived: Record<string, number> = {}
  for (const id of instances) {
    const found = await store.get(fleetKey(id)).catch(() => undefined)
    const note = v.safeParse(NOTE, found && parseJson(found.bytes))
    if (found?.ageMs === undefined || !note.success) continue
    lived[id] = (note.output.upSeconds * 1000 + found.ageMs + ROUND_MS) / HOUR_MS
  }
  return lived
}

interface Allowance {
  readonly batch: string
  readonly dollars: number | undefined
  readonly count: FleetCount
  readonly instanceHour: number
}

async function allowing(
  store: Store,
  account: Account | undefined,
  { batch, dollars, count, instanceHour }: Allowance,
): Promise<Account> {
  const isEmpty = count.desired === 0 && count.instances.length === 0
  const others = Object.keys(account?.budgets ?? {}).filter((each) => each !== batch)
  const over = await overOf(store, others, isEmpty)
  return allowed(account, { batch, dollars, over, isEmpty, instanceHour })
}
