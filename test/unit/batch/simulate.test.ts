import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LANES } from '../../../src/batch/plan/lanes.ts'
import { createAgenda } from '../../../src/batch/plan/simulate/agenda.ts'
import { createHeap } from '../../../src/batch/plan/simulate/heap.ts'
import type {
  SimulatedBatch,
  SimulatedFleet,
  SimulatedWorkers,
  Simulation,
} from '../../../src/batch/plan/simulate/options.ts'
import { seeded } from '../../../src/batch/plan/simulate/seeded.ts'
import { simulate } from '../../../src/batch/plan/simulate/simulate.ts'
import { submitsOf } from '../../../src/batch/plan/simulate/submits.ts'

/** What a slot takes for an image of 0.85 core-seconds: one second. */
const SECOND = 0.85
const HOUR = 3600
const FLEET: SimulatedFleet = {
  kind: 'fleet',
  maxInstances: 10,
  slots: 4,
  pixels: 1e9,
  coreSpeed: 1,
  bootSeconds: 45,
  lifetimeMinutes: 240,
  interruptionsPerHour: 0,
  instanceHour: 0.1,
}
const LOCAL: SimulatedWorkers = { kind: 'local', workers: 1, slots: 1, pixels: 1e9, coreSpeed: 1 }

const image = (predicted = SECOND) => ({ predicted, src: { width: 1000, height: 1000 } })
const images = (count: number, predicted = SECOND) => Array.from({ length: count }, () => image(predicted))
const batch = (changes: Partial<SimulatedBatch> = {}): SimulatedBatch => ({
  ...{ name: 'a', lane: 'std', images: images(10), startSeconds: 0, deadlineSeconds: 12 * HOUR },
  ...changes,
})
const run = (batches: readonly SimulatedBatch[], on: SimulatedFleet | SimulatedWorkers = FLEET, seed = 1): Simulation =>
  simulate({ batches, on, random: seeded(seed) })

describe('a simulated batch, computed by hand', () => {
  it('is worked off one image after another by one worker with one slot', () => {
    const { done, doneSeconds, lanes } = run([batch({ images: images(4) })], LOCAL)
    expect([done, doneSeconds]).toEqual([4, 4])
    // They begin at 0, 1, 2 and 3.
    expect(lanes).toEqual([{ lane: 'std', images: 4, wait: { p50: 1, p95: 3, most: 3 }, doneSeconds: 4 }])
  })

  it('takes half the time on cores that are twice as fast', () => {
    expect(run([batch({ images: images(4) })], { ...LOCAL, coreSpeed: 2 }).doneSeconds).toBeCloseTo(2)
  })

  it('lets no more images begin than there is memory for', () => {
    // Each takes a megapixel: with room for one and a half, a second slot does not help.
    expect(run([batch({ images: images(4) })], { ...LOCAL, slots: 2 }).doneSeconds).toBe(2)
    expect(run([batch({ images: images(4) })], { ...LOCAL, slots: 2, pixels: 1.5e6 }).doneSeconds).toBe(4)
  })

  it('waits for an instance to start, which then stays until its queues were empty for a while', () => {
    const { doneSeconds, endSeconds, instances } = run([batch({ images: images(8) })])
    // One instance of four slots, ready after 45 s; two images on each.
    expect(doneSeconds).toBe(47)
    expect(instances).toMatchObject({ most: 1, started: 1, taken: 0 })
    // Its barrier came at 5 s, was looked at at 45 s, and after as long again: closed at 90 s. Then come three empty
    // polls of 20 s, until 150 s, and gauges that are at 0 for 30 s.
    expect(endSeconds).toBe(180)
    expect(instances.hours).toBeCloseTo(180 / HOUR)
  })

  it('has as many instances as the rule wants for ten minutes', () => {
    // 8,700 core-seconds in the 555 s after the start, by 3.4 core-seconds a second of each: 4.6 instances.
    const { instances, doneSeconds } = run([batch({ images: images(10_000, 0.87) })])
    expect(instances.most).toBe(5)
    // Each of 20 slots has 500 images of 0.87 / 0.85 s.
    expect(doneSeconds).toBeCloseTo(45 + (500 * 0.87) / 0.85, 3)
  })

  it('serves a lane that comes later by its weight, and not behind what was there before', () => {
    const bulk = batch({ lane: 'bulk', images: images(300) })
    const hi = batch({ name: 'b', lane: 'hi', images: images(80), startSeconds: 10 })
    const { lanes } = run([bulk, hi], LOCAL)
    expect(lanes.map(({ lane }) => lane)).toEqual(['hi', 'bulk'])
    // Eight of nine core-seconds are theirs: 80 take about 90 s.
    expect(lanes[0]?.doneSeconds).toBeGreaterThan(95)
    expect(lanes[0]?.doneSeconds).toBeLessThan(105)
    expect(lanes[1]?.doneSeconds).toBe(380)
  })

  it('does not begin what comes to its turn after the deadline', () => {
    const { done, expired, left } = run([batch({ images: images(10), deadlineSeconds: 4 })], LOCAL)
    expect([done, expired, left]).toEqual([4, 6, 0])
  })

  it('hands an image back whose instance is taken away, and the group starts another', () => {
    // The first number of the seed decides: the notice comes in the middle of an image of ten minutes.
    const on = { ...FLEET, interruptionsPerHour: 5, maxInstances: 1 }
    const random = [0.5, 0, 0, 0]
    const { done, instances, doneSeconds } = simulate({
      batches: [batch({ images: images(1, 600 * SECOND) })],
      on,
      // Half of all live for ln(2) / 5 hours: 499 s. The others are not taken away before the end.
      random: () => random.shift() ?? 0.9999,
    })
    expect(instances.taken).toBeGreaterThan(0)
    expect(done).toBe(1)
    expect(doneSeconds).toBeGreaterThan(499 + 20 + 45 + 600 - 1)
  })

  it('is refused as by submit when its fleet could cost more than its budget', () => {
    // Ten instances for four hours at ten cents each.
    expect(() => run([batch({ budget: 3.9 })])).toThrow(
      expect.objectContaining({ code: 'E_BUDGET', hint: 'Let it have 9 at most, or raise the budget.' }),
    )
    expect(run([batch({ budget: 4 })]).done).toBe(10)
  })

  it('says what the budget kept it from, once lives that were paid for are over', () => {
    // A steady stream for a day: a life of an hour at a time, and money for six.
    const on = { ...FLEET, maxInstances: 2, lifetimeMinutes: 60 }
    const { held, left, expired, done } = run(
      [batch({ images: images(24_000), perHour: 1000, budget: 0.6, deadlineSeconds: 2 * HOUR })],
      on,
    )
    expect(held?.fromSeconds).toBeGreaterThan(4 * HOUR)
    expect(held?.paid).toBe(0)
    expect(done).toBeGreaterThan(4000)
    expect(left + expired).toBe(24_000 - done)
  })

  it('has paid for none where there is no money, whatever an hour costs', () => {
    expect(run([batch({ budget: 0 })], { ...FLEET, instanceHour: 0 }).held?.paid).toBe(0)
  })
})

describe('workers of this machine', () => {
  it('come with each submit, as many as are asked for, although those before have left', () => {
    const later = batch({ name: 'b', images: images(4), startSeconds: HOUR })
    const { done, left, instances, doneSeconds } = run([batch({ images: images(4) }), later], { ...LOCAL, workers: 2 })
    // The first of the two fetches ten at once, and so all four.
    expect([done, left, doneSeconds]).toEqual([8, 0, HOUR + 4])
    expect(instances).toMatchObject({ most: 2, started: 4 })
  })

  it('are not there before the first submit', () => {
    const { done, instances } = run([batch({ startSeconds: HOUR })], { ...LOCAL, workers: 2 })
    expect(done).toBe(10)
    expect(instances.started).toBe(2)
  })
})

describe('images that come one after another', () => {
  const times = (perHour: number, count: number) =>
    submitsOf(batch({ perHour, images: images(count) }), 1000).map(({ atSeconds, jobs }) => [atSeconds, jobs.length])

  it('are submitted once a minute, in parts that add up', () => {
    expect(times(90, 6)).toEqual([
      [0, 1],
      [60, 2],
      [120, 1],
      [180, 2],
    ])
  })

  it('or one by one, when fewer come', () => {
    expect(times(2, 3)).toEqual([
      [0, 1],
      [1800, 1],
      [3600, 1],
    ])
  })
})

const lane = fc.constantFrom(...LANES)
const anyBatch = fc.record({
  name: fc.constantFrom('a', 'b'),
  lane,
  images: fc.array(
    fc.record({
      predicted: fc.double({ min: 0.01, max: 60, noNaN: true }),
      src: fc.record({ width: fc.integer({ min: 1, max: 9000 }), height: fc.integer({ min: 1, max: 9000 }) }),
    }),
    { minLength: 1, maxLength: 60 },
  ),
  startSeconds: fc.integer({ min: 0, max: HOUR }),
  perHour: fc.option(fc.integer({ min: 20, max: 5000 }), { nil: undefined }),
  deadlineSeconds: fc.integer({ min: 30, max: 12 * HOUR }),
})
const anyFleet = fc.record({
  kind: fc.constant('fleet' as const),
  maxInstances: fc.integer({ min: 1, max: 12 }),
  slots: fc.integer({ min: 1, max: 8 }),
  pixels: fc.constantFrom(1e6, 1e8),
  coreSpeed: fc.constantFrom(0.5, 1, 2),
  bootSeconds: fc.integer({ min: 0, max: 300 }),
  lifetimeMinutes: fc.integer({ min: 10, max: 240 }),
  interruptionsPerHour: fc.constantFrom(0, 0.5, 5),
  instanceHour: fc.constant(0.1),
})
const anyRun = fc.record({
  batches: fc.array(anyBatch, { minLength: 1, maxLength: 4 }),
  on: anyFleet,
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
})
const RUNS = { numRuns: 40, seed: 20_261_127 }

describe('whatever is simulated', () => {
  it('every image is done once, or was too late, or is left', () => {
    fc.assert(
      fc.property(anyRun, ({ batches, on, seed }) => {
        const sent = batches.reduce((sum, { images: all }) => sum + all.length, 0)
        const result = run(batches, on, seed)
        expect(result.images).toBe(sent)
        expect(result.done + result.expired + result.left).toBe(sent)
        expect(result.lanes.reduce((sum, { images: count }) => sum + count, 0)).toBe(result.done)
      }),
      RUNS,
    )
  })

  it('a group never has more instances than its MaxSize', () => {
    fc.assert(
      fc.property(anyRun, ({ batches, on, seed }) => {
        const { instances, timeline } = run(batches, on, seed)
        expect(instances.most).toBeLessThanOrEqual(on.maxInstances)
        for (const stretch of timeline) expect(stretch.instances).toBeLessThanOrEqual(instances.most)
      }),
      RUNS,
    )
  })

  it('nobody waits for less than nothing, and the last instance is gone after the last image', () => {
    fc.assert(
      fc.property(anyRun, ({ batches, on, seed }) => {
        const { lanes, doneSeconds, endSeconds, timeline } = run(batches, on, seed)
        for (const { wait, doneSeconds: lastSeconds } of lanes) {
          expect(wait.p50).toBeGreaterThanOrEqual(0)
          expect(wait.p95).toBeGreaterThanOrEqual(wait.p50)
          expect(wait.most).toBeGreaterThanOrEqual(wait.p95)
          expect(lastSeconds).toBeLessThanOrEqual(doneSeconds)
        }
        expect(endSeconds).toBeGreaterThanOrEqual(doneSeconds)
        expect(timeline.length).toBeLessThanOrEqual(60)
      }),
      RUNS,
    )
  })

  it('the same seed gives the same answer', () => {
    fc.assert(
      fc.property(anyRun, ({ batches, on, seed }) => {
        expect(run(batches, on, seed)).toEqual(run(batches, on, seed))
      }),
      { ...RUNS, numRuns: 10 },
    )
  })

  it('the budget is kept while nothing is started behind its back', () => {
    const budgets = fc.integer({ min: 1, max: 4 })
    fc.assert(
      fc.property(anyRun, budgets, ({ batches, on, seed }, lives) => {
        // One batch, for the lives of so many fleets: a batch that has closed leaves the others what it has not spent.
        const budget = lives * on.maxInstances * (on.lifetimeMinutes / 60) * on.instanceHour
        const capped = batches.map((each) => ({ ...each, name: 'a', budget }))
        const { instances } = run(capped, { ...on, interruptionsPerHour: 0 }, seed)
        fc.pre(instances.alarmed === 0)
        expect(instances.hours * on.instanceHour).toBeLessThanOrEqual(budget + 1e-9)
      }),
      RUNS,
    )
  })

  it('time goes forward, and what is due at the same moment happens in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 50 }), { maxLength: 200 }), (delays) => {
        const agenda = createAgenda()
        const seen: (readonly [number, number])[] = []
        for (const [place, delay] of delays.entries()) agenda.after(delay, () => void seen.push([agenda.now(), place]))
        agenda.run({ seconds: 1000, isOver: () => false })
        const wanted = delays.map((delay, place) => [Math.max(0, delay), place] as const)
        expect(seen).toEqual(wanted.toSorted(([a, first], [b, second]) => a - b || first - second))
      }),
    )
  })

  it('a heap gives back what it was given, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const heap = createHeap<number>((a, b) => a < b)
        for (const each of numbers) heap.push(each)
        const out = numbers.map(() => heap.pop())
        expect(out).toEqual(numbers.toSorted((a, b) => a - b))
        expect([heap.size(), heap.pop()]).toEqual([0, undefined])
      }),
    )
  })
})

describe('a large batch', () => {
  it('of 100,000 images is simulated while one waits', () => {
    const before = process.cpuUsage()
    expect(run([batch({ images: images(100_000) })], { ...FLEET, interruptionsPerHour: 0.2 }).done).toBe(100_000)
    // Two to three seconds, of a processor's time: the machine may have other work.
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1e6).toBeLessThan(20)
  })
})
