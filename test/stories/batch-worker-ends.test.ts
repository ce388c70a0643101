import { beforeEach, describe, expect, it } from 'vitest'
import { fleetKey } from '../../src/batch/plan/keys.ts'
import { encodeMessage, type ImageJob } from '../../src/batch/plan/messages.ts'
import { LadingError } from '../../src/words/errors.ts'
import { BATCH, imageJob } from '../rig/batch-messages.ts'
import { type BatchWorld, createBatchWorld } from '../rig/batch-world.ts'

let world: BatchWorld

beforeEach(() => {
  world = createBatchWorld()
})

const jobs = (count: number, changes: Partial<ImageJob> = {}): ImageJob[] =>
  Array.from({ length: count }, (_, place) => imageJob(place, changes))

const json = async (key: string): Promise<Record<string, unknown> | undefined> => {
  const found = await world.store.get(key)
  return found && JSON.parse(Buffer.from(found.bytes).toString())
}

describe('a worker that ends', () => {
  const start = async (seconds: number, changes: Parameters<BatchWorld['worker']>[0] = {}) => {
    const worker = world.worker({ idle: 'never', ...changes })
    const run = worker.run()
    await world.clock.run(world.clock.sleep(seconds * 1000))
    return { worker, run }
  }
  const waitedFor = async (run: Promise<unknown>): Promise<number> => {
    const before = world.clock.now()
    await world.clock.run(run)
    return (world.clock.now() - before) / 1000
  }

  it('by a drain finishes what it has begun and hands back the rest at once', async () => {
    await world.send(...jobs(20, { predicted: 100 }))
    const { worker, run } = await start(50)
    expect(worker.stats()).toMatchObject({ running: 2, waiting: expect.any(Number) })
    worker.drain('asked')
    await world.clock.run(world.clock.sleep(1))
    expect(await world.lanes.std.gauge()).toMatchObject({ visible: 18, inFlight: 2 })
    expect(await waitedFor(run)).toBeLessThan(51)
    expect(worker.stats()).toMatchObject({ state: 'draining', reason: 'asked', counts: { done: 2, released: 0 } })
    expect(await world.lanes.std.gauge()).toMatchObject({ visible: 18, inFlight: 0 })
  })

  it('hands back what a receive brings that was on its way', async () => {
    let answer: (() => void) | undefined
    const late = {
      ...world.lanes.std,
      receive: async (...given: Parameters<typeof world.lanes.std.receive>) => {
        await new Promise<void>((resolve) => {
          answer = resolve
        })
        return world.lanes.std.receive(...given)
      },
    }
    await world.send(...jobs(5))
    const { worker, run } = await start(5, { lanes: { ...world.lanes, std: late } })
    worker.drain('asked')
    answer?.()
    await world.clock.run(run)
    expect(worker.stats().counts.done).toBe(0)
    expect(await world.lanes.std.gauge()).toMatchObject({ visible: 5, inFlight: 0 })
  })

  it('keeps the leases of what it finishes', async () => {
    await world.send(...jobs(2, { predicted: 600 }))
    const { worker, run } = await start(5)
    worker.drain('asked')
    await world.clock.run(run)
    expect(worker.stats().counts.done).toBe(2)
    expect(world.events.filter(({ type }) => type === 'lost')).toEqual([])
  })

  it('by a stop hands everything back', async () => {
    await world.send(...jobs(20, { predicted: 100 }))
    const { worker, run } = await start(50)
    worker.stop('asked')
    expect(await waitedFor(run)).toBeLessThan(6)
    expect(worker.stats().counts).toMatchObject({ done: 0, released: 2, crashed: 0 })
    expect(await world.lanes.std.gauge()).toMatchObject({ visible: 20, inFlight: 0 })
    expect(await world.stored(`b/${BATCH}/`)).toEqual([])
  })

  it('by a stop does not wait for a handler that does not hear', async () => {
    await world.send(...jobs(1))
    const handler = { handle: () => new Promise<never>(() => undefined) }
    const { worker, run } = await start(5, { handler })
    worker.stop('asked')
    expect(await waitedFor(run)).toBeLessThan(6)
    expect(await world.lanes.std.gauge()).toMatchObject({ visible: 1, inFlight: 0 })
  })

  it('by a stop hands back at once what it has kept for a store that takes nothing, however long that takes to say so', async () => {
    await world.send(...jobs(1))
    const refuse = async (): Promise<never> => {
      throw new LadingError('E_UNREACHABLE', 'no store')
    }
    let asked = 0
    const put = async (): Promise<never> => {
      asked += 1
      await world.clock.sleep(600_000)
      return refuse()
    }
    const { worker, run } = await start(0, { store: { ...world.store, head: refuse, put } })
    while (asked < 1 || worker.stats().running < 1) await world.clock.run(world.clock.sleep(1000))
    worker.stop('asked')
    await world.clock.run(world.clock.sleep(6000))
    expect(await world.lanes.std.gauge()).toMatchObject({ visible: 1, inFlight: 0 })
    await world.clock.run(run)
  })

  it('may be stopped while it drains, and not the other way round', async () => {
    await world.send(...jobs(2, { predicted: 100 }))
    const { worker, run } = await start(5)
    worker.drain('first')
    worker.stop('second')
    worker.drain('third')
    await worker.obey({ verb: 'resume' })
    await world.clock.run(run)
    expect(worker.stats()).toMatchObject({ state: 'stopping', reason: 'second', counts: { released: 2 } })
  })

  it('by a drain takes no new orders but to stop', async () => {
    await world.send(...jobs(2, { predicted: 100 }))
    const { worker, run } = await start(5)
    worker.drain('asked')
    for (const verb of ['resume', 'pause'] as const) await worker.obey({ verb })
    expect(worker.stats()).toMatchObject({ state: 'draining', reason: 'asked' })
    await world.clock.run(run)
    expect(worker.stats()).toMatchObject({ state: 'draining', counts: { done: 2 } })
  })

  it.each([
    ['the notice alone', ['notice'], true],
    ['the notice and its own ending soon after', ['notice', 'grace'], true],
    ['the notice after a drain', ['drain', 'notice', 'grace'], false],
    ['a stop after the notice', ['notice', 'stop'], false],
    ['a drain alone', ['drain'], false],
    ['a drain that comes too late to count', ['notice', 'drain'], true],
  ] as const)('knows whether its instance was taken away: %s', async (_, deeds, isTaken) => {
    const { worker, run } = await start(5)
    expect(worker.isTaken()).toBe(false)
    for (const deed of deeds) {
      if (deed === 'notice') worker.drain('interruption', true)
      if (deed === 'grace') worker.stop('interruption', true)
      if (deed === 'drain') worker.drain('interruption')
      if (deed === 'stop') await worker.obey({ verb: 'stop' })
    }
    await world.clock.run(run)
    expect(worker.isTaken()).toBe(isTaken)
  })

  it('has written what it says of its end when it has ended, however slow the store is', async () => {
    const slow: typeof world.store = {
      ...world.store,
      async put(...call) {
        if (call[0] === fleetKey('i-1')) await world.clock.sleep(60_000)
        return world.store.put(...call)
      },
    }
    const { worker, run } = await start(5, { store: slow })
    worker.drain('asked')
    await world.clock.run(run)
    expect(await json(fleetKey('i-1'))).toMatchObject({ state: 'draining', reason: 'asked' })
  })

  it('stays for a barrier that is not due when it is the one that leads, and not otherwise', async () => {
    const barrier = encodeMessage({ v: 1, kind: 'assemble', batch: BATCH, shard: '0000' }, world.keys.signer)
    await world.assembly.send([{ body: barrier, delaySeconds: 900 }])
    const look = async () => ({ status: 'closed' }) as const
    const begun = world.clock.now()
    const stayed = async (isKept: boolean) => {
      await world.work({ assembly: { queue: world.assembly, look, isKept: () => isKept } })
      return (world.clock.now() - begun) / 1000
    }
    expect(await stayed(false)).toBeLessThan(200)
    expect(world.assembly.size()).toBe(1)
    expect(await stayed(true)).toBeGreaterThan(900)
    expect(world.assembly.size()).toBe(0)
  })

  it('is not idle while somebody else has work that may come back', async () => {
    await world.send(...jobs(1))
    await world.lanes.std.receive({ max: 1, leaseSeconds: 900 })
    const before = world.clock.now()
    const stats = await world.work()
    expect((world.clock.now() - before) / 1000).toBeGreaterThan(900)
    expect(stats).toMatchObject({ reason: 'idle', counts: { done: 1 } })
  })
})

describe('a worker that is commanded', () => {
  it('pauses, hands back what waits, and goes on', async () => {
    await world.send(...jobs(20, { predicted: 10 }))
    const worker = world.worker()
    const run = worker.run()
    await world.clock.run(world.clock.sleep(5000))
    await world.command('i-1', { verb: 'pause' })
    await world.clock.run(world.clock.sleep(100_000))
    expect(worker.stats()).toMatchObject({ state: 'paused', running: 0, waiting: 0, counts: { done: 2 } })
    expect(await world.lanes.std.gauge()).toMatchObject({ visible: 18 })
    await world.command('i-1', { verb: 'resume' })
    await world.clock.run(run)
    expect(worker.stats()).toMatchObject({ counts: { done: 20 } })
  })

  it('changes its slots', async () => {
    await world.send(...jobs(20, { predicted: 100 }))
    const worker = world.worker()
    const run = worker.run()
    await world.clock.run(world.clock.sleep(5000))
    await world.command('i-1', { verb: 'concurrency', slots: 5 })
    await world.clock.run(world.clock.sleep(20_000))
    expect(worker.stats()).toMatchObject({ slots: 5, running: 5 })
    worker.stop('enough')
    await world.clock.run(run)
  })

  it('writes down how it is', async () => {
    const worker = world.worker({ idle: 'never' })
    const run = worker.run()
    await world.command('i-1', { verb: 'stats' })
    await world.clock.run(world.clock.sleep(1000))
    expect(await json(fleetKey('i-1'))).toMatchObject({ state: 'working', slots: 2, instance: 'i-1' })
    worker.drain('enough')
    await world.clock.run(run)
  })

  it('drains, and can be stopped after that', async () => {
    await world.send(...jobs(2, { predicted: 1000 }))
    const worker = world.worker()
    const run = worker.run()
    await world.clock.run(world.clock.sleep(5000))
    await world.command('i-1', { verb: 'drain' })
    await world.clock.run(world.clock.sleep(30_000))
    expect(worker.stats()).toMatchObject({ state: 'draining', running: 2 })
    await world.command('i-1', { verb: 'stop' })
    await world.clock.run(run)
    expect(worker.stats()).toMatchObject({ state: 'stopping', reason: 'commanded' })
  })
})

describe('messages of a later version', () => {
  it('are handed back and told, never thrown away', async () => {
    const newer = { ...imageJob(0), v: 2 }
    await world.lanes.std.send([{ body: world.keys.signer.sign(newer) }])
    const worker = world.worker({ idle: 'never' })
    const run = worker.run()
    await world.clock.run(world.clock.sleep(1000))
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'newer', version: 2, queue: 'std' }))
    expect(await world.lanes.std.gauge()).toMatchObject({ visible: 0, delayed: 1 })
    worker.drain('enough')
    await world.clock.run(run)
    expect(world.lanes.std.size() + world.deadLetters.size()).toBe(1)
  })
})

describe('dead letters that cannot be reached', () => {
  it('cost no message', async () => {
    await world.lanes.std.send([{ body: 'not ours' }])
    const deadLetters = { ...world.deadLetters, send: () => Promise.reject(new LadingError('E_UNREACHABLE', 'no')) }
    const worker = world.worker({ deadLetters, idle: 'never' })
    const run = worker.run()
    await world.clock.run(world.clock.sleep(1000))
    worker.drain('enough')
    await world.clock.run(run)
    expect(world.lanes.std.size()).toBe(1)
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'refused', reason: expect.stringContaining('not buried') }),
    )
  })
})
