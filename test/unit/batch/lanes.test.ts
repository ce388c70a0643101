import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Head, LANE_RULES, LANES, type Lane, NO_TURNS, nextTurn } from '../../../src/batch/plan/lanes.ts'

type Served = Record<Lane, number>

interface Day {
  /** The cost of each lane's heads, one after another, again from the start when they are used up. */
  readonly costs: Readonly<Record<Lane, readonly number[]>>
  readonly ages: readonly number[]
  /** For each turn, which lanes have nothing. */
  readonly empty: readonly ReadonlySet<Lane>[]
  readonly turns: number
}

const MAX_COST = 5

/** What each lane gets, while `always` has work all the time. */
function serve({ costs, ages, empty, turns: count }: Day, always: readonly Lane[]): Served {
  const served: Served = { hi: 0, std: 0, bulk: 0 }
  const taken: Served = { hi: 0, std: 0, bulk: 0 }
  let turns = NO_TURNS
  for (let turn = 0; turn < count; turn++) {
    const heads: Partial<Record<Lane, Head>> = {}
    for (const [index, lane] of LANES.entries()) {
      if (empty[turn % empty.length]?.has(lane) && !always.includes(lane)) continue
      const cost = costs[lane][taken[lane] % costs[lane].length] ?? 1
      heads[lane] = { cost, ageSeconds: ages[(turn * 3 + index) % ages.length] ?? 0 }
    }
    const next = nextTurn(turns, heads)
    turns = next.turns
    if (next.lane === undefined) continue
    served[next.lane] += heads[next.lane]?.cost ?? 0
    taken[next.lane] += 1
  }
  return served
}

const costs = fc.array(
  fc.integer({ min: 1, max: MAX_COST * 100 }).map((hundredths) => hundredths / 100),
  {
    minLength: 1,
    maxLength: 20,
  },
)
const day: fc.Arbitrary<Day> = fc.record({
  costs: fc.record({ hi: costs, std: costs, bulk: costs }),
  ages: fc.array(fc.constantFrom(0, 10, 31, 601, 3601, 100_000), { minLength: 1, maxLength: 30 }),
  empty: fc.array(
    fc.subarray([...LANES]).map((lanes) => new Set(lanes)),
    { minLength: 1, maxLength: 30 },
  ),
  turns: fc.integer({ min: 1, max: 2000 }),
})

const WEIGHTS = LANES.reduce((sum, lane) => sum + LANE_RULES[lane].weight, 0)
/** What may be missing at a moment: each lane may be one turn and one piece of work ahead, and one on credit. */
const SLACK = WEIGHTS + LANES.length * 2 * MAX_COST

describe('a lane that always has work', () => {
  it.each(LANES)(
    '%s gets at least its share of the work, whatever comes in the others and however old it is',
    (lane) => {
      fc.assert(
        fc.property(day, (given) => {
          const served = serve(given, [lane])
          const total = served.hi + served.std + served.bulk
          expect(served[lane]).toBeGreaterThanOrEqual((total * LANE_RULES[lane].weight) / WEIGHTS - SLACK)
        }),
        { numRuns: 300 },
      )
    },
  )

  it('gets just its share when all have', () => {
    fc.assert(
      fc.property(day, (given) => {
        const served = serve({ ...given, turns: 2000 }, LANES)
        const total = served.hi + served.std + served.bulk
        for (const lane of LANES) {
          const share = (total * LANE_RULES[lane].weight) / WEIGHTS
          expect(Math.abs(served[lane] - share)).toBeLessThanOrEqual(SLACK)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('and is alone is served every time', () => {
    const served = serve({ ...FLAT, empty: [new Set<Lane>(['hi', 'std'])] }, ['bulk'])
    expect(served).toEqual({ hi: 0, std: 0, bulk: FLAT.turns })
  })
})

const FLAT: Day = {
  costs: { hi: [1], std: [1], bulk: [1] },
  ages: [0],
  empty: [new Set()],
  turns: 1200,
}

describe('lanes of equal work', () => {
  it('are served 8:3:1', () => {
    expect(serve(FLAT, LANES)).toEqual({ hi: 800, std: 300, bulk: 100 })
  })

  it('of which one is empty share what it leaves', () => {
    expect(serve({ ...FLAT, empty: [new Set<Lane>(['hi'])] }, [])).toEqual({ hi: 0, std: 900, bulk: 300 })
  })
})

describe('a lane whose head is older than it may be', () => {
  const heads = (bulkAge: number) => ({
    hi: { cost: 1, ageSeconds: 0 },
    std: { cost: 1, ageSeconds: 0 },
    bulk: { cost: 1, ageSeconds: bulkAge },
  })

  it('is served next', () => {
    expect(nextTurn(NO_TURNS, heads(3600)).lane).toBe('hi')
    expect(nextTurn(NO_TURNS, heads(3601)).lane).toBe('bulk')
  })

  it('pays it back before it is served out of turn again', () => {
    const order: (Lane | undefined)[] = []
    let turns = NO_TURNS
    for (let turn = 0; turn < 24; turn++) {
      const next = nextTurn(turns, heads(100_000))
      turns = next.turns
      order.push(next.lane)
    }
    expect(order[0]).toBe('bulk')
    expect(order.filter((lane) => lane === 'bulk').length).toBeLessThanOrEqual(3)
  })

  it('comes before one that is less late by its own measure', () => {
    const both = { hi: { cost: 1, ageSeconds: 61 }, bulk: { cost: 1, ageSeconds: 3700 } }
    expect(nextTurn(NO_TURNS, both).lane).toBe('hi')
  })
})

describe('a lane without work', () => {
  it('saves nothing up', () => {
    const bulk = { cost: 1, ageSeconds: 0 }
    const first = nextTurn(NO_TURNS, { hi: { cost: 1, ageSeconds: 0 }, bulk })
    expect(first.turns.credit.hi).toBe(7)
    const { turns } = nextTurn(first.turns, { bulk })
    expect(turns.credit.hi).toBe(0)
    expect(nextTurn(turns, {})).toMatchObject({ lane: undefined, turns: { credit: { bulk: 0 } } })
  })
})
