import { describe, expect, it } from 'vitest'
import { batchManifestKey, batchResultKey } from '../../src/batch/plan/keys.ts'
import { encodeBatchManifest } from '../../src/batch/plan/manifest.ts'
import { encodeMessage, type ImageJob } from '../../src/batch/plan/messages.ts'
import type { Queue } from '../../src/batch/queue.ts'
import { createAssembly } from '../../src/batch/receipts/assemble.ts'
import type { Worker } from '../../src/batch/worker/worker.ts'
import type { Store } from '../../src/store/store.ts'
import { BATCH, imageJob } from '../rig/batch-messages.ts'
import { type BatchWorld, createBatchWorld, renderingHandler } from '../rig/batch-world.ts'
import { textBody } from '../rig/faulty-store.ts'
import { seededRandom } from '../rig/virtual-clock.ts'

const ITEMS = 1000
const SHARD_ITEMS = 100

const never = (): Promise<never> => new Promise(() => undefined)

/** A process that can die: from then on nothing that it asks for happens, or happens and is not heard of. */
function createMortal(): {
  wrap<T extends object>(thing: T, calls: readonly (keyof T)[]): T
  after(calls: number): void
} {
  let left = Number.POSITIVE_INFINITY
  const mortal =
    (call: (...given: never[]) => unknown) =>
    async (...given: never[]): Promise<unknown> => {
      left -= 1
      // The last request leaves, and its answer finds nobody; those after it do not leave.
      if (left < 0) return never()
      const answer = await call(...given)
      return left <= 0 ? never() : answer
    }
  return {
    wrap(thing, calls) {
      const wrapped = { ...thing }
      for (const name of calls) {
        const call = thing[name]
        // The names given are those of methods.
        if (typeof call === 'function') wrapped[name] = mortal(call.bind(thing)) as typeof call
      }
      return wrapped
    },
    after: (calls) => {
      left = calls
    },
  }
}

const QUEUE_CALLS = ['send', 'receive', 'extend', 'release', 'ack', 'gauge'] as const
const STORE_CALLS = ['get', 'put', 'head'] as const

interface Ended {
  readonly outputs: readonly string[]
  readonly told: number
  readonly mostArrived: number
  readonly kills: number
}

interface Chaos {
  readonly duplicates: number
  readonly kills: number
  /** The share of the jobs that take longer than a lease in a worker that gives no sign of life. */
  readonly expired: number
}

async function runBatch(seed: number, chaos: Chaos): Promise<Ended> {
  const world = createBatchWorld(seed)
  const random = seededRandom(seed)
  await submit(world, random, chaos.duplicates)
  let [told, mostArrived, kills] = [0, 0, 0]

  const start = (number: number, killAfter: number | undefined): Promise<unknown> => {
    const mortal = createMortal()
    const asleep = new Set<string>()
    const queue = (real: Queue): Queue => {
      const wrapped = mortal.wrap(real, QUEUE_CALLS)
      // No sign of life for some: their leases end while they are worked on.
      return {
        ...wrapped,
        extend: (messages, seconds) =>
          wrapped.extend(
            messages.filter(({ id }) => !asleep.has(id)),
            seconds,
          ),
      }
    }
    const store: Store = mortal.wrap(world.store, STORE_CALLS)
    const assembly = createAssembly({
      ...{ store, now: world.clock.now, random },
      publish: async () => undefined,
      tell: async (result) => {
        told += 1
        mostArrived = Math.max(mostArrived, result.done + result.failed)
      },
    })
    const worker: Worker = world.worker({
      instance: `i-${number}`,
      store,
      lanes: {
        hi: queue(world.lanes.hi),
        std: sleepy(queue(world.lanes.std), asleep, () => random() < chaos.expired),
        bulk: queue(world.lanes.bulk),
      },
      control: undefined,
      assembly: { queue: queue(world.assembly), look: assembly.look },
      arrived: assembly.arrived,
      handler: renderingHandler({ store, clock: world.clock, seconds: ({ item }) => (item.endsWith('7') ? 90 : 1) }),
    })
    if (killAfter !== undefined) mortal.after(killAfter)
    return worker.run()
  }

  // Three at a time; the place of one that died is taken by the next.
  let number = 0
  const place = async (): Promise<void> => {
    for (;;) {
      number += 1
      if (kills >= chaos.kills) return void (await start(number, undefined))
      kills += 1
      void start(number, 20 + Math.floor(random() * 150))
      await world.clock.sleep(30_000 + random() * 30_000)
    }
  }
  await world.clock.run(Promise.all([place(), place(), place()]))
  const outputs = (await world.stored()).filter(
    (key) => key.startsWith('v/') || key.includes('/d/') || key.includes('/f/'),
  )
  expect(world.lanes.std.size()).toBe(0)
  expect(await world.buried()).toEqual([])
  expect(await world.stored(`b/${BATCH}/`)).toContain(batchResultKey(BATCH))
  return { outputs, told, mostArrived, kills }
}

/** Some of what is received gets no sign of life from then on. */
function sleepy(queue: Queue, asleep: Set<string>, isChosen: () => boolean): Queue {
  return {
    ...queue,
    async receive(options) {
      const messages = await queue.receive(options)
      for (const { id, receives } of messages) if (receives === 1 && isChosen()) asleep.add(id)
      return messages
    },
  }
}

async function submit(world: BatchWorld, random: () => number, duplicates: number): Promise<void> {
  const job = (place: number): ImageJob => ({
    ...imageJob(place),
    item: `${String(Math.floor(place / SHARD_ITEMS)).padStart(4, '0')}-${String(place % SHARD_ITEMS).padStart(4, '0')}`,
    deadline: '2026-11-30T00:00:00.000Z',
  })
  const manifest = encodeBatchManifest({
    ...{ v: 1, batch: BATCH, recipe: 'r1-9f2c41d07b6a', lane: 'std', items: ITEMS, shardItems: SHARD_ITEMS },
    ...{
      createdAt: new Date(world.clock.now()).toISOString(),
      deadline: '2026-11-30T00:00:00.000Z',
      coreSeconds: ITEMS,
    },
  })
  await world.store.put(batchManifestKey(BATCH), textBody(Buffer.from(manifest).toString()), {
    'content-type': 'application/json',
  })
  for (let place = 0; place < ITEMS; place++) {
    await world.send(job(place))
    if (random() < duplicates) await world.send(job(place))
  }
  for (let shard = 0; shard < ITEMS / SHARD_ITEMS; shard++) {
    const barrier = { v: 1, kind: 'assemble', batch: BATCH, shard: String(shard).padStart(4, '0') } as const
    await world.assembly.send([{ body: encodeMessage(barrier, world.keys.signer), delaySeconds: 300 }])
  }
}

const CALM: Chaos = { duplicates: 0, kills: 0, expired: 0 }

describe('a batch of 1,000 jobs', () => {
  it('with 10 % duplicates, 20 killed workers and 5 % expired leases ends as a calm one does', async () => {
    const calm = await runBatch(1, CALM)
    expect(calm).toMatchObject({ told: 1, mostArrived: ITEMS, kills: 0 })
    expect(calm.outputs).toHaveLength(3 * ITEMS)
    const rough = await runBatch(2, { duplicates: 0.1, kills: 20, expired: 0.05 })
    expect(rough.kills).toBe(20)
    expect(rough.outputs).toEqual(calm.outputs)
    expect(rough.mostArrived).toBe(ITEMS)
    expect(rough.told).toBe(1)
  })
})

describe('thirty hostile messages among a thousand', () => {
  it('stop nothing, and lie among the dead letters with their reasons', async () => {
    const world = createBatchWorld()
    const hostile = Array.from({ length: 30 }, (_, index) => HOSTILE[index % HOSTILE.length] ?? '')
    for (let place = 0; place < 970; place++) {
      await world.send({ ...imageJob(place), predicted: 0.1 })
      if (place % 32 === 0) await world.lanes.std.send([{ body: hostile.pop() ?? 'x' }])
    }
    for (const body of hostile) await world.lanes.std.send([{ body }])
    const stats = await world.work()
    expect(stats.counts).toMatchObject({ done: 970, failed: 0, crashed: 0 })
    const buried = await world.buried()
    expect(buried).toHaveLength(31)
    expect(buried.every(({ reason }) => reason !== undefined && reason.length > 5)).toBe(true)
    expect(world.lanes.std.size()).toBe(0)
  })
})

const HOSTILE = [
  'null',
  '[]',
  '{',
  '"text"',
  '['.repeat(100_000),
  `{"v":1,"kind":"image","sig":"${'A'.repeat(86)}","key":"0000000000000000"}`,
  JSON.stringify({ ...imageJob(1), sig: 'A'.repeat(86) }),
  JSON.stringify({ ...imageJob(1), src: { ...imageJob(1).src, key: 'http://169.254.169.254/latest/meta-data/' } }),
  '{"v":1e999}',
  '{"__proto__":{"kind":"image"}}',
  '$(reboot)',
]
