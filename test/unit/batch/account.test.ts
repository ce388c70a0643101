import { beforeEach, describe, expect, it } from 'vitest'
import { createLedger, type Ledger } from '../../../src/batch/leader/account.ts'
import {
  ACCOUNT_KEY,
  batchManifestKey,
  batchResultKey,
  doneReceiptKey,
  fleetKey,
} from '../../../src/batch/plan/keys.ts'
import { encodeBatchManifest } from '../../../src/batch/plan/manifest.ts'
import { NO_ACCOUNT, observed } from '../../../src/batch/plan/scale-account.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { Store } from '../../../src/store/store.ts'
import { bytesBody } from '../../../src/transfer/bytes-body.ts'
import { seededRandom } from '../../rig/virtual-clock.ts'

const HOUR_MS = 3_600_000
const PRICE = 0.1

let now: number
let store: Store
let ledger: Ledger

beforeEach(async () => {
  now = Date.UTC(2026, 10, 23)
  store = createMemoryStore({ now: () => now })
  ledger = createLedger({ store, instanceHour: PRICE, clock: { random: () => 0.5, sleep: async () => undefined } })
  await put(batchManifestKey('a'))
})

const fleet = (...instances: readonly string[]) => ({
  desired: instances.length,
  inService: instances.length,
  max: 10,
  instances,
  lifetimeMinutes: 60,
})
const left = async (...instances: readonly string[]) => (await ledger.look(fleet(...instances)))?.left
/** What a worker notes of its machine. */
const told = (id: string, upSeconds: number) =>
  store.put(fleetKey(id), bytesBody(Buffer.from(JSON.stringify({ v: 1, instance: id, upSeconds }))), {})
const put = (key: string) => store.put(key, bytesBody(Buffer.from('{"v":1}')), {})
const opens = async (batch: string, dollars: number | undefined, count = fleet()) => {
  await put(batchManifestKey(batch))
  await ledger.allow(batch, dollars, count)
}
/** One image, and what its deadline made of it. */
const closesEarly = async (batch: string) => {
  const at = new Date(now).toISOString()
  const manifest = { v: 1, batch, recipe: 'r1-0123456789ab', lane: 'std', items: 1, shardItems: 1 } as const
  const times = { createdAt: at, deadline: at, coreSeconds: 1 }
  await store.put(batchManifestKey(batch), bytesBody(encodeBatchManifest({ ...manifest, ...times })), {})
  await store.put(batchResultKey(batch), bytesBody(Buffer.from('{"v":1,"partial":true}')), {})
}
const closes = (batch: string) => put(batchResultKey(batch))

describe("a fleet's account", () => {
  it('is none where nobody has set a cap', async () => {
    await ledger.allow('a', undefined, fleet())
    expect(await ledger.look(fleet('i-1'))).toBeUndefined()
    expect(await store.head(ACCOUNT_KEY)).toBeUndefined()
  })

  it('takes off what instances have cost that are gone, from the look before they came to the one that misses them', async () => {
    await ledger.allow('a', 1, fleet())
    expect(await left()).toBe(1)
    now += HOUR_MS / 4
    expect(await left('i-1')).toBe(1)
    now += HOUR_MS / 4
    expect(await left('i-1', 'i-2')).toBe(1)
    now += HOUR_MS / 4
    expect(await left('i-2')).toBeCloseTo(1 - 0.75 * PRICE, 3)
    // Another leader goes on with it.
    ledger = createLedger({ store, instanceHour: PRICE })
    now += HOUR_MS / 4
    expect(await left()).toBeCloseTo(1 - (0.75 + 0.75) * PRICE, 3)
  })

  it('takes off no more than a whole life for one that nobody saw end', async () => {
    await ledger.allow('a', 1, fleet())
    await left('i-1')
    now += 100 * HOUR_MS
    expect(await left()).toBe(1 - PRICE)
  })

  it('takes off nothing for the days after an instance has said that it leaves', async () => {
    await ledger.allow('a', 1, fleet())
    now += HOUR_MS / 4
    await left('i-1')
    now += HOUR_MS / 4
    await ledger.leave('i-1', fleet('i-1'))
    now += 100 * HOUR_MS
    // Half an hour, and the two minutes that it takes to be gone.
    expect(await left()).toBeCloseTo(1 - (0.5 + 1 / 30) * PRICE, 3)
  })

  it('takes off no more for one that is new than it has lived by its own word, after days without a look', async () => {
    await ledger.allow('a', 0.05, fleet())
    now += 100 * HOUR_MS
    await told('i-1', 60)
    now += HOUR_MS / 10
    // The other one still boots, and has said nothing.
    expect(await ledger.look(fleet('i-1', 'i-2'))).toMatchObject({ left: 0.05, isSpent: false })
    await ledger.leave('i-1', fleet('i-1'))
    expect(await left()).toBeCloseTo(0.05 - (0.25 + 0.1 + 1 / 60 + 1 / 30) * PRICE, 3)
  })

  it('is noted by one that leaves though others write at the same time', async () => {
    await ledger.allow('a', 1, fleet('i-1', 'i-2', 'i-3'))
    await left('i-1', 'i-2', 'i-3')
    const all = ['i-1', 'i-2', 'i-3']
    await Promise.all(all.map((id) => ledger.leave(id, fleet(...all))))
    now += 100 * HOUR_MS
    expect(await left()).toBeGreaterThan(1 - 0.5 * PRICE)
  })

  it('is not noted by two that come in each other’s way at the same moments again', async () => {
    const waits: number[] = []
    const clock = { random: seededRandom(1), sleep: async (ms: number) => void waits.push(ms) }
    const busy = { ...store, put: async () => ({ status: 'precondition-failed' }) as const }
    const others = createLedger({ store: busy, instanceHour: PRICE, clock })
    await expect(others.allow('a', 1, fleet())).rejects.toMatchObject({ code: 'E_BATCH', retryable: true })
    expect(waits).toHaveLength(7)
    expect(new Set(waits.map((ms, at) => ms / 2 ** at)).size).toBe(7)
    expect(Math.max(...waits)).toBeLessThanOrEqual(50 * 2 ** 6)
  })

  it('is spent when those that are there have lived from all of it', async () => {
    await ledger.allow('a', 0.05, fleet())
    const isSpent = async () => (await ledger.look(fleet('i-1')))?.isSpent
    expect(await isSpent()).toBe(false)
    now += 0.4 * HOUR_MS
    expect(await isSpent()).toBe(false)
    now += 0.1 * HOUR_MS
    expect(await isSpent()).toBe(true)
  })

  it('is written at a change and once a minute, not at every look', async () => {
    await ledger.allow('a', 1, fleet())
    const writtenAt = async () => (await store.head(ACCOUNT_KEY))?.etag
    const etags = new Set<unknown>()
    for (let look = 0; look <= 8; look++) {
      await left('i-1')
      etags.add(await writtenAt())
      now += 15_000
    }
    // The instance that is new, and twice a minute.
    expect(etags.size).toBe(3)
  })

  it('holds what all open batches allow together, each once, however often it is submitted', async () => {
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((batch) => put(batchManifestKey(batch))))
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((batch) => ledger.allow(batch, 1, fleet())))
    expect(await left()).toBe(5)
    await ledger.allow('a', 1, fleet())
    await ledger.allow('f', undefined, fleet())
    expect(await left()).toBe(5)
    await ledger.allow('a', 3, fleet())
    expect(await left()).toBe(7)
  })

  it('begins anew once every batch has closed and nobody is there, and not before', async () => {
    await ledger.allow('a', 1, fleet())
    await told('i-1', 0)
    now += HOUR_MS / 2
    await left('i-1')
    now += HOUR_MS / 2
    await left()
    await opens('b', 1)
    expect(await left()).toBeCloseTo(2 - PRICE, 3)

    await closes('a')
    await closes('b')
    await opens('c', 1, fleet('i-2'))
    expect(await left('i-2')).toBeCloseTo(1, 3)
    await closes('c')
    await opens('d', 0.5)
    expect(await left()).toBe(0.5)
    await closes('d')
    await opens('e', undefined)
    expect(await left()).toBeUndefined()
  })

  it('forgets what a closed batch has not spent, and what it has spent burdens nobody else', async () => {
    await ledger.allow('a', 1, fleet())
    await opens('b', 0.05, fleet())
    await told('i-1', 0)
    now += HOUR_MS / 2
    expect(await left('i-1')).toBe(1.05)
    await closes('a')
    now += HOUR_MS / 60
    // Half an hour was paid by the one that closed; the instance that is there has not spent anything of the other's.
    const budget = await ledger.look(fleet('i-1'))
    expect(budget?.left).toBeCloseTo(0.05 + PRICE * (0.5 + 1 / 60), 3)
    expect(budget?.isSpent).toBe(false)
    now += 0.52 * HOUR_MS
    expect((await ledger.look(fleet('i-1')))?.isSpent).toBe(true)
  })

  it('allows a batch no more than it has when another that has spent less than it might has closed', async () => {
    await ledger.allow('a', 1, fleet())
    await opens('b', 1)
    await closes('a')
    now += HOUR_MS / 60
    expect(await left()).toBe(1)
  })

  it('caps nobody once the last batch with a budget has closed', async () => {
    await ledger.allow('a', 0.01, fleet())
    await told('i-1', 0)
    now += HOUR_MS / 2
    expect((await ledger.look(fleet('i-1')))?.isSpent).toBe(true)
    await closes('a')
    now += HOUR_MS / 60
    expect(await ledger.look(fleet('i-1'))).toBeUndefined()
    await opens('b', 1, fleet('i-1'))
    expect((await ledger.look(fleet('i-1')))?.isSpent).toBe(false)
  })

  it('holds a batch that was submitted again after its deadline, until all its images have their receipts', async () => {
    await closesEarly('a')
    await ledger.allow('a', 0.05, fleet())
    await told('i-1', 0)
    now += HOUR_MS / 60
    expect((await ledger.look(fleet('i-1')))?.left).toBe(0.05)
    await put(doneReceiptKey('a', '0000-0000'))
    now += HOUR_MS / 60
    expect(await ledger.look(fleet('i-1'))).toBeUndefined()
  })

  it('begins anew after a batch whose deadline has closed it, once nobody is there', async () => {
    await ledger.allow('a', 1, fleet())
    await closesEarly('a')
    await opens('b', 0.5, fleet('i-1'))
    expect(await left('i-1')).toBe(1.5)
    await opens('c', undefined)
    expect(await left()).toBe(0.5)
  })

  it('that is damaged is an error, and no cap that nobody set', async () => {
    await store.put(ACCOUNT_KEY, bytesBody(Buffer.from('{"v":1,"budgets":"none"}')), {})
    await expect(ledger.look(fleet())).rejects.toMatchObject({ code: 'E_MANIFEST' })
  })
})

it('an account never says less than instances have cost, whenever they came and went and however seldom one looked', () => {
  const random = seededRandom(6)
  for (let run = 0; run < 300; run++) {
    const lives = Array.from({ length: 1 + Math.floor(random() * 20) }, (_, n) => {
      const from = random() * 3
      return { id: `i-${n}`, from, to: from + random() }
    })
    let [account, before] = [NO_ACCOUNT, 0]
    const everSeen = new Set<string>()
    for (let at = random() / 4; at < 5; at += random() / 4) {
      const instances = lives.filter(({ from, to }) => from <= at && at < to).map(({ id }) => id)
      for (const id of instances) everSeen.add(id)
      account = observed(account, { instances, sinceHours: at - before, lifetimeHours: 1 })
      before = at
    }
    const cost = lives.filter(({ id }) => everSeen.has(id)).reduce((sum, { from, to }) => sum + to - from, 0)
    expect(account.goneHours).toBeGreaterThanOrEqual(cost - 1e-9)
    expect(account.goneHours).toBeLessThanOrEqual(everSeen.size)
  }
})
