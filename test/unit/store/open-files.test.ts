import { describe, expect, it } from 'vitest'
import { mostOpen } from '../../../src/store/open-files.ts'

describe('what one store may have open', () => {
  const limits = (files: string): string => `Limit                     Soft Limit           Hard Limit           Units
Max processes             95983                95983                processes
Max open files            ${files.padEnd(20)} 1048576              files
`
  it.each([
    ['1024', 480],
    ['128', 32],
    ['64', 4],
    ['10', 4],
    ['unlimited', Number.POSITIVE_INFINITY],
  ])('is of %s files of the process %i', (files, most) => {
    expect(mostOpen(limits(files))).toBe(most)
  })

  it('is any number where nothing tells', () => {
    expect(mostOpen('')).toBe(Number.POSITIVE_INFINITY)
  })
})
