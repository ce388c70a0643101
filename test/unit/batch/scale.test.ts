import { describe, expect, it } from 'vitest'
import { lateLooks, type Sighting, scale } from '../../../src/batch/plan/scale.ts'
import { type Arrival, simulate } from './fleet-simulation.ts'

const LIMITS = { maxInstances: 40, slotsPerInstance: 4 }
const TARGET_SECONDS = 600
const HOUR = 3600

const SEEN: Sighting = {
  visible: 100,
  hidden: 0,
  coreSeconds: 87,
  elapsedSeconds: 0,
  lateLooks: 0,
  fleet: { desired: 0, inService: 0 },
}

/** `count` jobs of `coreSeconds` each, spread evenly over a stretch of time. */
function jobs(count: number, fromSeconds: number, overSeconds = 0, coreSeconds = 0.87): Arrival[] {
  return Array.from({ length: count }, (_, n) => ({
    atSeconds: fromSeconds + Math.floor((n * overSeconds) / count),
    coreSeconds,
  }))
}

/** Arrivals whose number each second follows a curve. */
function curve(overSeconds: number, perSecond: (second: number) => number): Arrival[] {
  const arrivals: Arrival[] = []
  let owed = 0
  for (let second = 0; second < overSeconds; second++) {
    for (owed += perSecond(second); owed >= 1; owed--) arrivals.push({ atSeconds: second, coreSeconds: 0.87 })
  }
  return arrivals
}

/** The same numbers every run. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const dice = randomOf(7)

const PATTERNS: readonly (readonly [string, Arrival[]])[] = [
  ['ten thousand photographs at once', jobs(10_000, 0)],
  ['a single image', jobs(1, 0)],
  ['fifty heavy images', jobs(50, 0, 0, 40)],
  ['two bursts, the second while the first is worked at', [...jobs(6000, 0), ...jobs(6000, 300)]],
  ['a burst, an hour of silence, and another', [...jobs(4000, 0), ...jobs(4000, HOUR)]],
  ['a steady stream', jobs(36_000, 0, 2 * HOUR)],
  ['a stream that swells', curve(HOUR, (second) => second / 200)],
  ['a stream that ebbs', curve(HOUR, (second) => (HOUR - second) / 200)],
  ['waves', curve(2 * HOUR, (second) => 6 + 6 * Math.sin(second / 300))],
  ['at random, with sudden crowds', curve(HOUR, () => (dice() < 0.002 ? 2500 : dice() * 4))],
]

describe('the scaling rule, in virtual time', () => {
  it.each(PATTERNS)('finishes %s within the target, a tenth more at most', (_, arrivals) => {
    const run = simulate(arrivals, { limits: LIMITS, endSeconds: 4 * HOUR })
    expect(run.longestWaitSeconds).toBeLessThanOrEqual(TARGET_SECONDS * 1.1)
    expect(run.mostInstances).toBeLessThanOrEqual(LIMITS.maxInstances)
  })

  it.each(PATTERNS)('costs nothing once %s is done', (_, arrivals) => {
    const run = simulate(arrivals, { limits: LIMITS, endSeconds: 4 * HOUR })
    expect(run.doneAtSeconds).toBeLessThan(3 * HOUR)
    const idleFrom = Math.ceil(run.doneAtSeconds) + 120
    const afterwards = Array.from({ length: 4 * HOUR - idleFrom }, (_, n) => run.instancesAt(idleFrom + n))
    expect(Math.max(...afterwards)).toBe(0)
  })

  it('has nobody there between a burst and the next', () => {
    const run = simulate([...jobs(4000, 0), ...jobs(4000, HOUR)], { limits: LIMITS, endSeconds: 2 * HOUR })
    expect(run.instancesAt(HOUR / 2)).toBe(0)
    expect(run.instancesAt(HOUR - 1)).toBe(0)
  })

  it('pays for little more than the work: a burst is no reason to buy idle machines', () => {
    const arrivals = jobs(10_000, 0)
    const run = simulate(arrivals, { limits: LIMITS, endSeconds: HOUR })
    const worked = 10_000 * 0.87
    expect(run.instanceSeconds * LIMITS.slotsPerInstance * 0.85).toBeLessThan(worked * 1.45)
  })

  it('keeps the fleet at its cap, and then the work takes as long as the cap makes it', () => {
    const run = simulate(jobs(10_000, 0), { limits: { ...LIMITS, maxInstances: 2 }, endSeconds: 2 * HOUR })
    expect(run.mostInstances).toBe(2)
    const atBest = 45 + (10_000 * 0.87) / (2 * 4 * 0.85)
    expect(run.doneAtSeconds).toBeGreaterThan(atBest - 1)
    expect(run.doneAtSeconds).toBeLessThan(atBest * 1.1)
  })

  it.each(PATTERNS)('never passes the budget with %s', (_, arrivals) => {
    // Half a day of one instance, in lives of an hour.
    const budget = { total: 1.2, instanceHour: 0.1, lifetimeHours: 1 }
    const run = simulate(arrivals, { limits: LIMITS, budget, endSeconds: 4 * HOUR })
    expect(run.mostInstances).toBeLessThanOrEqual(12)
    expect((run.instanceSeconds / HOUR) * budget.instanceHour).toBeLessThanOrEqual(budget.total)
    expect(run.doneAtSeconds).toBeLessThan(4 * HOUR)
  })

  it('grows again from what instances that left early have not spent', () => {
    // Pays for two whole lives; six short ones need a fraction of it.
    const budget = { total: 0.2, instanceHour: 0.1, lifetimeHours: 1 }
    const bursts = Array.from({ length: 6 }, (_, n) => jobs(300, (n * HOUR) / 2)).flat()
    const run = simulate(bursts, { limits: LIMITS, budget, endSeconds: 4 * HOUR })
    expect(run.doneAtSeconds).toBeLessThan(3 * HOUR)
  })

  it('pays nothing for the hours between bursts in which nobody is there to look', () => {
    const budget = { total: 0.2, instanceHour: 0.1, lifetimeHours: 1 }
    const bursts = Array.from({ length: 6 }, (_, n) => jobs(300, n * 3 * HOUR)).flat()
    const run = simulate(bursts, { limits: LIMITS, budget, endSeconds: 16 * HOUR })
    expect(run.doneAtSeconds).toBeLessThan(16 * HOUR)
    expect(run.longestWaitSeconds).toBeLessThanOrEqual(TARGET_SECONDS)
  })

  it('leaves when the budget is spent, though EC2 takes instances away all the time and the group replaces them', () => {
    const budget = { total: 0.8, instanceHour: 0.1, lifetimeHours: 1 }
    const endless = jobs(5000, 0, 0, 34.8)
    const run = simulate(endless, { limits: LIMITS, budget, takenEverySeconds: 60, endSeconds: 4 * HOUR })
    // What it takes eight of them to leave, within two looks.
    const leaving = 8 * 2 * 15
    expect(((run.instanceSeconds - leaving) / HOUR) * budget.instanceHour).toBeLessThanOrEqual(budget.total)
    expect(run.instancesAt(4 * HOUR)).toBe(0)
  })

  it('makes up for predictions that are a quarter too low', () => {
    const run = simulate(jobs(10_000, 0), {
      limits: LIMITS,
      predicted: (seconds) => seconds * 0.75,
      endSeconds: HOUR,
    })
    expect(run.longestWaitSeconds).toBeLessThanOrEqual(TARGET_SECONDS * 1.1)
  })
})

describe('the scaling rule', () => {
  it('wishes for nobody when nothing waits and nothing is held', () => {
    expect(scale(LIMITS, { ...SEEN, visible: 0, fleet: { desired: 3, inService: 3 } })).toMatchObject({
      desired: 0,
      reason: 'empty',
    })
  })

  it('starts one instance for one message, however small', () => {
    expect(scale(LIMITS, { ...SEEN, visible: 1, coreSeconds: 0.1 })).toMatchObject({ desired: 1, reason: 'short' })
  })

  it('starts five of four cores for ten thousand photographs', () => {
    expect(scale(LIMITS, { ...SEEN, visible: 10_000, coreSeconds: 8700 }).desired).toBe(5)
  })

  it('never takes an instance away: those that are idle retire themselves', () => {
    const fleet = { desired: 30, inService: 30 }
    expect(scale(LIMITS, { ...SEEN, fleet })).toMatchObject({ desired: 30, reason: 'enough' })
    expect(scale({ ...LIMITS, maxInstances: 2 }, { ...SEEN, coreSeconds: 1e6, fleet }).desired).toBe(30)
  })

  it('counts instances that boot as there, and asks for no others meanwhile', () => {
    const first = scale(LIMITS, { ...SEEN, coreSeconds: 8700 }).desired
    const booting = { desired: first, inService: 0 }
    expect(scale(LIMITS, { ...SEEN, coreSeconds: 8700, fleet: booting }).desired).toBe(first)
  })

  it('starts none for what is done before it has booted', () => {
    const fleet = { desired: 2, inService: 2 }
    expect(scale(LIMITS, { ...SEEN, coreSeconds: 200, elapsedSeconds: 599, lateLooks: 5, fleet })).toMatchObject({
      desired: 2,
      reason: 'soon',
    })
  })

  it('grows by half when a lane waits too long twice in a row although everybody works', () => {
    const late = { ...SEEN, coreSeconds: 3000, fleet: { desired: 4, inService: 4 } }
    expect(scale(LIMITS, { ...late, lateLooks: 1 }).desired).toBe(4)
    expect(scale(LIMITS, { ...late, lateLooks: 2 })).toMatchObject({ desired: 6, reason: 'late' })
    expect(scale(LIMITS, { ...late, lateLooks: 2, fleet: { desired: 4, inService: 3 } }).desired).toBe(4)
  })

  it('does not grow for messages that are all in hand (J15)', () => {
    const inHand = { ...SEEN, visible: 0, hidden: 8, coreSeconds: 4000, elapsedSeconds: 900, lateLooks: 9 }
    expect(scale(LIMITS, { ...inHand, fleet: { desired: 1, inService: 1 } })).toMatchObject({
      desired: 1,
      reason: 'enough',
    })
  })

  it('never passes its cap, and says what it would have needed (J14)', () => {
    expect(scale({ ...LIMITS, maxInstances: 3 }, { ...SEEN, visible: 100_000, coreSeconds: 87_000 })).toEqual({
      desired: 3,
      reason: 'capped',
      detail: '47 would be needed, the fleet may have 3',
    })
  })

  it('grows no further than the budget pays for, and to nobody without one (J14)', () => {
    const many = { ...SEEN, visible: 100_000, coreSeconds: 87_000 }
    // An instance is paid for its whole life, of four hours.
    const budget = { instanceHour: 0.1, lifetimeHours: 4, isSpent: false }
    expect(scale(LIMITS, { ...many, budget: { ...budget, left: 2.4 } })).toMatchObject({ desired: 6, reason: 'budget' })
    expect(scale(LIMITS, { ...many, budget: { ...budget, left: 2.39 } })).toMatchObject({
      desired: 5,
      reason: 'budget',
    })
    expect(scale(LIMITS, { ...many, budget: { ...budget, left: 0 } })).toMatchObject({ desired: 0, reason: 'budget' })
    const spent = { ...budget, left: 2.4, isSpent: true }
    expect(scale(LIMITS, { ...many, budget: spent })).toMatchObject({ desired: 0, reason: 'spent' })
    expect(scale(LIMITS, { ...many, visible: 0, budget: spent })).toMatchObject({ desired: 0, reason: 'spent' })
  })

  it('counts looks at which some lane was late, and begins anew when none is', () => {
    const hi = { ageSeconds: 70, slaSeconds: 60 }
    const std = { ageSeconds: 70, slaSeconds: 600 }
    expect(lateLooks(3, [std, hi])).toBe(4)
    expect(lateLooks(3, [std])).toBe(0)
    expect(lateLooks(3, [])).toBe(0)
  })
})
