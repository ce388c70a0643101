import { Parser } from 'htmlparser2'
import { describe, expect, it } from 'vitest'
import { NAMED, WITHOUT_SEMICOLON } from '../../../src/rewrite/markup/character-names.ts'
import { readCharacterReference } from '../../../src/rewrite/markup/character-reference.ts'

/** What another parser, with a table of its own, reads in the place of `written`. */
function readByOther(written: string, inAttribute: boolean): string {
  let read = ''
  const parser = new Parser({
    onattribute: (_name, value) => {
      if (inAttribute) read = value
    },
    ontext: (text) => {
      if (!inAttribute) read += text
    },
  })
  parser.end(inAttribute ? `<a b="${written}">` : written)
  return read
}

function readByUs(written: string, inAttribute: boolean): string {
  const { text, length } = readCharacterReference(written, inAttribute)
  return text + written.slice(length)
}

const names = NAMED.trim()
  .split(/\s+/)
  .filter((word) => !word.startsWith('#'))
const open = WITHOUT_SEMICOLON.trim().split(/\s+/)
const codes = [0, 9, 0x26, 0x7f, ...Array.from({ length: 0x21 }, (_, index) => 0x80 + index), 0xd7ff, 0xd800, 0xdfff]
const numbers = [...codes, 0xe000, 0x1f600, 0x10ffff, 0x110000, 2 ** 31].flatMap((code) => [
  `&#${code};`,
  `&#x${code.toString(16)};`,
  `&#X${code.toString(16).toUpperCase()}`,
])
const odd = ['&', '&;', '&#;', '&#x;', '&#', '&#xg;', '&amp', '&AMP;', '&Amp;', '&ampamp;', '&b=', '&display=', '&no;']

describe.each([
  ['an attribute', true],
  ['text', false],
])('a character reference in %s', (_name, inAttribute) => {
  it.each([
    ['every name', names.map((name) => `&${name};`)],
    ['every name, begun twice', names.map((name) => `&${name}${name};`)],
    ['every name that needs no semicolon', open.map((name) => `&${name}`)],
    ['the same with a letter behind it', open.map((name) => `&${name}x`)],
    ['the same with a letter and a semicolon', open.map((name) => `&${name}x;`)],
    ['the same in the place of a parameter', open.map((name) => `&${name}=`)],
    ['no name but its beginning', names.map((name) => `&${name.slice(0, -1)};`)],
    ['numbers', numbers],
    ['what is none, or nearly', odd],
  ])('is read as another parser reads it: %s', (_what, written) => {
    const read = written.map((text) => [text, readByUs(text, inAttribute)])
    expect(read).toEqual(written.map((text) => [text, readByOther(text, inAttribute)]))
  })
})

it('the table has every name of the standard', () => {
  expect(names).toHaveLength(2125)
  expect(open).toHaveLength(106)
})
