import { beforeEach, describe, expect, it } from 'vitest'
import { doneReceiptKey } from '../../src/batch/plan/keys.ts'
import { encodeMessage, type ImageJob } from '../../src/batch/plan/messages.ts'
import { createSigner, newKeyPair } from '../../src/batch/plan/signing.ts'
import type { Store } from '../../src/store/store.ts'
import { LadingError } from '../../src/words/errors.ts'
import { BATCH, command, imageJob } from '../rig/batch-messages.ts'
import { type BatchWorld, createBatchWorld, renderingHandler } from '../rig/batch-world.ts'

/** Table J of the catalogue of bad input: jobs, commands and their workers. The rest of its rows: see `later.ts`. */
let world: BatchWorld

beforeEach(() => {
  world = createBatchWorld()
})

/** A store that tells what it was asked for. */
function watched(store: Store): { readonly store: Store; readonly asked: string[] } {
  const asked: string[] = []
  const get: Store['get'] = (key, options) => {
    asked.push(key)
    return store.get(key, options)
  }
  const head: Store['head'] = (key, options) => {
    asked.push(key)
    return store.head(key, options)
  }
  return { store: { ...store, get, head }, asked }
}

/** Sends a text as it is, lets a worker find it, and returns the reason with which it was buried. */
async function buriedFor(body: string): Promise<string> {
  await world.lanes.std.send([{ body }])
  const { store, asked } = watched(world.store)
  await world.work({ store })
  expect(asked).toEqual([])
  expect(world.lanes.std.size()).toBe(0)
  const [letter, ...more] = await world.buried()
  expect(more).toEqual([])
  if (!letter) throw new Error('it was not buried')
  expect(body.startsWith(letter.body)).toBe(true)
  return letter.reason ?? ''
}

const signed = (message: object): string => world.keys.signer.sign(message)
const withSource = (key: string): object => ({ ...imageJob(1), src: { ...imageJob(1).src, key } })

describe('a job that is not ours lies among the dead letters at its first delivery, with the reason', () => {
  it.each([
    ['text', 'not JSON', 'it is not JSON'],
    ['null', 'null', 'it is not an object'],
    ['an array', '[1]', 'it is not an object'],
    ['a megabyte of nesting', '['.repeat(1_048_576), 'it has more than 8192 bytes'],
    ['eight kilobytes of nesting', '['.repeat(8000), 'it is not JSON'],
    ['nesting that is signed by nobody', `{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`, 'it is not signed'],
    ['an unknown version that nobody signed', '{"v":99}', 'it is not signed'],
  ])('J01: %s', async (_what, body, reason) => {
    expect(await buriedFor(body)).toBe(reason)
  })

  it.each([
    's3://other-account/o/ab/x.jpg',
    'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
    'file:///etc/passwd',
    '../../etc/passwd',
    'control/leader.json',
  ])('J02: a source elsewhere: %s', async (key) => {
    expect(await buriedFor(signed(withSource(key)))).toContain('E_JOB_FORBIDDEN')
  })

  it.each(['index.html', '../index.html', imageJob(1).src.key])('J03: a destination of its own: %s', async (dst) => {
    expect(await buriedFor(signed({ ...imageJob(1), dst }))).toContain('dst')
  })

  it.each([
    ['no signature', () => JSON.stringify(imageJob(1))],
    ['the signature of somebody else', () => encodeMessage(imageJob(1), createSigner(newKeyPair().privateKey))],
    ['a signature for something else', () => signed(imageJob(1)).replace('"std"', '"hi"')],
    ['a signature for another queue', () => signed(imageJob(1, { lane: 'bulk' }))],
  ])('J04: %s', async (_what, body) => {
    expect(await buriedFor(body())).toMatch(/signed|signature|belongs to the lane bulk/)
  })

  it.each([
    ['an operation of its own', { ops: [{ name: 'exec' }] }],
    ['a width of a billion', { src: { ...imageJob(1).src, width: 1e10 } }],
    ['a width below nothing', { src: { ...imageJob(1).src, width: -1 } }],
    ['a width that is no number', { src: { ...imageJob(1).src, width: null } }],
    ['five hundred variants', { variants: Array.from({ length: 500 }, (_, width) => width) }],
    ['a recipe that is no recipe', { recipe: '../../x' }],
  ])('J05: %s', async (_what, change) => {
    expect(await buriedFor(signed({ ...imageJob(1), ...change }))).toMatch(/./)
  })
})

describe('a job that was sent before', () => {
  it('J04: and whose time is over is not done again', async () => {
    await world.send(imageJob(1, { deadline: '2026-11-22T00:00:00.000Z' }))
    await world.work()
    expect(await world.stored('v/')).toEqual([])
    // nor noted as failed: its batch may have a later deadline by now
    expect(await world.stored(`b/${BATCH}/f/`)).toEqual([])
    expect(world.lanes.std.size()).toBe(0)
  })

  it('J06: twice has one effect, and both messages go away', async () => {
    await world.send(imageJob(1), imageJob(1))
    await world.work()
    const once = await world.stored()
    await world.send(imageJob(1))
    await world.work()
    expect(await world.stored()).toEqual(once)
    expect(once).toContain(doneReceiptKey(BATCH, '0000-0001'))
    expect(world.lanes.std.size() + world.deadLetters.size()).toBe(0)
  })
})

describe('a worker that dies or is slow', () => {
  it('J07: between its put and its ack: the job runs again, and everything is there', async () => {
    await world.send(imageJob(1))
    const never = (): Promise<never> => new Promise(() => undefined)
    const dying = { ...world.lanes.std, ack: never, extend: never }
    void world.worker({ lanes: { ...world.lanes, std: dying } }).run()
    await world.clock.run(world.clock.sleep(30_000))
    const before = await world.stored('v/')
    expect(before).toHaveLength(2)
    const stats = await world.work({ instance: 'i-2' })
    expect(stats.counts.done).toBe(1)
    expect(await world.stored('v/')).toEqual(before)
    expect(world.lanes.std.size()).toBe(0)
  })

  it('J08: for longer than a lease keeps its message by its signs of life', async () => {
    await world.send(imageJob(1, { predicted: 500 }))
    await world.work()
    expect(world.events.filter(({ type }) => type === 'taken')).toHaveLength(1)
  })

  it('J08: without signs of life loses it to another, and nothing is damaged', async () => {
    await world.send(imageJob(1, { predicted: 100 }))
    const silent = { ...world.lanes.std, extend: async () => [] }
    const slow = world.worker({ lanes: { ...world.lanes, std: silent } }).run()
    const other = world.worker({ instance: 'i-2' }).run()
    await world.clock.run(Promise.all([slow, other]))
    expect(world.events.filter(({ type }) => type === 'taken').length).toBeGreaterThanOrEqual(2)
    expect(await world.stored('v/')).toHaveLength(2)
    expect(await world.stored(`b/${BATCH}/d/`)).toHaveLength(1)
    expect(world.lanes.std.size()).toBe(0)
  })

  it('J09: a message that fails at every delivery goes to the dead letters by itself', async () => {
    await world.send(imageJob(1), imageJob(2))
    const instead = ({ item }: ImageJob) =>
      item === '0000-0001' ? new LadingError('E_STORE', 'not today', { retryable: true }) : undefined
    await world.work({ handler: renderingHandler({ ...world, instead }) })
    expect((await world.buried()).map(({ body }) => JSON.parse(body).item)).toEqual(['0000-0001'])
    expect(await world.stored(`b/${BATCH}/d/`)).toEqual([doneReceiptKey(BATCH, '0000-0002')])
  })
})

describe('a queue that is gone, or may not be used any more', () => {
  it.each([
    ['J10', 'E_NO_QUEUE'],
    ['J10', 'E_ACCESS_DENIED'],
  ] as const)('%s: with %s is asked once in a minute, not in a hot loop', async (_row, code) => {
    let asked = 0
    const std = {
      ...world.lanes.std,
      receive: () => {
        asked += 1
        return Promise.reject(new LadingError(code, 'no'))
      },
    }
    const worker = world.worker({ lanes: { ...world.lanes, std }, idle: 'never' })
    const run = worker.run()
    await world.send(imageJob(1, { lane: 'hi' }))
    await world.clock.run(world.clock.sleep(3_600_000))
    expect(asked).toBeLessThanOrEqual(130)
    expect(asked).toBeGreaterThanOrEqual(60)
    expect(worker.stats().counts.done).toBe(1)
    worker.stop('enough')
    await world.clock.run(run)
  })
})

describe('a command that is not to be obeyed is put aside and told', () => {
  const obeyed = async (body: string): Promise<string> => {
    const worker = world.worker({ idle: 'never' })
    const run = worker.run()
    await world.control.send([{ body }])
    await world.clock.run(world.clock.sleep(60_000))
    const { state } = worker.stats()
    const told = world.events.flatMap((event) => (event.type === 'refused' ? [event.reason] : []))
    if (state === 'working') expect(told).toHaveLength(1)
    worker.stop('enough')
    await world.clock.run(run)
    expect(world.control.size()).toBe(0)
    return state
  }
  const order = (changes: object = {}): object => ({
    ...command('i-1', world.clock.now(), { verb: 'drain' }),
    ...changes,
  })

  it('but one that is, is', async () => {
    expect(await obeyed(signed(order()))).toBe('draining')
  })

  it.each([
    ['J11: unsigned', () => JSON.stringify(order())],
    ['J11: for another instance', () => signed(order({ instance: 'i-2' }))],
    ['J11: expired', () => signed(order({ issued: '2026-11-22T00:00:00.000Z', expires: '2026-11-22T00:10:00.000Z' }))],
    ['J12: a verb that there is not', () => signed(order({ verb: 'reboot' }))],
    ['J12: a line for a shell', () => signed(order({ verb: 'drain; curl http://x | sh' }))],
    ['J12: a verb of every object', () => signed(order({ verb: 'constructor' }))],
  ])('%s', async (_what, body) => {
    expect(await obeyed(body())).toBe('working')
  })

  it('J11: obeyed before', async () => {
    const body = signed(order({ verb: 'concurrency', slots: 5 }))
    const worker = world.worker({ idle: 'never' })
    const run = worker.run()
    for (const slots of [5, 7, 5]) {
      await world.control.send([
        { body: slots === 7 ? signed(order({ id: 'another-id', verb: 'concurrency', slots })) : body },
      ])
      await world.clock.run(world.clock.sleep(30_000))
    }
    expect(worker.stats().slots).toBe(7)
    worker.stop('enough')
    await world.clock.run(run)
  })
})

describe('a worker that is taken away', () => {
  it('J16: takes no more, and within half a minute everybody else can have what it had', async () => {
    for (let place = 0; place < 12; place++) await world.send(imageJob(place, { predicted: 600 }))
    const worker = world.worker({ idle: 'never' })
    const run = worker.run()
    await world.clock.run(world.clock.sleep(10_000))
    const before = world.clock.now()
    worker.drain('interruption')
    void world.clock.sleep(20_000).then(() => worker.stop('interruption'))
    await world.clock.run(run)
    expect(world.clock.now() - before).toBeLessThanOrEqual(30_000)
    expect(await world.lanes.std.gauge()).toMatchObject({ visible: 12, inFlight: 0 })
  })
})

describe('a message above the size that a queue takes', () => {
  it('J20: is never sent: the largest job that there can be has less than a kilobyte', () => {
    const largest = imageJob(999_999, {
      ...{ batch: 'B'.repeat(64), recipe: `r9999-${'f'.repeat(12)}`, predicted: 86_399.123456789 },
      src: {
        ...imageJob(1).src,
        bytes: 5 * 1024 ** 3,
        type: `image/${'x'.repeat(60)}`,
        width: 2 ** 31,
        height: 2 ** 31,
      },
    })
    expect(Buffer.byteLength(encodeMessage(largest, world.keys.signer))).toBeLessThan(1024)
  })
})
