import { describe, expect, it } from 'vitest'
import { formatBytes, formatDuration } from '../../../src/words/units.ts'

describe('numbers for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1536, '1.5 kB'],
    [999_900, '999.9 kB'],
    [999_999, '1.0 MB'],
    [313_000_000, '313.0 MB'],
    [5e15, '5000.0 TB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it.each([
    [420, '0.4 s'],
    [59_499, '59.5 s'],
    [59_970, '1 min 0 s'],
    [83_000, '1 min 23 s'],
    [119_700, '2 min 0 s'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})
