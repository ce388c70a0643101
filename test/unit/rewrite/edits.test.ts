import { describe, expect, it } from 'vitest'
import { applyEdits, htmlReferences, rewriteDocument } from '../../../src/rewrite/index.ts'

describe('applyEdits', () => {
  it('makes edits in any order and leaves the rest', () => {
    const edits = [
      { start: 4, end: 5, replacement: 'FIVE' },
      { start: 0, end: 2, replacement: '' },
    ]
    expect(applyEdits('abcdef', edits)).toBe('cdFIVEf')
  })

  it('inserts where a span is empty, and at both ends', () => {
    expect(
      applyEdits('b', [
        { start: 0, end: 0, replacement: 'a' },
        { start: 1, end: 1, replacement: 'c' },
      ]),
    ).toBe('abc')
  })

  it.each([
    [
      [
        { start: 0, end: 3, replacement: '' },
        { start: 2, end: 4, replacement: '' },
      ],
    ],
    [[{ start: 0, end: 9, replacement: '' }]],
    [[{ start: 2, end: 1, replacement: '' }]],
  ])('refuses edits that overlap or leave the text: %j', (edits) => {
    expect(() => applyEdits('abcdef', edits)).toThrow(RangeError)
  })
})

describe('rewriteDocument', () => {
  const html = '<img src="a.png"><img src="b.png?x&y">'

  it('edits only what is decided on, and counts', () => {
    const result = rewriteDocument(html, htmlReferences(html), ({ url }) => (url === 'a.png' ? 'n.png' : undefined))
    expect(result).toEqual({ text: '<img src="n.png"><img src="b.png?x&y">', edits: 1 })
  })

  it('does not touch a URL that is decided to stay as it reads, however it is written', () => {
    expect(rewriteDocument(html, htmlReferences(html), ({ url }) => url)).toEqual({ text: html, edits: 0 })
  })
})
