import { describe, expect, it } from 'vitest'
import { isAdmitted, pixelBudget, pixelsOf } from '../../../src/batch/plan/admission.ts'
import { IDLE_RULE, lookIdle } from '../../../src/batch/plan/idle.ts'
import type { Message, Queue } from '../../../src/batch/queue.ts'
import { createMemoryQueue } from '../../../src/batch/queues/memory.ts'
import { createHoldings } from '../../../src/batch/worker/holdings.ts'
import { createPatience, isOutside } from '../../../src/batch/worker/trouble.ts'
import { LadingError } from '../../../src/words/errors.ts'
import { createPatientClock } from '../../rig/patient-clock.ts'

describe('admission', () => {
  it('is by pixels, of which more memory takes more', () => {
    expect(pixelBudget(8 * 1024 ** 3)).toBe(85_899_345)
    expect(isAdmitted(50, [30], 80)).toBe(true)
    expect(isAdmitted(51, [30], 80)).toBe(false)
    expect(isAdmitted(1000, [], 80)).toBe(true)
  })

  it('takes an image of unknown size for a photograph', () => {
    expect(pixelsOf({ width: 10, height: 20 })).toBe(200)
    expect(pixelsOf({ width: 10 })).toBe(12_000_000)
  })
})

describe('holdings', () => {
  const clock = createPatientClock()
  async function hold(count: number, change: (queue: Queue) => Partial<Queue> = () => ({})) {
    const real = createMemoryQueue({ clock })
    await real.send(Array.from({ length: count }, (_, index) => ({ body: `${index}` })))
    const [lost, troubles]: [Message[], string[]] = [[], []]
    const holdings = createHoldings(
      { ...real, ...change(real) },
      { leaseSeconds: 60, onLost: (message) => lost.push(message), onTrouble: (what) => troubles.push(what) },
    )
    const messages = await real.receive({ max: 10, leaseSeconds: 60 })
    holdings.add(messages)
    return { real, holdings, messages, lost, troubles }
  }

  it('ack when there are ten', async () => {
    let requests = 0
    const { real, holdings, messages } = await hold(10, (queue) => ({
      ack: (given) => {
        requests += 1
        return queue.ack(given)
      },
    }))
    for (const message of messages.slice(0, 9)) holdings.done(message)
    expect(requests).toBe(0)
    for (const message of messages.slice(9)) holdings.done(message)
    await Promise.resolve()
    expect([requests, real.size()]).toEqual([1, 0])
    await holdings.flush()
    expect([requests, holdings.size()]).toEqual([1, 0])
  })

  it('ack again what was not acked, and let it go in the end', async () => {
    let requests = 0
    const { holdings, messages, troubles } = await hold(2, () => ({
      ack: async (given) => {
        requests += 1
        if (requests === 1) throw new LadingError('E_UNREACHABLE', 'gone', { retryable: true })
        return given.map((message) => ({ message, reason: 'InternalError', isLost: false }))
      },
    }))
    for (const message of messages) holdings.done(message)
    for (let flush = 0; flush < 7; flush++) await holdings.flush()
    expect([requests, holdings.size(), troubles]).toEqual([5, 0, ['ack']])
  })

  it('hold no more what they have released', async () => {
    const { holdings, messages, lost } = await hold(3)
    clock.pass(20)
    await holdings.beat()
    expect(lost).toEqual([])
    const [first] = messages
    if (first) await holdings.release([first])
    expect(holdings.size()).toBe(2)
  })

  it('say that somebody else has it', async () => {
    const { real, holdings, messages, lost } = await hold(1)
    clock.pass(61)
    await real.receive({ max: 1, leaseSeconds: 60 })
    await holdings.beat()
    expect(lost).toEqual(messages)
    expect(messages.map((message) => holdings.has(message))).toEqual([false])
  })

  it('never reject', async () => {
    const fails = () => Promise.reject(new LadingError('E_QUEUE', 'no'))
    const { holdings, messages, troubles } = await hold(2, () => ({ extend: fails, release: fails, ack: fails }))
    await holdings.beat()
    await holdings.release(messages.slice(0, 1))
    if (messages[1]) holdings.done(messages[1])
    await holdings.flush()
    expect(troubles).toEqual(['extend', 'release', 'ack'])
  })
})

describe('a worker is idle', () => {
  const gauge = (visible: number, inFlight = 0, delayed = 0) => ({
    visible,
    inFlight,
    delayed,
    headAgeSeconds: undefined,
  })
  const look = (nowMs: number, changes: object = {}) => ({
    ...{ nowMs, emptyPolls: [3, 3], held: 0, gauges: async () => [gauge(0), gauge(0)] },
    ...changes,
  })

  it('when its queues were empty at both ends of half a minute', async () => {
    const first = await lookIdle(undefined, look(1000), IDLE_RULE)
    expect(first).toEqual({ isIdle: false, since: 1000 })
    expect(await lookIdle(first.since, look(30_999), IDLE_RULE)).toEqual({ isIdle: false, since: 1000 })
    expect(await lookIdle(first.since, look(31_000), IDLE_RULE)).toEqual({ isIdle: true, since: 1000 })
  })

  it.each([
    ['it holds a message', { held: 1 }],
    ['a receive has brought something lately', { emptyPolls: [3, 2] }],
    ['something is visible', { gauges: async () => [gauge(1), gauge(0)] }],
    ['somebody has something leased', { gauges: async () => [gauge(0, 1), gauge(0)] }],
    ['something is delayed', { gauges: async () => [gauge(0), gauge(0, 0, 1)] }],
  ])('not while %s, and then starts anew', async (_why, changes) => {
    expect(await lookIdle(1000, look(99_000, changes), IDLE_RULE)).toEqual({ isIdle: false, since: undefined })
  })

  it('without asking for gauges as long as there is work', async () => {
    const gauges = () => Promise.reject(new Error('asked'))
    expect(await lookIdle(undefined, look(0, { held: 1, gauges }), IDLE_RULE)).toMatchObject({ isIdle: false })
  })
})

describe('a failure', () => {
  it.each([
    [new LadingError('E_UNREACHABLE', ''), true],
    [new LadingError('E_CREDENTIALS', ''), true],
    [new LadingError('E_INTEGRITY', '', { retryable: true }), true],
    [new LadingError('E_IMAGE_CORRUPT', ''), false],
    [new LadingError('E_BUG', ''), false],
    [new TypeError('x is not a function'), false],
  ])('%s: nobody’s image is to blame for it: %s', (error, isNobodys) => {
    expect(isOutside(error)).toBe(isNobodys)
  })
})

describe('patience', () => {
  it('waits longer each time, up to a minute, until something works', async () => {
    const clock = createPatientClock()
    const waits: number[] = []
    const patience = createPatience(clock, (event) => event.type === 'trouble' && waits.push(event.waitMs))
    const { signal } = new AbortController()
    for (let failure = 0; failure < 9; failure++) await patience.wait('x', new Error('no'), signal)
    patience.reset()
    await patience.wait('x', new Error('no'), signal)
    expect(waits).toEqual([750, 1500, 3000, 6000, 12_000, 24_000, 45_000, 45_000, 45_000, 750])
  })
})
