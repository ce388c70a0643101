import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Course, play } from './fan-in.ts'

/** Batches small enough that rare orders of steps are frequent. */
const course = (more: Partial<Course>): fc.Arbitrary<Course> =>
  fc
    .record({
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
      items: fc.integer({ min: 1, max: 9 }),
      shardItems: fc.integer({ min: 1, max: 5 }),
      duplicates: fc.constantFrom(0, 0.2, 1),
      crashes: fc.integer({ min: 0, max: 6 }),
      failures: fc.constantFrom(0, 0.3),
      lookShare: fc.constantFrom(0, 0.1, 1),
    })
    .map((drawn) => ({ ...drawn, lost: 0, hasBarriers: true, ...more }))

describe('finishers, barriers and the closing of a batch, in any order of their steps', () => {
  it('close every batch, once, with everything in it, however many die on the way', async () => {
    await fc.assert(
      fc.asyncProperty(course({}), async (drawn) => {
        const { closings, told, result, progress } = await play(drawn)
        expect(closings).toBe(1)
        expect(result).toMatchObject({ items: drawn.items, missing: 0, partial: false })
        expect((result?.done ?? 0) + (result?.failed ?? 0)).toBe(drawn.items)
        expect(told.length).toBeGreaterThanOrEqual(1)
        expect(Math.max(0, ...progress)).toBeLessThanOrEqual(drawn.items)
        expect(progress).toEqual([...progress].sort((a, b) => a - b))
      }),
      { numRuns: 3000 },
    )
  })

  it('tell of the end once, unless the one that tells dies in the act', async () => {
    await fc.assert(
      fc.asyncProperty(course({ crashes: 0 }), async (drawn) => {
        expect((await play(drawn)).told).toEqual(['model'])
      }),
      { numRuns: 1000 },
    )
  })

  it('close at the deadline with what there is, when messages never came', async () => {
    await fc.assert(
      fc.asyncProperty(course({ lost: 1 }), async (drawn) => {
        const { closings, result } = await play(drawn)
        expect(closings).toBe(1)
        expect(result).toMatchObject({ missing: 1, partial: true })
      }),
      { numRuns: 500 },
    )
  })

  it('would leave some batches open for ever without the barrier: so it is what closes them', async () => {
    const courses = fc.sample(course({ hasBarriers: false, crashes: 6, lookShare: 0.1 }), { numRuns: 300, seed: 11 })
    let open = 0
    for (const drawn of courses) {
      const { closings } = await play(drawn)
      expect(closings).toBeLessThanOrEqual(1)
      if (closings === 0) open += 1
    }
    expect(open).toBeGreaterThan(0)
  })
})
