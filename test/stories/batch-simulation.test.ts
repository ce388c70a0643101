import { describe, expect, it } from 'vitest'
import type { Fleet } from '../../src/batch/fleet.ts'
import { createLedger } from '../../src/batch/leader/account.ts'
import { createLeader, createLeadership } from '../../src/batch/leader/leader.ts'
import { barrierDelay } from '../../src/batch/plan/barrier.ts'
import { EFFICIENCY } from '../../src/batch/plan/estimate.ts'
import { batchManifestKey } from '../../src/batch/plan/keys.ts'
import { LANE_RULES, LANES, type Lane } from '../../src/batch/plan/lanes.ts'
import { encodeBatchManifest, shardsOf } from '../../src/batch/plan/manifest.ts'
import { encodeMessage } from '../../src/batch/plan/messages.ts'
import { scale } from '../../src/batch/plan/scale.ts'
import { kickSighting, LEADER_LOOK_SECONDS, USUAL_CORE_SECONDS } from '../../src/batch/plan/sighting.ts'
import type { SimulatedFleet, SimulatedWorkers } from '../../src/batch/plan/simulate/options.ts'
import { seeded } from '../../src/batch/plan/simulate/seeded.ts'
import { simulate } from '../../src/batch/plan/simulate/simulate.ts'
import { createAssembly } from '../../src/batch/receipts/assemble.ts'
import { BATCH, imageJob } from '../rig/batch-messages.ts'
import { type BatchWorld, createBatchWorld, renderingHandler } from '../rig/batch-world.ts'
import { textBody } from '../rig/faulty-store.ts'

const BOOT_SECONDS = 45
const INSTANCE_HOUR = 0.064

interface Part {
  readonly lane: Lane
  readonly count: number
  /** Of the n-th image. */
  readonly predicted: (place: number) => number
}

interface Measured {
  readonly doneSeconds: number
  readonly waits: Readonly<Record<Lane, readonly number[]>>
}

/** Sends what the simulation is told of too, and takes down when each image is begun and done by real workers. */
async function record(world: BatchWorld, parts: readonly Part[]) {
  const startMs = world.clock.now()
  const seconds = (): number => (world.clock.now() - startMs) / 1000
  let [place, doneSeconds] = [0, 0]
  for (const { lane, count, predicted } of parts) {
    for (let at = 0; at < count; at++) await world.send(imageJob(place++, { lane, predicted: predicted(at) }))
  }
  const waits: Record<Lane, number[]> = { hi: [], std: [], bulk: [] }
  const rendering = renderingHandler({ ...world, seconds: ({ predicted }) => predicted / EFFICIENCY })
  const handler: typeof rendering = {
    async handle(job, options) {
      waits[job.lane].push(seconds())
      const outcome = await rendering.handle(job, options)
      doneSeconds = seconds()
      return outcome
    },
  }
  return { handler, seconds, measured: (): Measured => ({ doneSeconds, waits }) }
}

const simulated = (parts: readonly Part[], on: SimulatedWorkers | SimulatedFleet) =>
  simulate({
    batches: parts.map(({ lane, count, predicted }, at) => ({
      ...{ name: `b-${at}`, lane, startSeconds: 0, deadlineSeconds: 12 * 3600 },
      images: Array.from({ length: count }, (_, place) => ({
        predicted: predicted(place),
        src: { width: 400, height: 300 },
      })),
    })),
    on,
    random: seeded(1),
  })

const rank = (waits: readonly number[], share: number): number =>
  waits.toSorted((a, b) => a - b)[Math.ceil(share * waits.length) - 1] ?? 0

/** Within a tenth, or a second. */
function expectNear(model: number, real: number, what: string): void {
  expect(Math.abs(model - real), `${what}: ${model} simulated, ${real} in truth`).toBeLessThanOrEqual(
    Math.max(1, real / 10),
  )
}

/** 0.2 to 2 core-seconds, in no order. */
const mixed = (place: number): number => 0.2 + ((place * 7919) % 1800) / 1000

const LOADS: readonly (readonly [string, readonly Part[]])[] = [
  ['one lane', [{ lane: 'std', count: 400, predicted: mixed }]],
  [
    'three lanes at once',
    [
      { lane: 'hi', count: 120, predicted: () => 0.3 },
      { lane: 'std', count: 150, predicted: mixed },
      { lane: 'bulk', count: 150, predicted: () => 1 },
    ],
  ],
  ['few images that take long', [{ lane: 'bulk', count: 7, predicted: () => 40 }]],
]

describe('the simulation, held against real workers over real queues', () => {
  it.each(LOADS)('says of %s when it is done and how long images wait', async (_, parts) => {
    const world = createBatchWorld()
    const { handler, measured } = await record(world, parts)
    const workers = ['i-1', 'i-2', 'i-3'].map((instance) => world.worker({ instance, handler, waitSeconds: 2 }).run())
    await world.clock.run(Promise.all(workers))
    const { doneSeconds, waits } = measured()
    const model = simulated(parts, { kind: 'local', workers: 3, slots: 2, pixels: 1e8, coreSpeed: 1 })
    expectNear(model.doneSeconds, doneSeconds, 'done')
    for (const { lane, wait } of model.lanes) {
      expectNear(wait.p50, rank(waits[lane], 0.5), `half of ${lane}`)
      expectNear(wait.p95, rank(waits[lane], 0.95), `95 % of ${lane}`)
    }
  })

  it('says how many instances a real leader asks for, and for how long they are paid', async () => {
    const parts: readonly Part[] = [{ lane: 'std', count: 1500, predicted: () => 2.5 }]
    const world = createBatchWorld()
    const recorded = await record(world, parts)
    await sendBarriers(world, parts)
    const group = createRealGroup(world, recorded)
    await group.kick(parts)
    await world.clock.run(group.isEmpty())
    const model = simulated(parts, {
      ...{ kind: 'fleet', maxInstances: 4, slots: 4, pixels: 1e8, coreSpeed: 1, bootSeconds: BOOT_SECONDS },
      ...{ lifetimeMinutes: 240, interruptionsPerHour: 0, instanceHour: INSTANCE_HOUR },
    })
    expect(model.instances.most).toBe(group.most())
    expectNear(model.doneSeconds, recorded.measured().doneSeconds, 'done')
    expectNear(model.instances.hours * 3600, group.paidSeconds(), 'paid for')
  })
})

/** As submit does, so that the one that leads stays for them. */
async function sendBarriers({ store, clock, assembly, keys }: BatchWorld, parts: readonly Part[]): Promise<void> {
  const times = { createdAt: clock.now(), deadline: clock.now() + 12 * 3_600_000 }
  const all = parts.flatMap(({ count, predicted }) => Array.from({ length: count }, (_, place) => predicted(place)))
  const coreSeconds = all.reduce((sum, each) => sum + each, 0)
  const manifest = {
    v: 1,
    batch: BATCH,
    recipe: 'r1-9f2c41d07b6a',
    lane: 'std',
    items: all.length,
    shardItems: 1000,
    coreSeconds,
    createdAt: new Date(times.createdAt).toISOString(),
    deadline: new Date(times.deadline).toISOString(),
  } as const
  const body = textBody(Buffer.from(encodeBatchManifest(manifest)).toString())
  await store.put(batchManifestKey(BATCH), body, { 'content-type': 'application/json' })
  const delaySeconds = barrierDelay(coreSeconds, { slotsPerInstance: 4, maxInstances: 4 })
  const barriers = shardsOf(manifest).map((shard) => ({ v: 1, kind: 'assemble', batch: BATCH, shard }) as const)
  await assembly.send(barriers.map((barrier) => ({ body: encodeMessage(barrier, keys.signer), delaySeconds })))
}

/** A group in virtual time whose instances are real workers with real leaders. */
function createRealGroup(world: BatchWorld, { handler, seconds }: Awaited<ReturnType<typeof record>>) {
  const there = new Map<string, { readonly bornAt: number; isReady: boolean }>()
  const ends: Promise<void>[] = []
  let [desired, started, most, paid] = [0, 0, 0, 0]
  const count = async () => ({
    ...{ desired, max: 4, instances: [...there.keys()] },
    inService: [...there.values()].filter(({ isReady }) => isReady).length,
  })
  const fleet: Fleet = {
    label: 'group',
    count,
    async grow(wished) {
      desired = Math.max(desired, Math.min(wished, 4))
      while (there.size < desired) ends.push(live(`i-${++started}`))
      most = Math.max(most, there.size)
      return count()
    },
    retire: async (instance) => {
      if (there.has(instance)) desired -= 1
      there.delete(instance)
    },
  }
  const assembly = createAssembly({
    ...{ store: world.store, now: world.clock.now, random: world.clock.random },
    publish: async () => undefined,
    tell: async () => undefined,
  })
  const ledger = createLedger({ store: world.store, instanceHour: INSTANCE_HOUR })
  const live = async (instance: string): Promise<void> => {
    const self = { bornAt: seconds(), isReady: false }
    there.set(instance, self)
    await world.clock.sleep(BOOT_SECONDS * 1000)
    self.isReady = true
    const leader = createLeader({
      leadership: createLeadership({ store: world.store, owner: instance, clock: { monotonicMs: world.clock.now } }),
      fleet,
      lanes: LANES.map((lane) => ({ gauge: () => world.lanes[lane].gauge(), ...LANE_RULES[lane] })),
      limits: { slotsPerInstance: 4 },
      meanCoreSeconds: () => USUAL_CORE_SECONDS,
      budget: ledger.look,
    })
    const over = new AbortController()
    const worker = world
      .worker({
        ...{ instance, handler, slots: 4, control: undefined, arrived: assembly.arrived },
        assembly: { queue: world.assembly, look: assembly.look, isKept: () => leader.isLeading() },
      })
      .run()
    const leading = (async () => {
      for (; !over.signal.aborted; await world.clock.sleep(LEADER_LOOK_SECONDS * 1000, over.signal)) await leader.look()
      await leader.resign()
    })()
    await worker
    over.abort()
    await leading
    await fleet.retire(instance)
    paid += seconds() - self.bornAt
  }
  return {
    most: () => most,
    paidSeconds: () => paid,
    async kick(parts: readonly Part[]) {
      const sent = parts.flatMap(({ count: images, predicted }) =>
        Array.from({ length: images }, (_, place) => ({ predicted: predicted(place) })),
      )
      const limits = { slotsPerInstance: 4, maxInstances: 4 }
      await fleet.grow(scale(limits, kickSighting(sent, { fleet: await count(), budget: undefined })).desired)
    },
    async isEmpty() {
      for (let at = 0; at < ends.length; at++) await ends[at]
    },
  }
}
