import { describe, expect, it } from 'vitest'
import {
  batchManifestKey,
  batchResultKey,
  doneReceiptKey,
  failureReceiptKey,
  fleetKey,
  itemId,
} from '../../../src/batch/plan/keys.ts'
import { type BatchManifest, encodeBatchManifest } from '../../../src/batch/plan/manifest.ts'
import { batchNames } from '../../../src/batch/receipts/catalog.ts'
import { createMonitor, type Monitor, type Overview } from '../../../src/batch/verbs/monitor.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { Store } from '../../../src/store/store.ts'
import { LadingError } from '../../../src/words/errors.ts'
import { createBatchWorld } from '../../rig/batch-world.ts'
import { textBody } from '../../rig/faulty-store.ts'

const START = Date.parse('2026-11-20T10:00:00Z')

const manifestOf = (batch: string, changes: Partial<BatchManifest> = {}): BatchManifest => ({
  ...{ v: 1, batch, recipe: 'r1-0123456789ab', lane: 'std', items: 4, shardItems: 1000, coreSeconds: 4 },
  createdAt: new Date(START).toISOString(),
  deadline: new Date(START + 3_600_000).toISOString(),
  ...changes,
})

/** A place in memory, whose time passes by hand and that nobody who looks may write to. */
function bench({ fleet }: { readonly fleet?: Parameters<typeof createMonitor>[0]['fleet'] } = {}) {
  const store = createMemoryStore()
  const { lanes, assembly, deadLetters: dead } = createBatchWorld()
  const listed: string[] = []
  const broken = new Set<string>()
  const fail = (key: string): void => {
    if (broken.has(key)) throw new LadingError('E_UNREACHABLE', `no way to ${key}`)
  }
  const refuse = async (): Promise<never> => {
    throw new Error('a look has written')
  }
  const watched: Store = {
    ...store,
    put: refuse,
    remove: refuse,
    get: async (key, options) => {
      fail(key)
      return store.get(key, options)
    },
    list(prefix, options) {
      listed.push(prefix)
      return store.list(prefix, options)
    },
  }
  const clock = { at: START }
  const put = async (key: string, text: string): Promise<void> => {
    await store.put(key, textBody(text), { 'content-type': 'application/json' })
  }
  return {
    ...{ lanes, dead, listed, broken, clock, put },
    monitor: createMonitor({ store: watched, lanes, assembly, dead, fleet }, () => clock.at),
    batch: (name: string, changes?: Partial<BatchManifest>) =>
      put(batchManifestKey(name), Buffer.from(encodeBatchManifest(manifestOf(name, changes))).toString()),
    done: async (name: string, ...places: readonly number[]) => {
      for (const place of places) await put(doneReceiptKey(name, itemId(0, place)), '{}')
    },
    close: (name: string, facts: object = {}) => {
      const result = { v: 1, batch: name, recipe: 'r', items: 4, done: 4, failed: 0, missing: 0, partial: false }
      return put(batchResultKey(name), JSON.stringify({ ...result, closedAt: '2026-11-20T10:30:00.000Z', ...facts }))
    },
    forget: (key: string) => store.remove([key]),
  }
}

/** Looks, then waits as long as the look says. */
async function lookAndWait(monitor: Monitor, clock: { at: number }): Promise<Overview> {
  const seen = await monitor.look()
  clock.at += seen.pauseSeconds * 1000
  return seen
}

describe('a monitor', () => {
  it('shows open batches first, then the newest, with their pace and the time left as a range', async () => {
    const { monitor, batch, done, close, clock } = bench()
    await batch('old', { createdAt: '2026-11-19T10:00:00.000Z' })
    await batch('closed', { createdAt: '2026-11-20T09:00:00.000Z' })
    await close('closed')
    await batch('new')
    await lookAndWait(monitor, clock)
    await done('new', 0, 1)
    const { batches } = await lookAndWait(monitor, clock)
    expect(batches.map((seen) => [seen.batch, seen.isOpen, seen.done])).toEqual([
      ['new', true, 2],
      ['old', true, 0],
      ['closed', false, 4],
    ])
    expect(batches[0]).toMatchObject({ rate: 1, left: { least: expect.any(Number), most: expect.any(Number) } })
    expect(batches[1]).toMatchObject({ rate: 0, left: undefined })
  })

  it('finds batches that come later, and forgets those that are gone', async () => {
    const { monitor, batch, forget, clock } = bench()
    expect((await lookAndWait(monitor, clock)).batches).toEqual([])
    await batch('p')
    expect((await lookAndWait(monitor, clock)).batches).toMatchObject([{ batch: 'p' }])
    await forget(batchManifestKey('p'))
    expect((await lookAndWait(monitor, clock)).batches).toEqual([])
  })

  it('lists nothing of a batch that has closed, until it was submitted again', async () => {
    const { monitor, batch, done, close, clock, listed } = bench()
    await batch('p')
    await done('p', 0)
    await close('p', { done: 1, missing: 3, partial: true, items: 4 })
    clock.at = START + 3_700_000
    expect((await lookAndWait(monitor, clock)).batches).toMatchObject([{ isOpen: false, done: 1 }])
    expect(listed.filter((prefix) => prefix.startsWith('b/p/'))).toEqual([])
    await batch('p', { deadline: new Date(START + 9_000_000).toISOString() })
    await done('p', 1)
    clock.at += 60_000
    expect((await lookAndWait(monitor, clock)).batches).toMatchObject([{ isOpen: true, done: 2 }])
  })

  it('goes on finding, counting and renewing when the clock is put back', async () => {
    const group = { desired: 1, inService: 1, max: 9, instances: [] }
    const count = async () => ({ ...group })
    const { monitor, batch, done, close, clock } = bench({
      fleet: { label: 'group', count, grow: count, retire: async () => undefined },
    })
    await batch('p')
    await batch('c', { createdAt: '2026-11-20T09:00:00.000Z' })
    await close('c', { done: 1, missing: 3, partial: true })
    clock.at = START + 3_700_000
    await lookAndWait(monitor, clock)
    group.desired = 7
    clock.at = START
    await batch('later')
    await done('p', 0)
    const { batches, fleet } = await lookAndWait(monitor, clock)
    expect(batches.map((seen) => [seen.batch, seen.isOpen, seen.done])).toEqual([
      ['later', true, 0],
      ['p', true, 1],
      ['c', true, 0],
    ])
    expect(fleet?.desired).toBe(7)
    await done('p', 1)
    expect((await lookAndWait(monitor, clock)).batches[1]).toMatchObject({ rate: 0.5 })
  })

  it('shows the others beside a batch that says it had more images than there can be, and infinities nowhere', async () => {
    const { monitor, batch, put, clock } = bench()
    await batch('p')
    await batch('vast', { items: Number.MAX_SAFE_INTEGER })
    await put('control/account.json', '{"v":1,"budgets":{"p":1e999},"goneHours":0,"hours":{}}')
    await put(fleetKey('i-1'), '{"state":"working","running":1e999,"waiting":-1}')
    const { batches, troubles, instances, spending } = await lookAndWait(monitor, clock)
    expect(batches).toMatchObject([{ batch: 'p' }])
    expect(troubles.map(({ what, error }) => [what, error.code]).sort()).toEqual([
      ['batch vast', 'E_MANIFEST'],
      ['the account of the fleet', 'E_MANIFEST'],
    ])
    expect(spending).toBeUndefined()
    expect(instances).toMatchObject([{ running: 0, waiting: 0 }])
  })

  it('looks more rarely where a look takes many listings: ten a second on average, new batches included', async () => {
    const { monitor, batch, clock, listed } = bench()
    for (let count = 0; count < 50; count++) await batch(`p${count}`)
    const from = clock.at
    for (let look = 0; look < 20; look++) await lookAndWait(monitor, clock)
    expect(listed.length / ((clock.at - from) / 1000)).toBeLessThanOrEqual(10)
    const { monitor: small, batch: other, clock: time } = bench()
    await other('p')
    expect((await lookAndWait(small, time)).pauseSeconds).toBe(2)
  })

  it('keeps what it has seen of a part that cannot be read, and says which it was', async () => {
    const { monitor, batch, put, broken, clock } = bench()
    await batch('p')
    await put('control/account.json', JSON.stringify({ v: 1, budgets: { p: 2 }, goneHours: 0, hours: {} }))
    await put(fleetKey('i-1'), JSON.stringify({ state: 'working' }))
    const before = await lookAndWait(monitor, clock)
    expect(before).toMatchObject({ troubles: [], instances: [{ instance: 'i-1' }], spending: { cap: 2, spent: 0 } })
    for (const key of [batchManifestKey('p'), 'control/account.json', fleetKey('i-1')]) broken.add(key)
    await put(fleetKey('i-1'), JSON.stringify({ state: 'paused' }))
    const after = await lookAndWait(monitor, clock)
    expect(after).toMatchObject({
      batches: before.batches,
      instances: before.instances,
      spending: before.spending,
    })
    expect(after.troubles.map(({ what }) => what).sort()).toEqual([
      'batch p',
      'the account of the fleet',
      'what workers say of themselves',
    ])
  })

  it('ends with the signal, whatever fails then', async () => {
    const { monitor, batch } = bench()
    await batch('p')
    await expect(monitor.look(AbortSignal.abort(new Error('nobody watches')))).rejects.toThrow('nobody watches')
  })

  it('asks the group as rarely as its leader does', async () => {
    let asked = 0
    const count = async () => {
      asked += 1
      return { desired: 2, inService: 1, max: 5, instances: [] }
    }
    const fleet = { label: 'group', count, grow: count, retire: async () => undefined }
    const { monitor, clock } = bench({ fleet })
    for (let look = 0; look < 10; look++) expect(await lookAndWait(monitor, clock)).toMatchObject({ fleet: { max: 5 } })
    expect(asked).toBe(2)
  })

  it('shows the queues with what failed in them', async () => {
    const { monitor, lanes, dead, clock } = bench()
    await lanes.hi.send([{ body: '1' }, { body: '2' }])
    await dead.send([{ body: '3' }])
    const { queues } = await lookAndWait(monitor, clock)
    expect(queues.map(({ name, visible }) => [name, visible])).toEqual([
      ['hi', 2],
      ['std', 0],
      ['bulk', 0],
      ['assembly', 0],
      ['dead', 1],
    ])
  })
})

describe('the names of batches', () => {
  it('are found past their objects, in a listing for each that fills a page of one', async () => {
    const store = createMemoryStore({ pageSize: 3 })
    const put = (key: string) => store.put(key, textBody(key), {})
    for (const name of ['a', 'a-1', 'a0', 'b', 'Z'])
      for (let item = 0; item < 10; item++) await put(doneReceiptKey(name, itemId(0, item)))
    for (const key of [batchManifestKey('c'), batchManifestKey('d'), 'b/e', 'b/odd name/x', 'c/other/x']) {
      await put(key)
    }
    let pages = 0
    const counted: Store = {
      ...store,
      async *list(...given) {
        for await (const page of store.list(...given)) {
          pages += 1
          yield page
        }
      },
    }
    expect([...(await batchNames(counted))].sort()).toEqual(['Z', 'a', 'a-1', 'a0', 'b', 'c', 'd', 'e'])
    expect(pages).toBeLessThanOrEqual(9)
  })

  it('are the folders, of a store that knows its folders', async () => {
    const store: Store = {
      ...createMemoryStore(),
      folders: async (prefix) => (prefix === 'b/' ? ['p', '..', 'q'] : []),
    }
    expect(await batchNames(store)).toEqual(['p', 'q'])
  })
})

it('the failures that are shown are those that nobody has made since', async () => {
  const { firstFailures } = await import('../../../src/batch/verbs/failures.ts')
  const store = createMemoryStore()
  const put = (key: string, text: string) => store.put(key, textBody(text), {})
  const src = { key: 'o/x', sha256: 'ab'.repeat(32), bytes: 1, type: 'image/jpeg' }
  const lines = [0, 1, 2].map((at) => JSON.stringify({ item: itemId(0, at), path: `${at}.jpg`, src, predicted: 1 }))
  await put('b/p/m/0000.ndjson', lines.join('\n'))
  for (const at of [0, 1, 2]) {
    await put(failureReceiptKey('p', itemId(0, at)), JSON.stringify({ code: 'E_IMAGE_FORMAT', reason: `no ${at}` }))
  }
  await put(doneReceiptKey('p', itemId(0, 0)), '{}')
  const found = await firstFailures(store, manifestOf('p'), { most: 1 })
  expect(found).toEqual([{ item: '0000-0001', path: '1.jpg', code: 'E_IMAGE_FORMAT', message: 'no 1' }])
})
