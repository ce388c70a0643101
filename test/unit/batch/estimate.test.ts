import { describe, expect, it } from 'vitest'
import { assertBudget, dollars, estimate } from '../../../src/batch/plan/estimate.ts'
import { PRICE_SOURCES, PRICES } from '../../../src/batch/plan/prices.ts'
import { workOf } from '../../../src/batch/plan/work.ts'
import { type Encoding, predictCoreSeconds, variantsOf } from '../../../src/images/plan/core-seconds.ts'

const WIDTHS = [320, 640, 960, 1280, 1920]
const PHOTO = { bytes: 829_183, width: 2725, height: 2225 }
const WEB: readonly Encoding[] = [
  { format: 'avif', effort: 1, widths: WIDTHS },
  { format: 'jpeg', widths: [1280] },
]
const avif = (effort: number): readonly Encoding[] => [
  { format: 'avif', effort, widths: WIDTHS },
  { format: 'jpeg', widths: [1280] },
]
const WEBP: Encoding = { format: 'webp', widths: WIDTHS }

describe('what an image takes', () => {
  // Measured: reference/batch.md 4.3.
  it.each([
    ['JPEG alone', [{ format: 'jpeg', widths: [1280] }], 0.165],
    ['AVIF at effort 0', avif(0), 0.517],
    ['AVIF at effort 1', avif(1), 0.867],
    ['WebP', [WEBP, { format: 'jpeg', widths: [1280] }], 0.62],
    ['AVIF at effort 3 and WebP', [...avif(3), WEBP], 3.321],
    ['AVIF at effort 4 and WebP', [...avif(4), WEBP], 15.631],
  ] as const)('is predicted within a tenth of what was measured: %s', (_, encodings, measured) => {
    const predicted = predictCoreSeconds(PHOTO, encodings)
    expect(Math.abs(predicted / measured - 1)).toBeLessThan(0.1)
  })

  it('has the variants that are rendered: none larger than the source, and one of its own width', () => {
    expect(variantsOf(PHOTO, WEB)).toBe(6)
    // 320, 640, 960, 1280, 1600, and 1280 as JPEG
    expect(variantsOf({ bytes: 1, width: 1600, height: 1067 }, WEB)).toBe(6)
    // 320, 640, 700, and 700 as JPEG
    expect(variantsOf({ bytes: 1, width: 700, height: 500 }, WEB)).toBe(4)
    expect(variantsOf({ bytes: 1, width: 100, height: 100 }, WEB)).toBe(2)
  })

  it('is nothing for one of more pixels than workers decode: they refuse it by its header', () => {
    const bomb = { bytes: 110_000, width: 30_000, height: 30_000 }
    expect(workOf(bomb, WEB)).toEqual({ coreSeconds: 0, variants: 0 })
    expect(workOf(PHOTO, WEB)).toEqual({ coreSeconds: predictCoreSeconds(PHOTO, WEB), variants: 6 })
    const [alone, together] = [estimate([PHOTO], WEB), estimate([PHOTO, bomb], WEB)]
    expect(together).toMatchObject({ images: 2, variants: 6, coreSeconds: alone.coreSeconds })
  })

  it('is guessed from the size of a file that nobody could look into', () => {
    expect(predictCoreSeconds({ bytes: 829_183 }, WEB) / predictCoreSeconds(PHOTO, WEB)).toBeCloseTo(1, 0)
  })
})

describe('what a batch costs', () => {
  const million = (encodings: readonly Encoding[]) =>
    estimate(
      Array.from({ length: 1000 }, () => PHOTO),
      encodings,
    )

  // The table of reference/batch.md 4.4 is for a million and leaves putting the originals out: five dollars.
  it.each([
    ['AVIF at effort 0', avif(0), 38 + 5],
    ['AVIF at effort 1', WEB, 40 + 5],
    ['AVIF at effort 4 and WebP', [...avif(4), WEBP], 149 + 5],
  ] as const)('is what the table says: %s', (_, encodings, dollarsOfMillion) => {
    const { total } = million(encodings).dollars
    expect(Math.abs((total * 1000) / dollarsOfMillion - 1)).toBeLessThan(0.1)
  })

  it('is the sum of its parts, and more on instances that nobody takes away', () => {
    const { dollars: parts, onDemandTotal } = million(WEB)
    const { total, ...rest } = parts
    expect(Object.values(rest).reduce((sum, part) => sum + part, 0)).toBeCloseTo(total, 12)
    expect(onDemandTotal).toBeGreaterThan(total)
  })

  it('takes less time on more instances, but never less than one takes to boot', () => {
    const { times } = estimate(
      Array.from({ length: 10_000 }, () => PHOTO),
      WEB,
    )
    expect(times.map(({ instances, seconds }) => [instances, Math.round(seconds / 60)])).toEqual([
      [1, 43],
      [5, 9],
      [20, 3],
    ])
    expect(estimate([PHOTO], WEB).times[2]?.seconds).toBeGreaterThan(45)
  })

  it('says what other recipes would save', () => {
    const changes = new Map(million([...avif(4), WEBP]).whatIf.map((row) => [row.change, row]))
    expect([...changes.keys()]).toEqual([
      'without WebP',
      'AVIF effort 4 -> 1',
      'AVIF effort 4 -> 0',
      'every other width',
    ])
    expect(changes.get('AVIF effort 4 -> 1')?.coreShare).toBeLessThan(0.1)
    expect(changes.get('without WebP')?.dollarShare).toBeLessThan(0.85)
    expect(million([{ format: 'jpeg', widths: [640] }]).whatIf).toEqual([])
    const small = { bytes: 5000, width: 200, height: 100 }
    expect(estimate([small], WEB).whatIf.map(({ change }) => change)).toEqual(['AVIF effort 1 -> 0'])
  })

  it('is nothing for no images', () => {
    expect(estimate([], WEB)).toMatchObject({ images: 0, coreSeconds: 0, dollars: { total: 0 } })
  })

  it('names a source and a date for every price', () => {
    expect(PRICE_SOURCES.map(({ what }) => what).sort()).toEqual(Object.keys(PRICES).sort())
    for (const { source, date } of PRICE_SOURCES) {
      expect(source).toMatch(/^https:\/\//)
      expect(date).toMatch(/^\d{4}-\d\d-\d\d$/)
    }
  })
})

describe('a budget', () => {
  const FLEET = { maxInstances: 20, lifetimeHours: 4, instanceHour: 0.064 }

  it('holds when the whole fleet may run for its whole life', () => {
    expect(assertBudget(FLEET, 5.12)).toBeCloseTo(5.12)
  })

  it('refuses a fleet that could cost more, and says how large it may be', () => {
    expect(() => assertBudget(FLEET, 5)).toThrow(
      expect.objectContaining({ code: 'E_BUDGET', exitCode: 3, hint: 'Let it have 19 at most, or raise the budget.' }),
    )
    expect(() => assertBudget(FLEET, 0)).toThrow(expect.objectContaining({ hint: expect.stringContaining('Raise') }))
  })

  it('says a life of odd minutes without a tail of digits', () => {
    const why = '20 instances x 1.67 h x $0.064 an hour'
    expect(() => assertBudget({ ...FLEET, lifetimeHours: 100 / 60 }, 1)).toThrow(expect.objectContaining({ why }))
  })

  it('is written as people write money', () => {
    expect([0, 0.00042, 0.0614, 12.3].map(dollars)).toEqual(['$0.00', '$0.00042', '$0.061', '$12.30'])
  })
})
