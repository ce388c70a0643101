import { describe, expect, it } from 'vitest'
import { cssReferences } from '../../../src/rewrite/index.ts'
import { packageFiles, readPackageFile } from './packages.ts'
import { postcssReferences } from './postcss-oracle.ts'

const sheets = packageFiles('.css')

const ours = (css: string): string[] =>
  cssReferences(css, { context: 'sheet' }).references.map(({ place, url }) => `${place} ${url}`)

/** There are no exceptions: the two agree on all of them. */
describe('every style sheet of the installed packages', () => {
  it('is among many, with many URLs', () => {
    expect(sheets.length).toBeGreaterThan(100)
    expect(sheets.flatMap((sheet) => ours(readPackageFile(sheet))).length).toBeGreaterThan(300)
  })

  it.each(sheets)('%s gives the URLs, and the properties they stand in, that postcss gives', (sheet) => {
    const css = readPackageFile(sheet)
    expect(ours(css)).toEqual(postcssReferences(css))
  })
})
