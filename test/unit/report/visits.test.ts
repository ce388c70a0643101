import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedShare, keepingOf, loadsOf, readsOf, sharedSecondsOf, type Visits } from '../../../src/report/visits.ts'

const VISITS: Visits = { visits: 1000, views: 1000, returning: 0.3, changed: 0.5 }
const rounded = ({ requests, bytes }: { readonly requests: number; readonly bytes: number }): readonly number[] => [
  Number(requests.toFixed(6)),
  Number(bytes.toFixed(6)),
]

describe('what visits load', () => {
  // 700 visits have nothing, 300 have what was there a month ago, half of which has changed
  it.each([
    ['lasting', [850, 8500]], // 700 + 150, ten bytes each
    ['passing', [1000, 8500]], // those that have it ask
    ['asked', [1000, 8500]],
  ] as const)('of a file that every page needs and that is %s, worked by hand', (keeping, expected) => {
    expect(rounded(loadsOf({ bytes: 10, share: 1, keeping }, VISITS))).toEqual(expected)
  })

  it('of a file that is asked about on every view, worked by hand', () => {
    // 3000 views ask; it is sent once to each visit that has not kept it
    const found = loadsOf({ bytes: 10, share: 1, keeping: 'asked' }, { ...VISITS, views: 3000 })
    expect(rounded(found)).toEqual([3000, 8500])
  })

  it('of a file that nobody may keep, worked by hand: it is sent on every view', () => {
    const found = loadsOf({ bytes: 10, share: 1, keeping: 'never' }, { ...VISITS, views: 3000 })
    expect(rounded(found)).toEqual([3000, 30_000])
  })

  it('of a file that half of the pages need, in visits of two views: three of four visits', () => {
    const found = loadsOf({ bytes: 10, share: 0.5, keeping: 'lasting' }, { ...VISITS, views: 2000, returning: 0 })
    expect(rounded(found)).toEqual([750, 7500])
  })

  it('is what counting through every possible visit gives', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.nat(4), (pages, views, given) => {
        const needing = Math.min(given, pages)
        let [all, needed] = [0, 0]
        for (let visit = 0; visit < pages ** views; visit++) {
          const viewed = Array.from({ length: views }, (_, at) => Math.floor(visit / pages ** at) % pages)
          all += 1
          if (viewed.some((page) => page < needing)) needed += 1
        }
        const share = needing / pages
        const who = { visits: 1, views, returning: 0, changed: 0 }
        expect(loadsOf({ bytes: 1, share, keeping: 'lasting' }, who).requests).toBeCloseTo(needed / all, 9)
      }),
    )
  })

  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const visits = fc
    .record({ visits: fc.nat(1e6), more: fc.nat(1e6), returning: share, changed: share })
    .map(({ more, ...rest }) => ({ ...rest, views: rest.visits === 0 ? 0 : rest.visits + more }))

  it('sends no file more often than it is viewed, and never less for asking more often', () => {
    fc.assert(
      fc.property(share, visits, (part, who) => {
        const [lasting, passing, asked] = (['lasting', 'passing', 'asked'] as const).map((keeping) =>
          loadsOf({ bytes: 1, share: part, keeping }, who),
        )
        const most = who.views * part * (1 + 1e-9) + 1e-9
        for (const { requests, bytes } of [lasting, passing, asked].filter((found) => found !== undefined)) {
          expect(requests).toBeLessThanOrEqual(most)
          expect(bytes).toBeLessThanOrEqual(requests * (1 + 1e-9) + 1e-9)
          expect(bytes).toBe(lasting?.bytes)
        }
        expect(lasting?.requests).toBeLessThanOrEqual((passing?.requests ?? 0) * (1 + 1e-9) + 1e-9)
        expect(passing?.requests).toBeLessThanOrEqual((asked?.requests ?? 0) * (1 + 1e-9) + 1e-9)
      }),
    )
  })
})

describe('what a browser keeps', () => {
  it.each([
    ['public, max-age=31536000, immutable', 'lasting'],
    ['max-age=2592000', 'lasting'],
    ['public, max-age=300', 'passing'],
    ['public, max-age=0, must-revalidate', 'asked'],
    ['s-maxage=31536000, max-age=0', 'asked'],
    ['no-cache', 'asked'],
    ['max-age=600, no-store', 'never'],
    ['', 'asked'],
  ])('by %j: %s', (rule, keeping) => {
    expect(keepingOf({ 'cache-control': rule })).toBe(keeping)
  })

  it.each([
    ['public, max-age=31536000, immutable', 1],
    ['public, max-age=300', 8640],
    ['max-age=0, s-maxage=86400', 30],
    ['max-age=300, no-store', 100_000],
    ['private, max-age=300', 100_000],
    ['public, max-age=0, must-revalidate', 100_000],
  ])('makes a CDN ask for it again, by %j: %i times', (rule, times) => {
    expect(readsOf(100_000, sharedSecondsOf({ 'cache-control': rule }))).toBe(times)
    expect(readsOf(1, sharedSecondsOf({ 'cache-control': rule }))).toBe(1)
  })

  it('has changed when any of the deploys has changed it', () => {
    expect(changedShare(0.1, 2)).toBeCloseTo(0.19)
    expect([changedShare(0.1, 0), changedShare(1, 3), changedShare(0, 9)]).toEqual([0, 1, 0])
  })
})
