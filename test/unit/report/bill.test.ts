import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BillPart, billOf, type MonthUsage } from '../../../src/report/bill.ts'
import { monthsOf, uploadSeconds, writesFor } from '../../../src/report/month.ts'
import { TARIFFS, type Tariff } from '../../../src/report/prices.ts'

const GIB = 2 ** 30
const NOTHING: MonthUsage = { storedBytes: 0, writes: 0, reads: 0, requests: 0, bytes: 0, invalidations: 0 }

function tariff(id: string): Tariff {
  const found = TARIFFS.find((candidate) => candidate.id === id)
  if (found === undefined) throw new Error(`no tariff ${id}`)
  return found
}

/** `[list, due]` of each part that has a price. */
const partsOf = (id: string, usage: Partial<MonthUsage>): Partial<Record<BillPart, readonly number[]>> =>
  Object.fromEntries(
    billOf({ ...NOTHING, ...usage }, tariff(id)).lines.map(({ part, list, due }) => [
      part,
      [list, due].map((amount) => Number(amount.toFixed(6))),
    ]),
  )

const MONTH: Partial<MonthUsage> = {
  storedBytes: 100 * GIB,
  writes: 40_000,
  reads: 2_000_000,
  requests: 30_000_000,
  bytes: 2048 * GIB,
  invalidations: 1600,
}

describe('a month’s bill', () => {
  it('of CloudFront before S3, worked by hand', () => {
    expect(partsOf('cloudfront', MONTH)).toEqual({
      storage: [2.3, 2.3], // 100 GiB x 0.023
      writes: [0.2, 0.2], // 40,000 x 5 / 1 M
      reads: [0.8, 0.8], // 2 M x 0.4
      transfer: [174.08, 87.04], // 2048 x 0.085, less 1024 x 0.085
      requests: [30, 20], // 10 M are free
      invalidations: [8, 3], // 1600 x 0.005, less 1000
    })
  })

  it('of S3 alone, worked by hand: each request is a read, nothing is told to anybody', () => {
    expect(partsOf('s3', MONTH)).toEqual({
      storage: [2.3, 2.3],
      writes: [0.2, 0.2],
      transfer: [184.32, 175.32], // 2048 x 0.09, less 100 x 0.09
      requests: [12, 12], // 30 M x 0.4
    })
  })

  it('of R2, worked by hand: its GB has 1,000,000,000 bytes, and a part of a unit is billed as a whole one', () => {
    expect(partsOf('r2', { ...MONTH, storedBytes: 100e9 })).toEqual({
      storage: [1.5, 1.35], // 100 x 0.015, less 10 x 0.015
      writes: [0.18, 0],
      transfer: [0, 0],
      requests: [10.8, 7.2], // 30 M x 0.36, less 10 M
    })
    // the page's own example: 10 M reads a day of 100,000 objects of 100 kB
    expect(partsOf('r2', { storedBytes: 10e9, writes: 100_000, requests: 300_000_000 })).toMatchObject({
      storage: [0.15, 0],
      writes: [0.45, 0],
      requests: [108, 104.4],
    })
    // 1.1 GB-month is billed as 2, one million and one operations as two million
    expect(partsOf('r2', { storedBytes: 11.1e9 }).storage).toEqual([0.1665, 0.03])
    expect(partsOf('r2', { requests: 10_000_001 }).requests).toEqual([3.6, 0.36])
    expect(partsOf('r2', { writes: 1_000_100 }).writes).toEqual([4.50045, 4.5])
  })

  it('goes by the tiers of stored bytes', () => {
    // 51,200 x 0.023 + 460,800 x 0.022 + 88,000 x 0.021 = 1177.60 + 10,137.60 + 1848
    expect(partsOf('s3', { storedBytes: 600_000 * GIB }).storage).toEqual([13_163.2, 13_163.2])
  })

  it('has no parts of a store whose prices are not known', () => {
    const { store: _, ...bare } = tariff('cloudfront')
    expect(billOf(NOTHING, bare).lines.map(({ part }) => part)).toEqual(['transfer', 'requests', 'invalidations'])
  })

  const amount = fc.integer({ min: 0, max: 2 ** 52 })
  const count = fc.integer({ min: 0, max: 1e10 })
  const usage = fc.record({
    ...{ storedBytes: amount, bytes: amount },
    ...{ writes: count, reads: count, requests: count, invalidations: count },
  })

  it('is the sum of its parts, never negative, and never dearer for what is free but by what is rounded up', () => {
    fc.assert(
      fc.property(usage, fc.constantFrom(...TARIFFS), (used, { ...priced }) => {
        const { lines, list, due } = billOf(used, { ...priced, roundsUp: false })
        expect(lines.reduce((sum, line) => sum + line.list, 0)).toBeCloseTo(list, 6)
        for (const line of lines) {
          expect(line.due).toBeGreaterThanOrEqual(0)
          expect(line.due).toBeLessThanOrEqual(line.list + 1e-9 * line.list)
        }
        expect(billOf(used, { ...priced, roundsUp: true }).due).toBeGreaterThanOrEqual(due - 1e-9 * due)
      }),
    )
  })

  it('never falls when more is used', () => {
    fc.assert(
      fc.property(usage, usage, fc.constantFrom(...TARIFFS), (a, b, priced) => {
        const sum = Object.fromEntries(
          Object.entries(a).map(([key, value]) => [key, value + b[key as keyof MonthUsage]]),
        ) as unknown as MonthUsage // of the same keys
        const [less, more] = [billOf(a, priced), billOf(sum, priced)]
        expect(more.due).toBeGreaterThanOrEqual(less.due - 1e-6)
        expect(more.list).toBeGreaterThanOrEqual(less.list - 1e-6)
      }),
    )
  })
})

describe('a month of deploys', () => {
  const STORED = { objects: 100, bytes: 1e9, writes: 100, replaceable: 40, paths: 90 }
  const ASKED = { requests: 1000, bytes: 5000, reads: 70 }
  const PLAN = { deploys: 10, changed: 0.1, keepReleases: 5, keepDays: 15, budget: 100 }

  it('sends everything once, then what each deploy changes, a copy of what it replaces, and its records', () => {
    const { first, later } = monthsOf(STORED, ASKED, PLAN)
    expect(later.writes).toBe(10 * (10 + 4 + 5))
    expect(first.writes).toBe(later.writes + 100 + 5 + 1)
    expect([first.invalidations, later.invalidations]).toEqual([90, 90])
  })

  it('stores former contents for as long as prune leaves them', () => {
    // 15 of 30 days hold 5 of 10 deploys, a tenth of 1 GB each; in the first month half of ten have been, on average
    expect(monthsOf(STORED, ASKED, PLAN).later.storedBytes).toBeCloseTo(1.5e9)
    expect(monthsOf(STORED, ASKED, PLAN).first.storedBytes).toBeCloseTo(1.5e9)
    // of one deploy a month, four former releases stay
    expect(monthsOf(STORED, ASKED, { ...PLAN, deploys: 1 }).later.storedBytes).toBeCloseTo(1.4e9)
    expect(monthsOf(STORED, ASKED, { ...PLAN, deploys: 1 }).first.storedBytes).toBeCloseTo(1.05e9)
    expect(monthsOf(STORED, ASKED, { ...PLAN, deploys: 0 }).later).toMatchObject({ storedBytes: 1e9, writes: 0 })
  })

  it('invalidates no more paths than one deploy may', () => {
    expect(monthsOf({ ...STORED, paths: 90_000 }, ASKED, PLAN).later.invalidations).toBe(1000)
  })

  it('counts a large file as its parts, and the two requests around them', () => {
    expect([0, 1, 16 * 2 ** 20].map(writesFor)).toEqual([1, 1, 1])
    expect(writesFor(16 * 2 ** 20 + 1)).toBe(3 + 2)
    expect(writesFor(80 * 2 ** 20)).toBe(10 + 2)
    expect(writesFor(2 ** 40)).toBeLessThanOrEqual(10_000 + 2) // parts grow where there would be too many
  })

  it('takes as long as the line does, or the answers', () => {
    const at = { bitsPerSecond: 100e6, atOnce: 64 }
    expect(uploadSeconds({ bytes: 125e6, writes: 1 }, at)).toBeCloseTo(10.00008, 6)
    expect(uploadSeconds({ bytes: 0, writes: 64_000 }, { ...at, bitsPerSecond: 1e12 })).toBeCloseTo(40)
  })
})
