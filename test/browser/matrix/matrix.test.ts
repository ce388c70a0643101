import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cssReferences, type DocumentReferences, htmlReferences, type LoadClass } from '../../../src/rewrite/index.ts'
import { useChromium } from '../chromium.ts'
import { byName } from '../setting.ts'
import { type Bench, type CdnPolicy, openBench } from './bench.ts'
import { EFFECT_ROWS } from './effects.ts'
import { MEDIA_ROWS } from './media.ts'
import type { Row } from './row.ts'
import { SCRIPT_ROWS } from './scripts.ts'
import { STYLE_ROWS } from './styles.ts'
import { lookAt } from './visit.ts'

/**
 * What Chromium does with each kind of reference when the file is on another host: the ground that the classes of
 * `src/rewrite` stand on. A browser that comes to differ makes a line here fail.
 */
const TABLE: readonly (Row & { readonly name: string })[] = [
  ...SCRIPT_ROWS,
  ...STYLE_ROWS,
  ...EFFECT_ROWS,
  ...MEDIA_ROWS,
].map((row) => ({ ...row, name: row.use }))

const { browser, inBrowser } = useChromium()
let bench: Bench

beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

async function seen(row: Row, policy: CdnPolicy): Promise<string> {
  const chromium = browser()
  if (chromium === undefined) throw new Error('only in a browser')
  return await lookAt(chromium, bench, { ...row, policy })
}

describe.each(byName(TABLE))('%s', (_, row) => {
  inBrowser(`gives ${row.without} without CORS, ${row.cors} with it`, async () => {
    expect(await seen(row, 'without CORS')).toBe(row.without)
    expect(await seen(row, 'with CORS')).toBe(row.cors)
  })

  it(`is of class ${row.class}`, () => {
    expect(classOf(row)).toBe(row.class)
  })

  const { ours, page } = row
  if (ours === undefined || page === undefined) return

  it(`is taken for ${ours}, of class ${row.stricter?.class ?? row.class}`, () => {
    const text = page(CDN)
    const expected = [{ use: ours, loadClass: row.stricter?.class ?? row.class }]
    expect(onCdn(htmlReferences(text))).toEqual(expected)
    if (!/^(?:css-|font)/.test(ours)) return
    const sheets = [...text.matchAll(/<style>(.*?)<\/style>/g)].map(([, sheet = '']) => sheet)
    const inSheets = sheets.flatMap((sheet) => onCdn(cssReferences(sheet, { context: 'sheet' })))
    expect(sheets.length > 0 ? inSheets : expected).toEqual(expected)
  })
})

describe('integrity without crossorigin', () => {
  it('is told of a reference, since its class alone does not say that the file is refused', () => {
    const rows = TABLE.filter(({ use }) => /^<(script|link rel=stylesheet) integrity>$/.test(use))
    const found = rows.flatMap(({ page = () => '' }) => htmlReferences(page('https://cdn.example/')).references)
    expect(found.map(({ integrity, tag }) => ({ integrity, crossorigin: tag?.crossorigin }))).toEqual([
      { integrity: true, crossorigin: false },
      { integrity: true, crossorigin: false },
    ])
  })
})

const CDN = 'https://cdn.example/'

const onCdn = ({ references }: DocumentReferences): readonly object[] =>
  references.filter(({ url }) => url.startsWith(CDN)).map(({ use, loadClass }) => ({ use, loadClass }))

const REFUSED = /^(?:blocked|not applied|nothing is shown|error|null|\w+Error)$/

function classOf({ without, cors }: Row): LoadClass {
  if (!REFUSED.test(without)) return 'A'
  return REFUSED.test(cors) ? 'C' : 'B'
}
