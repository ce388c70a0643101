import { describe, expect, it } from 'vitest'
import { type CssContext, scanCss } from '../../../src/rewrite/css/scan.ts'
import { cssReferences } from '../../../src/rewrite/index.ts'
import { randomCss } from './css-fuzz.ts'
import { oracleScan } from './css-oracle.ts'

const CONTEXTS: readonly CssContext[] = ['sheet', 'declarations', { property: 'mask' }]

/** More by hand: `LADING_CSS_SEEDS=200000`. */
const SEEDS = Number(process.env.LADING_CSS_SEEDS ?? 6000)

const ours = (css: string, context: CssContext): unknown => {
  const { urls, uses } = scanCss(css, context)
  return { urls: urls.map(({ encode, ...url }) => url), uses }
}

const theirs = (css: string, context: CssContext): unknown => {
  const { urls, uses } = oracleScan(css, context)
  return { urls, uses }
}

describe('our scanner of CSS and an independent tokenizer', () => {
  it(`agree on ${SEEDS} random texts`, () => {
    let found = 0
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const css = randomCss(seed)
      const context = CONTEXTS[seed % CONTEXTS.length] ?? 'sheet'
      const expected = theirs(css, context)
      expect(ours(css, context), `seed ${seed}: ${JSON.stringify(css)}`).toEqual(expected)
      found += scanCss(css, context).urls.length
    }
    // Texts without URLs would agree in vain.
    expect(found).toBeGreaterThan(SEEDS / 2)
  })
})

/**
 * The least CPU time of a few runs, in microseconds: other processes do not count, and noise only adds. So a result above
 * `limit` is measured more often before it is believed.
 */
function work(run: () => unknown, limit = Number.POSITIVE_INFINITY): number {
  let least = Number.POSITIVE_INFINITY
  for (let runs = 0; runs < 3 || (least >= limit && runs < 12); runs += 1) {
    const start = process.cpuUsage()
    run()
    least = Math.min(least, process.cpuUsage(start).user)
  }
  return least
}

/** Shorter times, in microseconds, are mostly the machine's; reading quadratically costs a thousand times as much. */
const LEAST = 2000

describe('hostile sheets are read in time that grows as they do', () => {
  const small = 5000
  const factor = 8
  it.each<[string, (count: number) => string]>([
    ['open parentheses, then URLs', (count) => `a{b:${'('.repeat(count)}${'url(a.png) '.repeat(count)}`],
    ['functions within each other', (count) => `a{b:${'f('.repeat(count)}url(a.png)${')'.repeat(count)}}`],
    ['parentheses in an import', (count) => `@import ${'('.repeat(count)}${'url(a.png) '.repeat(count)}`],
    ['square brackets', (count) => `a{b:${'['.repeat(count)}${'url(a.png) '.repeat(count)}`],
    ['open blocks', (count) => `${'a{'.repeat(count)}${'b:url(a.png);'.repeat(count)}`],
    ['blocks in a custom property', (count) => `a{--x:${'{'.repeat(count)}${'b:url(a.png);'.repeat(count)}`],
    ['closing brackets', (count) => `a{b:(${']'.repeat(count)}url(a.png)`],
    ['comments that open', (count) => '/*'.repeat(count)],
    ['URLs that open', (count) => 'a{b:url( '.repeat(count)],
    ['strings that open', (count) => 'a{b:url("\n'.repeat(count)],
    ['escapes', (count) => `a{b:${'\\75 '.repeat(count)}(`],
    ['minus signs', (count) => `a{b:${'-'.repeat(count)}url(a.png)`],
    ['numbers', (count) => `a{b:${'1e'.repeat(count)}url(a.png)`],
    [
      'custom properties that use each other',
      (count) => {
        const links = Array.from({ length: count / 10 }, (_, index) => `--p${index + 1}:var(--p${index});`)
        return `a{${links.join('')}mask:var(--p${count / 10});--p0:url(a.png)}`
      },
    ],
  ])('%s', (_name, css) => {
    const read = (count: number) => (): unknown => cssReferences(css(count), { context: 'sheet' })
    // Eight times the text may take up to thirty times as long; read anew for every bracket it would be sixty-four.
    const limit = 30 * Math.max(LEAST, work(read(small)))
    expect(work(read(small * factor), limit)).toBeLessThan(limit)
  })
})
