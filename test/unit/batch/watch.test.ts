import { describe, expect, it } from 'vitest'
import {
  batchManifestKey,
  batchResultKey,
  cancelKey,
  doneReceiptKey,
  failureReceiptKey,
  itemId,
  shardManifestKey,
} from '../../../src/batch/plan/keys.ts'
import { type BatchManifest, encodeBatchManifest, encodeItems } from '../../../src/batch/plan/manifest.ts'
import { encodeMessage } from '../../../src/batch/plan/messages.ts'
import { createSigner, newKeyPair } from '../../../src/batch/plan/signing.ts'
import { createMemoryQueue } from '../../../src/batch/queues/memory.ts'
import { createAssembly } from '../../../src/batch/receipts/assemble.ts'
import { deadLetters, redrive } from '../../../src/batch/verbs/dead.ts'
import { reassemble } from '../../../src/batch/verbs/reassemble.ts'
import { createSights } from '../../../src/batch/verbs/sights.ts'
import { type BatchStatus, batchStatus, cancelBatch, watchBatch } from '../../../src/batch/verbs/watch.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { Store } from '../../../src/store/store.ts'
import { bytesBody } from '../../../src/transfer/bytes-body.ts'
import { LadingError } from '../../../src/words/errors.ts'
import { imageJob } from '../../rig/batch-messages.ts'

const START = Date.parse('2026-11-20T10:00:00Z')
const MANIFEST: BatchManifest = {
  v: 1,
  batch: 'p',
  recipe: 'r1-0123456789ab',
  lane: 'std',
  items: 4,
  shardItems: 1000,
  createdAt: new Date(START).toISOString(),
  deadline: new Date(START + 3_600_000).toISOString(),
  coreSeconds: 4,
}
const JSON_TYPE = { 'content-type': 'application/json' }

/** Time that passes only by waiting; `during` happens while somebody waits. */
function handTime(during: () => Promise<void> = async () => undefined) {
  const clock = {
    at: START,
    now: () => clock.at,
    random: () => 0.5,
    sleep: async (ms: number) => {
      clock.at += ms
      await during()
    },
  }
  return clock
}

const HANDS = { random: () => 0.99, publish: async () => undefined, tell: async () => undefined }

async function world(during?: (put: (place: number) => Promise<unknown>) => Promise<void>) {
  const clock = handTime(async () => during?.(put))
  const store = createMemoryStore({ now: clock.now })
  await store.put(batchManifestKey('p'), bytesBody(encodeBatchManifest(MANIFEST)), JSON_TYPE)
  const put = (place: number) =>
    store.put(doneReceiptKey('p', itemId(0, place)), bytesBody(Buffer.from('{}')), JSON_TYPE)
  const told: string[] = []
  const assembly = createAssembly({
    ...HANDS,
    store,
    now: () => clock.now(),
    tell: async ({ batch }) => void told.push(batch),
  })
  return { store, put, clock, assembly, told }
}

describe('a clock that is ahead of the store’s', () => {
  it('closes no batch before its time', async () => {
    let storeMs = START
    const store = createMemoryStore({ now: () => storeMs })
    await store.put(batchManifestKey('p'), bytesBody(encodeBatchManifest(MANIFEST)), JSON_TYPE)
    const assembly = createAssembly({ ...HANDS, store, now: () => START + 24 * 3_600_000 })
    expect(await assembly.look('p', '0000')).toMatchObject({ status: 'open' })
    storeMs += 3_600_000
    expect(await assembly.look('p', '0000')).toEqual({ status: 'closed' })
  })

  const partial = async () => {
    const store = createMemoryStore({ now: () => START })
    await store.put(batchManifestKey('p'), bytesBody(encodeBatchManifest(MANIFEST)), JSON_TYPE)
    const result = { v: 1, batch: 'p', items: 4, done: 1, failed: 0, missing: 3, partial: true, closedAt: '' }
    await store.put(batchResultKey('p'), bytesBody(Buffer.from(JSON.stringify(result))), JSON_TYPE)
    return { store, ahead: START + 24 * 3_600_000 }
  }

  it('takes no batch for closed that a submit has given more time, and cancels it', async () => {
    const { store, ahead } = await partial()
    const sights = createSights(store, () => ahead)
    await sights.find()
    expect(await sights.look(() => undefined)).toMatchObject([{ batch: 'p', isOpen: true }])
    await cancelBatch(store, 'p', ahead)
    expect(await store.head(cancelKey('p'))).toBeDefined()
  })

  it('holds nobody up who stops, while the store is asked for its own', async () => {
    const { store, ahead } = await partial()
    const stop = new AbortController()
    const head: Store['head'] = (key, options) => {
      if (key !== batchManifestKey('p')) return store.head(key, options)
      stop.abort(new LadingError('E_ABORTED', 'stopped'))
      return new Promise((_, reject) => {
        if (options?.signal?.aborted) reject(options.signal.reason)
      })
    }
    const watching = watchBatch({ ...store, head }, 'p', {
      ...{ clock: { ...handTime(), now: () => ahead }, signal: stop.signal, onStatus: () => undefined },
    })
    await expect(watching).rejects.toMatchObject({ code: 'E_ABORTED' })
  })
})

describe('the status of a batch', () => {
  it('says how far it is, whether it was cancelled, and its end once it has one', async () => {
    const { store, put, assembly } = await world()
    await put(0)
    expect(await batchStatus(store, 'p')).toMatchObject({
      batch: 'p',
      items: 4,
      done: 1,
      failed: 0,
      isCancelled: false,
    })
    await cancelBatch(store, 'p', START)
    expect(await store.head(cancelKey('p'))).toBeDefined()
    for (const place of [1, 2, 3]) await put(place)
    await assembly.look('p', '0000')
    const status = await batchStatus(store, 'p')
    expect(status).toMatchObject({ done: 4, isCancelled: true, result: { done: 4, failed: 0, partial: false } })
  })

  it('of a batch that is not there is an error that says where it was looked for', async () => {
    const { store } = await world()
    const missing = { code: 'E_BATCH', exitCode: 3, subject: 'memory' }
    await expect(batchStatus(store, 'q')).rejects.toMatchObject(missing)
    await expect(cancelBatch(store, 'q', START)).rejects.toMatchObject(missing)
    expect(await store.head(cancelKey('q'))).toBeUndefined()
  })
})

describe('a look at a batch that is not done', () => {
  it('comes again when it should be, and where looks cost nothing soon: a worker stays for it', async () => {
    const { store, put, clock } = await world()
    await put(0)
    clock.at += 600_000
    const againIn = (most?: number) =>
      createAssembly({ ...HANDS, store, now: () => clock.now(), longestLookSeconds: most }).look('p', '0000')
    expect(await againIn()).toEqual({ status: 'open', againSeconds: 900 })
    expect(await againIn(30)).toEqual({ status: 'open', againSeconds: 30 })
  })
})

describe('watching a batch', () => {
  it.each([
    ['a look', batchStatus],
    ['the end of a watch', (store: Store) => watchBatch(store, 'p', { clock: handTime(), onStatus: () => undefined })],
  ] as const)('%s names what failed in a batch that closes while it is looked at', async (_, look) => {
    const { store, put, assembly } = await world()
    const items = [0, 1, 2, 3].map((place) => ({ ...imageJob(place), path: `${place}.jpg` }))
    await store.put(shardManifestKey('p', '0000'), bytesBody(encodeItems(items)), JSON_TYPE)
    for (const place of [0, 1, 2]) await put(place)
    const closing: Store = {
      ...store,
      get: async (key, options) => {
        if (key === batchResultKey('p')) {
          const receipt = Buffer.from(JSON.stringify({ code: 'E_IMAGE_CORRUPT', reason: 'it is damaged' }))
          await store.put(failureReceiptKey('p', itemId(0, 3)), bytesBody(receipt), JSON_TYPE)
          await assembly.look('p', '0000')
        }
        return store.get(key, options)
      },
    }
    const status = await look(closing, 'p')
    expect(status).toMatchObject({ done: 3, failed: 1, result: { done: 3, failed: 1 } })
    expect(status.failures).toMatchObject([{ path: '3.jpg', code: 'E_IMAGE_CORRUPT' }])
  })

  it('tells every look, with the time left, and ends when the batch does', async () => {
    let next = 0
    const { store, clock, assembly, told } = await world(async (put) => void (next < 4 && (await put(next++))))
    const seen: BatchStatus[] = []
    const last = await watchBatch(store, 'p', { clock, assembly, onStatus: (status) => seen.push(status) })
    expect(seen.map(({ done }) => done)).toEqual([0, 1, 2, 3, 4, 4])
    expect(seen[0]?.left).toBeUndefined()
    expect(seen[2]?.left?.least).toBeLessThan(4)
    expect(seen[2]?.left?.most).toBeGreaterThan(4)
    expect(last.result).toMatchObject({ done: 4, partial: false })
    expect(told).toEqual(['p'])
  })

  it('closes the batch at its deadline with what there is, though nobody works', async () => {
    const { store, put, clock, assembly } = await world()
    await put(0)
    // At the deadline nothing has come yet; the look after it sees the end.
    const onStatus = () => expect(clock.now() - START).toBeLessThanOrEqual(3_600_000 + 900_000)
    const last = await watchBatch(store, 'p', { clock, assembly, everySeconds: 900, onStatus })
    expect(last.result).toMatchObject({ done: 1, missing: 3, partial: true })
  })

  it('lets a batch go on that was given a new deadline, after the old one too', async () => {
    const later = { ...MANIFEST, deadline: new Date(START + 7_200_000).toISOString() }
    const { store, put, clock, assembly } = await world()
    await put(0)
    expect(await assembly.look('p', '0000')).toMatchObject({ status: 'open' })
    clock.at = START + 3_700_000
    await store.put(batchManifestKey('p'), bytesBody(encodeBatchManifest(later)), JSON_TYPE)
    expect(await assembly.look('p', '0000')).toMatchObject({ status: 'open' })
    clock.at = START + 7_200_000
    await assembly.look('p', '0000')
    expect((await batchStatus(store, 'p')).result).toMatchObject({ done: 1, missing: 3, partial: true })
  })

  it('waits for what was sent again after a deadline, and has the result made again with it', async () => {
    let next = 1
    const { store, put, clock, assembly } = await world(async (arrive) => void (next < 4 && (await arrive(next++))))
    await put(0)
    clock.at = START + 3_600_000
    await assembly.look('p', '0000')
    const later = { ...MANIFEST, deadline: new Date(START + 7_200_000).toISOString() }
    await store.put(batchManifestKey('p'), bytesBody(encodeBatchManifest(later)), JSON_TYPE)
    const publish = async (): Promise<void> => undefined
    const again = () => reassemble(store, 'p', { now: clock.now, publish })
    const seen: (boolean | undefined)[] = []
    const onStatus = ({ result }: BatchStatus): void => void seen.push(result?.partial)
    const last = await watchBatch(store, 'p', { clock, assembly, again, onStatus })
    expect(seen).toEqual([true, true, true, false])
    expect(last.result).toMatchObject({ done: 4, missing: 0, partial: false })
    expect((await batchStatus(store, 'p')).result).toEqual(last.result)
  })

  it('closes a batch of which a receipt is damaged, and counts its image among the failures', async () => {
    const { store, put, clock, assembly } = await world()
    for (const place of [0, 1, 2, 3]) await put(place)
    await store.put(doneReceiptKey('p', itemId(0, 1)), bytesBody(Buffer.from('{"v":')), JSON_TYPE)
    const damaged = doneReceiptKey('p', itemId(0, 2))
    const get: typeof store.get = async (key, options) => {
      if (key === damaged) throw new LadingError('E_INTEGRITY', 'its bytes are not what was stored')
      return store.get(key, options)
    }
    const looked = createAssembly({ ...HANDS, store: { ...store, get }, now: () => clock.now() })
    const last = await watchBatch(store, 'p', { clock, assembly: looked, onStatus: () => undefined })
    expect(last.result).toMatchObject({ done: 2, failed: 2, missing: 0, partial: false })
    expect(await assembly.look('p', '0000')).toMatchObject({ status: 'closed' })
  })

  it('lists ten times a second at most, which each costs money, unless it is told how often to look', async () => {
    const { store, assembly } = await world()
    const large = { ...MANIFEST, batch: 'large', items: 100_000, deadline: new Date(START + 600_000).toISOString() }
    await store.put(batchManifestKey('large'), bytesBody(encodeBatchManifest(large)), JSON_TYPE)
    let lists = 0
    const counted: typeof store = {
      ...store,
      list: (...given) => {
        lists += 1
        return store.list(...given)
      },
    }
    const listsIn = async (options: { readonly everySeconds?: number }): Promise<number> => {
      lists = 0
      const stop = new AbortController()
      const clock = handTime(async () => void (clock.now() - START >= 300_000 && stop.abort(new Error('enough'))))
      const given = { ...options, clock, assembly, signal: stop.signal, onStatus: () => undefined }
      await expect(watchBatch(counted, 'large', given)).rejects.toThrow('enough')
      return lists
    }
    expect(await listsIn({})).toBe(200 * 15)
    expect(await listsIn({ everySeconds: 100 })).toBe(200 * 3)
  })

  it('ends when the workers that were started for it are gone and images are left, with where their logs are', async () => {
    const { store, clock, assembly } = await world()
    const alive = [2, 1, 0, 0]
    const workers = {
      label: 'processes of q/fleet',
      count: async () => ({ desired: 0, inService: alive.shift() ?? 0, max: 2, instances: [] }),
    }
    const watched = watchBatch(store, 'p', { clock, assembly, workers, onStatus: () => undefined })
    await expect(watched).rejects.toMatchObject({ code: 'E_BATCH', subject: 'processes of q/fleet' })
    expect(clock.now() - START).toBe(6000)
  })

  it('goes on without the workers that were started for it as long as others put receipts', async () => {
    let next = 0
    const { store, clock, assembly } = await world(async (put) => void (next < 4 && (await put(next++))))
    const workers = { label: '', count: async () => ({ desired: 0, inService: 0, max: 2, instances: [] }) }
    const last = await watchBatch(store, 'p', { clock, assembly, workers, onStatus: () => undefined })
    expect(last.result).toMatchObject({ done: 4, partial: false })
  })

  it('ends with the signal’s reason', async () => {
    const stop = new AbortController()
    const { store, clock } = await world(async () => stop.abort(new Error('stopped by SIGINT')))
    const options = { clock, signal: stop.signal, onStatus: () => undefined }
    await expect(watchBatch(store, 'p', options)).rejects.toThrow('stopped by SIGINT')
  })
})

describe('dead letters', () => {
  const SIGNER = createSigner(newKeyPair().privateKey)
  const job = (item: string, lane: 'hi' | 'std') =>
    encodeMessage(
      {
        v: 1,
        kind: 'image',
        batch: 'p',
        item,
        src: { key: `o/ab/${'ab'.repeat(32)}.jpg`, sha256: 'ab'.repeat(32), bytes: 1, type: 'image/jpeg' },
        recipe: MANIFEST.recipe,
        lane,
        predicted: 1,
        deadline: MANIFEST.deadline,
      },
      SIGNER,
    )

  async function graveyard() {
    const make = () => createMemoryQueue({ clock: handTime() })
    const queues = { dead: make(), lanes: { hi: make(), std: make(), bulk: make() }, assembly: make() }
    await queues.dead.send([
      { body: job('0000-0001', 'std'), attributes: { reason: 'its signature is not right' } },
      { body: job('0000-0002', 'hi') },
      { body: encodeMessage({ v: 1, kind: 'assemble', batch: 'p', shard: '0000' }, SIGNER) },
      { body: '<img src=x>' },
      { body: '{"kind":"image","lane":"constructor"}' },
    ])
    return queues
  }

  it('are listed with their reasons, and stay', async () => {
    const { dead } = await graveyard()
    const letters = await deadLetters(dead)
    expect(letters).toHaveLength(5)
    expect(letters.find(({ item }) => item === '0000-0001')).toMatchObject({
      reason: 'its signature is not right',
      lane: 'std',
    })
    expect(letters.find(({ item }) => item === '0000-0002')?.reason).toMatch(/received \d+ times/)
    expect(letters.filter(({ kind }) => kind === 'not ours')).toHaveLength(1)
    expect(await deadLetters(dead)).toHaveLength(5)
  })

  it('are all listed by a queue that does not find everything at once, unless it is asked to wait', async () => {
    const { dead } = await graveyard()
    const receive: typeof dead.receive = async (given) =>
      given.waitSeconds === undefined || given.waitSeconds === 0 ? [] : dead.receive({ ...given, max: 2 })
    expect(await deadLetters({ ...dead, receive })).toHaveLength(5)
  })

  it('are no more than may be sent again at once, also where a receive brings less than it was asked for', async () => {
    const { dead } = await graveyard()
    await dead.send(Array.from({ length: 1200 }, () => ({ body: job('0000-0001', 'std') })))
    const receive: typeof dead.receive = (given) => dead.receive({ ...given, max: Math.min(3, given.max) })
    expect(await deadLetters({ ...dead, receive })).toHaveLength(1000)
  })

  it('go back to where they belong, word for word; what belongs nowhere stays', async () => {
    const queues = await graveyard()
    expect(await redrive(queues)).toEqual({ sent: 3, left: 2 })
    expect(queues.dead.size()).toBe(2)
    expect(queues.assembly.size()).toBe(1)
    expect((await queues.lanes.hi.receive({ max: 10, leaseSeconds: 9 })).map(({ body }) => body)).toEqual([
      job('0000-0002', 'hi'),
    ])
    expect(queues.lanes.std.size()).toBe(1)
  })

  it('go back singly, when they are named', async () => {
    const queues = await graveyard()
    expect(await redrive({ ...queues, only: ['0000-0002'] })).toEqual({ sent: 1, left: 4 })
    expect(queues.dead.size()).toBe(4)
  })

  it('are not lost when they cannot be sent', async () => {
    const queues = await graveyard()
    const std = { ...queues.lanes.std, send: async () => [{ index: 0, reason: 'no room', isOurs: false }] }
    await expect(redrive({ ...queues, lanes: { ...queues.lanes, std } })).rejects.toMatchObject({ code: 'E_QUEUE' })
    expect(queues.dead.size()).toBeGreaterThanOrEqual(4)
    expect(await queues.dead.gauge()).toMatchObject({ inFlight: 0 })
  })
})
