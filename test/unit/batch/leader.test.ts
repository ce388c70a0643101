import { describe, expect, it } from 'vitest'
import type { FleetCount } from '../../../src/batch/fleet.ts'
import { createLeader, createLeadership } from '../../../src/batch/leader/leader.ts'
import type { Budget } from '../../../src/batch/plan/scale-account.ts'
import type { Gauge } from '../../../src/batch/queue.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { createHandClock } from '../transfer/setting.ts'

const LEASE_MS = 45_000

function candidates() {
  const store = createMemoryStore()
  const clocks = { a: createHandClock(), b: createHandClock() }
  return {
    clocks,
    a: createLeadership({ store, owner: 'a', clock: clocks.a }),
    b: createLeadership({ store, owner: 'b', clock: clocks.b }),
  }
}

describe('the leader', () => {
  it('is the first to come, and stays it while it lives', async () => {
    const { a, b, clocks } = candidates()
    expect(await a.lead()).toBe(true)
    for (let look = 0; look < 10; look++) {
      expect(await b.lead()).toBe(false)
      clocks.b.advance(15_000)
      expect(await a.lead()).toBe(true)
    }
  })

  it('is one, when many begin at once', async () => {
    const store = createMemoryStore()
    const all = Array.from({ length: 20 }, (_, n) =>
      createLeadership({ store, owner: `w${n}`, clock: createHandClock() }),
    )
    expect((await Promise.all(all.map((one) => one.lead()))).filter(Boolean)).toHaveLength(1)
  })

  it('is followed by another when it was silent for a lease of the other’s own time, and finds that out', async () => {
    const { a, b, clocks } = candidates()
    await a.lead()
    expect(await b.lead()).toBe(false)
    clocks.b.advance(LEASE_MS - 1)
    expect(await b.lead()).toBe(false)
    clocks.b.advance(1)
    expect(await b.lead()).toBe(true)
    expect(await a.lead()).toBe(false)
  })

  it('is not followed by somebody who has only just begun to look, however late its clock is', async () => {
    const { a, b, clocks } = candidates()
    await a.lead()
    clocks.b.advance(86_400_000)
    expect(await b.lead()).toBe(false)
  })

  it('is followed at once when it resigns, and only a leader can', async () => {
    const { a, b } = candidates()
    await a.lead()
    await b.resign()
    expect(await b.lead()).toBe(false)
    await a.resign()
    expect(await b.lead()).toBe(true)
  })
})

describe('the leader’s word that the budget is spent', () => {
  it('is heard by all at their next look, and until it is taken back', async () => {
    const { a, b } = candidates()
    await a.lead()
    await b.lead()
    expect(b.hears()).toBe(false)
    await a.say(true)
    await b.lead()
    expect(b.hears()).toBe(true)
    await a.lead()
    await b.lead()
    expect(b.hears()).toBe(true)
    await a.say(false)
    await b.lead()
    expect(b.hears()).toBe(false)
  })

  it('is not heard of one that may have died days ago, nor by who follows it', async () => {
    const { a, b, clocks } = candidates()
    await a.lead()
    await a.say(true)
    for (let look = 0; look < 3; look++) {
      expect(await b.lead()).toBe(false)
      expect(b.hears()).toBe(false)
      clocks.b.advance(15_000)
    }
    expect(await b.lead()).toBe(true)
    await a.lead()
    expect(a.hears()).toBe(false)
  })

  it('is said by nobody who does not lead', async () => {
    const { a, b } = candidates()
    await a.lead()
    await b.lead()
    await b.say(true)
    expect(await a.lead()).toBe(true)
  })
})

const EMPTY: Gauge = { visible: 0, inFlight: 0, delayed: 0, headAgeSeconds: undefined }

function led(gauges: { std: Gauge; bulk: Gauge }, count: Omit<FleetCount, 'instances'>, budget?: Budget) {
  const store = createMemoryStore()
  const grown: number[] = []
  const fleet = {
    label: 'fleet',
    count: async () => ({ ...count, instances: [] }),
    grow: async (desired: number) => {
      grown.push(desired)
      return { ...count, desired, instances: [] }
    },
    retire: async () => undefined,
  }
  const make = (owner: string) =>
    createLeader({
      leadership: createLeadership({ store, owner, clock: createHandClock() }),
      fleet,
      lanes: [
        { gauge: async () => gauges.std, slaSeconds: 600 },
        { gauge: async () => gauges.bulk, slaSeconds: 3600 },
      ],
      limits: { slotsPerInstance: 4 },
      meanCoreSeconds: () => 0.87,
      ...(budget && { budget: async () => budget }),
    })
  return { leader: make('a'), other: make('b'), grown }
}

describe('a leader’s look', () => {
  const NOBODY = { desired: 0, inService: 0, max: 40 }

  it('grows the fleet for what waits in all lanes together', async () => {
    const half = { ...EMPTY, visible: 5000, headAgeSeconds: 0 }
    const { leader, grown } = led({ std: half, bulk: half }, NOBODY)
    expect(await leader.look()).toMatchObject({ desired: 5, reason: 'short' })
    expect(grown).toEqual([5])
  })

  it('is taken by nobody else', async () => {
    const { leader, other, grown } = led({ std: { ...EMPTY, visible: 10 }, bulk: EMPTY }, NOBODY)
    await leader.look()
    expect(await other.look()).toBeUndefined()
    expect(grown).toEqual([1])
    expect([leader.isLeading(), other.isLeading()]).toEqual([true, false])
  })

  it('lets the fleet be when nothing waits: whoever is idle retires itself', async () => {
    const { leader, grown } = led({ std: EMPTY, bulk: EMPTY }, { desired: 3, inService: 3, max: 40 })
    expect(await leader.look()).toMatchObject({ desired: 0, reason: 'empty' })
    expect(grown).toEqual([])
  })

  it('sees at its second look that a lane waits too long, each by its own measure', async () => {
    const old = { ...EMPTY, visible: 900, headAgeSeconds: 601 }
    const full = { desired: 10, inService: 10, max: 40 }
    const std = led({ std: old, bulk: EMPTY }, full)
    expect(await std.leader.look()).toMatchObject({ reason: 'enough' })
    expect(await std.leader.look()).toMatchObject({ reason: 'soon' })
    const much = { ...old, visible: 2000 }
    const late = led({ std: much, bulk: EMPTY }, full)
    await late.leader.look()
    expect(await late.leader.look()).toMatchObject({ desired: 15, reason: 'late' })
    expect(late.grown).toEqual([15])
    const bulk = led({ std: EMPTY, bulk: much }, full)
    await bulk.leader.look()
    expect(await bulk.leader.look()).toMatchObject({ reason: 'enough' })
  })

  it('sends away who follows as well once the budget is spent', async () => {
    const spent = { left: 1, instanceHour: 0.1, lifetimeHours: 4, isSpent: true }
    const { leader, other } = led({ std: { ...EMPTY, visible: 10 }, bulk: EMPTY }, NOBODY, spent)
    await leader.look()
    expect(await other.look()).toBeUndefined()
    await leader.look()
    expect(await other.look()).toMatchObject({ reason: 'spent' })
  })

  it('spends no more than there is', async () => {
    const many = { ...EMPTY, visible: 100_000 }
    const { leader, grown } = led({ std: many, bulk: EMPTY }, NOBODY, {
      left: 0,
      instanceHour: 0.1,
      lifetimeHours: 4,
      isSpent: false,
    })
    expect(await leader.look()).toMatchObject({ desired: 0, reason: 'budget' })
    expect(grown).toEqual([])
  })
})
