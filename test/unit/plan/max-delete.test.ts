import { describe, expect, it } from 'vitest'
import { checkMaxDelete, DEFAULT_MAX_DELETE, type MaxDelete } from '../../../src/plan/max-delete.ts'

const keys = (count: number): string[] => Array.from({ length: count }, (_, index) => `k${index}`)

describe('how much one run may remove', () => {
  it.each<[string, number, number, MaxDelete]>([
    ['a hundred of few', 100, 120, DEFAULT_MAX_DELETE],
    ['a tenth of many', 500, 5000, DEFAULT_MAX_DELETE],
    ['a tenth that is no whole number, cut', 123, 1239, DEFAULT_MAX_DELETE],
    ['nothing where nothing is allowed', 0, 50, { share: 0, count: 0 }],
    ['a share alone', 5, 100, { share: 0.05, count: 0 }],
    ['a count alone', 3, 100, { share: 0, count: 3 }],
  ])('is %s, and not one more', (_, count, of, max) => {
    expect(() => checkMaxDelete(keys(count), of, max)).not.toThrow()
    expect(() => checkMaxDelete(keys(count + 1), of, max)).toThrow(
      expect.objectContaining({
        code: 'E_MAX_DELETE',
        exitCode: 3,
        details: keys(count + 1),
        why: expect.stringContaining(`One run may remove ${count}:`),
        hint: `If it is meant: --max-delete ${count + 1}`,
      }),
    )
  })

  it('is all of a small site, where nobody said less', () => {
    expect(() => checkMaxDelete(keys(100), 100, DEFAULT_MAX_DELETE)).not.toThrow()
  })

  it('is said in the singular for one', () => {
    expect(() => checkMaxDelete(['k'], 1, { share: 0, count: 0 })).toThrow('1 object of 1 would be removed')
  })
})
