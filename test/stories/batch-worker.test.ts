import { beforeEach, describe, expect, it } from 'vitest'
import { batchManifestKey, cancelKey, crashKey, failureReceiptKey, fleetKey } from '../../src/batch/plan/keys.ts'
import type { ImageJob } from '../../src/batch/plan/messages.ts'
import type { Handler } from '../../src/batch/worker/handler.ts'
import { workerEventText } from '../../src/cli/reporters/batch-worker.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { LadingError } from '../../src/words/errors.ts'
import { BATCH, imageJob } from '../rig/batch-messages.ts'
import { type BatchWorld, createBatchWorld, renderingHandler } from '../rig/batch-world.ts'
import { textBody } from '../rig/faulty-store.ts'

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

const ended = (): string[] => world.events.flatMap((event) => (event.type === 'ended' ? [event.result] : []))

describe('a worker', () => {
  it('does what waits, acks it, and retires when nothing is left', async () => {
    await world.send(...jobs(25))
    const stats = await world.work()
    expect(stats).toMatchObject({ state: 'draining', reason: 'idle', counts: { done: 25, failed: 0 } })
    expect(await world.stored(`b/${BATCH}/d/`)).toHaveLength(25)
    expect(world.lanes.std.size()).toBe(0)
    expect(await json(fleetKey('i-1'))).toMatchObject({ v: 1, state: 'draining', counts: { done: 25 } })
  })

  it('never has more in work than it has slots', async () => {
    let running = 0
    let most = 0
    await world.send(...jobs(30))
    const { handle } = renderingHandler(world)
    const handler: Handler = {
      async handle(job, options) {
        running += 1
        most = Math.max(most, running)
        const outcome = await handle(job, options)
        running -= 1
        return outcome
      },
    }
    await world.work({ slots: 3, handler })
    expect(most).toBe(3)
  })

  it('has no more pixels in work than fit, and one that is larger than all alone', async () => {
    const sizes = [4000, 4000, 20_000, 1000, 1000]
    await world.send(
      ...sizes.map((side, place) => imageJob(place, { src: { ...imageJob(place).src, width: side, height: side } })),
    )
    let [pixels, most, count] = [0, 0, 0]
    const { handle } = renderingHandler(world)
    const handler = {
      async handle(job: ImageJob, options: { readonly signal: AbortSignal }) {
        const size = (job.src.width ?? 0) * (job.src.height ?? 0)
        pixels += size
        count += 1
        if (size < 400_000_000) most = Math.max(most, pixels)
        else expect(count).toBe(1)
        const outcome = await handle(job, options)
        pixels -= size
        count -= 1
        return outcome
      },
    }
    await world.work({ slots: 4, handler, pixels: 20_000_000 })
    expect(most).toBe(16_000_000)
    expect(ended()).toEqual(['done', 'done', 'done', 'done', 'done'])
  })

  it('serves the lanes by their weights', async () => {
    const sent = (['hi', 'std', 'bulk'] as const).flatMap((lane, index) =>
      Array.from({ length: 40 }, (_, place) => imageJob(index * 100 + place, { lane, predicted: 1 })),
    )
    await world.send(...sent)
    await world.work({ slots: 1 })
    const order = world.events.flatMap((event) => (event.type === 'taken' ? [event.lane] : []))
    expect(order.slice(0, 24).filter((lane) => lane === 'hi')).toHaveLength(16)
    expect(order.slice(0, 24).filter((lane) => lane === 'bulk')).toHaveLength(2)
    expect(order).toHaveLength(120)
  })

  it('keeps the leases of what takes longer than one', async () => {
    await world.send(...jobs(12, { predicted: 300 }))
    await world.work()
    expect(ended()).toEqual(Array.from({ length: 12 }, () => 'done'))
    expect(world.events.filter(({ type }) => type === 'taken')).toHaveLength(12)
  })

  it('asks little of the queue while it is full', async () => {
    let requests = 0
    const counting = new Proxy(world.lanes.std, {
      get(queue, name, receiver) {
        if (name === 'receive' || name === 'extend' || name === 'release' || name === 'ack') requests += 1
        return Reflect.get(queue, name, receiver)
      },
    })
    await world.send(...jobs(400, { predicted: 0.87 }))
    const worker = world.worker({ lanes: { ...world.lanes, std: counting } })
    const run = worker.run()
    const isHalf = async (): Promise<void> => {
      while (worker.stats().counts.done < 300) await world.clock.sleep(1000)
    }
    await world.clock.run(isHalf())
    expect(requests / worker.stats().counts.done).toBeLessThanOrEqual(0.4)
    await world.clock.run(run)
  })
})

describe('a job that cannot be done', () => {
  it('is named by its image’s path, or by its original’s key where the list of the batch is not to be had', async () => {
    await world.send(...jobs(3))
    const instead = (job: ImageJob) =>
      job.item === '0000-0001' ? undefined : ({ status: 'failed', code: 'E_IMAGE_CORRUPT', reason: 'cut' } as const)
    const asked: string[] = []
    const pathOf = async ({ item }: ImageJob): Promise<string> => {
      asked.push(item)
      if (item === '0000-0002') throw new LadingError('E_MANIFEST', 'the items of a batch are not there')
      return 'img/a.jpg'
    }
    await world.work({ handler: renderingHandler({ ...world, instead }), pathOf })
    const lines = world.events.map((event) => workerEventText(event, false)).filter((line) => line.includes('failed'))
    const { key } = imageJob(2).src
    expect(lines.sort()).toEqual([
      `  failed    ${BATCH} 0000-0000 img/a.jpg: cut\n`,
      `  failed    ${BATCH} 0000-0002 ${key}: cut\n`,
    ])
    expect(asked.sort()).toEqual(['0000-0000', '0000-0002'])
  })

  it('has a receipt that says why, and is acked', async () => {
    await world.send(...jobs(3))
    const instead = ({ item }: ImageJob) =>
      item === '0000-0001'
        ? ({ status: 'failed', code: 'E_IMAGE_CORRUPT', reason: 'it is cut off' } as const)
        : undefined
    const told: string[] = []
    const arrived = async (_batch: string, item: string): Promise<void> => void told.push(item)
    await world.work({ handler: renderingHandler({ ...world, instead }), arrived })
    expect(await json(failureReceiptKey(BATCH, '0000-0001'))).toMatchObject({
      ...{ v: 1, batch: BATCH, item: '0000-0001', result: 'failed' },
      ...{ code: 'E_IMAGE_CORRUPT', reason: 'it is cut off' },
    })
    expect(await world.stored(`b/${BATCH}/d/`)).toHaveLength(2)
    expect(told.sort()).toEqual(['0000-0000', '0000-0001', '0000-0002'])
    expect(world.lanes.std.size()).toBe(0)
  })

  it('that crashes once is tried again', async () => {
    await world.send(...jobs(1))
    let crashes = 0
    const instead = () => (crashes++ === 0 ? ({ status: 'crashed', reason: 'SIGSEGV' } as const) : undefined)
    await world.work({ handler: renderingHandler({ ...world, instead }) })
    expect(ended()).toEqual(['crashed', 'done'])
    expect(await json(crashKey(BATCH, '0000-0000', 1))).toMatchObject({ instance: 'i-1', reason: 'SIGSEGV' })
    expect(await world.stored(`b/${BATCH}/f/`)).toEqual([])
  })

  it('that crashes twice is given up', async () => {
    await world.send(...jobs(2))
    const instead = ({ item }: ImageJob) =>
      item === '0000-0000' ? ({ status: 'crashed', reason: 'SIGSEGV' } as const) : undefined
    await world.work({ handler: renderingHandler({ ...world, instead }) })
    expect(ended().sort()).toEqual(['crashed', 'done', 'failed'])
    expect(await json(failureReceiptKey(BATCH, '0000-0000'))).toMatchObject({ code: 'E_IMAGE_CRASHED' })
    expect(world.lanes.std.size() + world.deadLetters.size()).toBe(0)
  })

  it('because of a mistake of ours is given up like one that crashes', async () => {
    await world.send(...jobs(1))
    await world.work({ handler: renderingHandler({ ...world, instead: () => new TypeError('x is not a function') }) })
    expect(await json(failureReceiptKey(BATCH, '0000-0000'))).toMatchObject({
      reason: expect.stringContaining('x is not a function'),
    })
  })

  it('because something outside fails comes back, and counts as no crash', async () => {
    await world.send(...jobs(1))
    let failures = 0
    const instead = () => (failures++ < 3 ? new LadingError('E_UNREACHABLE', 'no store') : undefined)
    await world.work({ handler: renderingHandler({ ...world, instead }) })
    expect(ended()).toEqual(['released', 'released', 'released', 'done'])
    expect(await world.stored(`b/${BATCH}/crash/`)).toEqual([])
  })

  it('because something outside fails for long is not tried in a hot loop, nor are the others', async () => {
    await world.send(...jobs(100))
    let tries = 0
    const instead = () => {
      tries += 1
      return new LadingError('E_UNREACHABLE', 'no store')
    }
    const worker = world.worker({ handler: renderingHandler({ ...world, instead, seconds: () => 0.01 }) })
    const run = worker.run()
    await world.clock.run(world.clock.sleep(300_000))
    expect(tries).toBeLessThan(40)
    expect(tries).toBeGreaterThan(5)
    worker.stop('enough')
    await world.clock.run(run)
  })

  it('because something outside fails for hours is not buried by its deliveries, and is done once that is mended', async () => {
    await world.send(...jobs(3))
    const mended = world.clock.now() + 6 * 3600_000
    const instead = () => (world.clock.now() < mended ? new LadingError('E_UNREACHABLE', 'no store') : undefined)
    const store = {
      ...world.store,
      head: failingUntil(mended, world.store.head),
      put: failingUntil(mended, world.store.put),
    }
    const handler = renderingHandler({ ...world, instead, seconds: () => 0.01 })
    await world.work({ store, handler, instance: 'i-broken' })
    expect(await world.buried()).toEqual([])
    expect(await world.stored(`b/${BATCH}/d/`)).toHaveLength(3)
    expect(ended().filter((result) => result !== 'released')).toEqual(['done', 'done', 'done'])
  })

  it('because something outside fails at one worker is left to another that can do it', async () => {
    await world.send(...jobs(20))
    const fails = { ...world.store, head: failingUntil(Number.POSITIVE_INFINITY, world.store.head) }
    const broken = world.worker({ store: fails, instance: 'i-broken' })
    const ran = broken.run()
    await world.clock.run(world.clock.sleep(30_000))
    await world.work({ instance: 'i-whole' })
    expect(await world.stored(`b/${BATCH}/d/`)).toHaveLength(20)
    expect(await world.buried()).toEqual([])
    broken.stop('enough')
    await world.clock.run(ran)
  })

  it('after its deadline is not begun any more, and has no receipt, so that it can be submitted again', async () => {
    await world.send(imageJob(0, { deadline: '2026-11-22T23:59:59.000Z' }))
    await world.work()
    expect(ended()).toEqual(['failed'])
    expect(await world.store.head(failureReceiptKey(BATCH, '0000-0000'))).toBeUndefined()
    expect(await world.stored('v/')).toEqual([])
  })
})

/** Rejects until that time, as a store that cannot be reached does. */
function failingUntil<Given extends unknown[], Answer>(
  mended: number,
  call: (...given: Given) => Promise<Answer>,
): (...given: Given) => Promise<Answer> {
  return async (...given) => {
    if (world.clock.now() < mended) throw new LadingError('E_UNREACHABLE', 'no store')
    return call(...given)
  }
}

describe('a worker whose clock is ahead', () => {
  const behind = 24 * 3600_000

  /** What the batch is, in a store that tells its own time. */
  async function slowStore(): Promise<Store> {
    const store = createMemoryStore({ now: () => world.clock.now() - behind })
    const json = { 'content-type': 'application/json' }
    await store.put(batchManifestKey(BATCH), textBody('{}'), json)
    return store
  }

  it('throws no job away as late that is none by the clock of the store', async () => {
    const store = await slowStore()
    await world.send(...jobs(3, { deadline: '2026-11-22T23:59:59.000Z' }))
    await world.work({ store, handler: renderingHandler({ ...world, store }) })
    expect(ended()).toEqual(['done', 'done', 'done'])
  })

  it('begins none that is late by both', async () => {
    const store = await slowStore()
    await world.send(...jobs(3, { deadline: '2026-11-21T23:59:59.000Z' }))
    await world.work({ store, handler: renderingHandler({ ...world, store }) })
    expect(ended()).toEqual(['failed', 'failed', 'failed'])
  })
})

describe('a cancelled batch', () => {
  it('is done with as soon as the mark is seen; other batches go on', async () => {
    await world.store.put(cancelKey(BATCH), textBody('{}'), { 'content-type': 'application/json' })
    await world.send(...jobs(3), imageJob(5, { batch: 'other' }))
    await world.work()
    expect(ended().sort()).toEqual(['cancelled', 'cancelled', 'cancelled', 'done'])
    expect(await json(failureReceiptKey(BATCH, '0000-0002'))).toMatchObject({ result: 'cancelled' })
  })

  it('is looked for again after a look that failed', async () => {
    await world.store.put(cancelKey(BATCH), textBody('{}'), { 'content-type': 'application/json' })
    await world.send(imageJob(0))
    let looks = 0
    const head: typeof world.store.head = (key, options) => {
      looks += 1
      if (looks === 1) return Promise.reject(new LadingError('E_UNREACHABLE', 'no store'))
      return world.store.head(key, options)
    }
    await world.work({ store: { ...world.store, head } })
    expect(ended()).toEqual(['released', 'cancelled'])
  })

  it('may be cancelled by command, with what has waited since before', async () => {
    await world.send(...jobs(40, { predicted: 10 }))
    const worker = world.worker()
    const run = worker.run()
    await world.clock.run(world.clock.sleep(35_000))
    await world.command('i-1', { verb: 'cancel', batch: BATCH })
    await world.clock.run(run)
    expect(worker.stats().counts.done).toBeLessThan(12)
    expect(worker.stats().counts.done + worker.stats().counts.cancelled).toBe(40)
  })
})
