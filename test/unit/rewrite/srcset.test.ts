import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeSrcsetUrl, parseSrcset } from '../../../src/rewrite/index.ts'

const urls = (value: string): string[] => parseSrcset(value).map(({ url }) => url)

describe('parseSrcset', () => {
  it.each<[string, string[]]>([
    ['', []],
    [' , ,', []],
    ['a.png', ['a.png']],
    ['a.png 1x, b.png 2x', ['a.png', 'b.png']],
    ['a.png 1x,b.png 2x', ['a.png', 'b.png']],
    ['a,b.png 1x', ['a,b.png']],
    ['a.png, b.png', ['a.png', 'b.png']],
    ['a.png,, b.png', ['a.png', 'b.png']],
    ['a.png,b.png', ['a.png,b.png']],
    ['a, b,, c,', ['a', 'b', 'c']],
    ['a (b,c),d', ['a', 'd']],
    ['a (b,c', ['a']],
    ['data:image/png;base64,AA== 1x, b.png 2x', ['data:image/png;base64,AA==', 'b.png']],
    ['a.png\t100w\n,\fb.png\r200w', ['a.png', 'b.png']],
  ])('%j', (value, expected) => expect(urls(value)).toEqual(expected))

  it('gives each URL its place', () => {
    const value = ' a.png 1x,, b,c.png, ,d.png '
    for (const { url, start, end } of parseSrcset(value)) expect(value.slice(start, end)).toBe(url)
    expect(urls(value)).toEqual(['a.png', 'b,c.png', 'd.png'])
  })
})

describe('encodeSrcsetUrl', () => {
  it.each([
    ['a b.png', 'a%20b.png'],
    [',a,b,,', '%2Ca,b%2C%2C'],
    ['a.png', 'a.png'],
  ])('%j stands alone', (url, expected) => {
    expect(encodeSrcsetUrl(url)).toBe(expected)
    expect(urls(`${encodeSrcsetUrl(url)} 1x, z.png`)).toEqual([expected, 'z.png'])
  })
})

const suite = resolve(import.meta.dirname, '../../../../shared/data/wpt-srcset.json')

interface Case {
  readonly srcset: string
  readonly currentSrc: string
}

/** What a browser picks at density 1 among the candidates whose descriptors it accepts, from our candidates. */
function picked(value: string): string {
  for (const [index, { url, end }] of parseSrcset(value).entries()) {
    const next = parseSrcset(value)[index + 1]
    if (acceptable(value.slice(end, next?.start ?? value.length))) return url
  }
  return ''
}

/** Splits descriptors as the algorithm's tokenizer does and keeps what is allowed for a single image. */
function acceptable(rest: string): boolean {
  const descriptors: string[] = []
  let current = ''
  let depth = false
  if (rest.startsWith(',')) return true
  for (const char of rest) {
    if (depth) {
      current += char
      depth = char !== ')'
    } else if (char === ',') break
    else if (/[ \t\n\f\r]/.test(char)) {
      if (current !== '') descriptors.push(current)
      current = ''
    } else {
      current += char
      depth = char === '('
    }
  }
  if (current !== '') descriptors.push(current)
  return descriptorsAreValid(descriptors)
}

const INTEGER = /^\d+$/
const FLOAT = /^-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?$/

function descriptorsAreValid(descriptors: readonly string[]): boolean {
  const seen = { w: false, x: false, h: false }
  for (const descriptor of descriptors) {
    const number = descriptor.slice(0, -1)
    const unit = descriptor.at(-1)
    if (unit === 'w' && INTEGER.test(number) && Number(number) > 0 && !seen.w && !seen.x) seen.w = true
    else if (unit === 'x' && FLOAT.test(number) && Number(number) >= 0 && !seen.w && !seen.x && !seen.h) seen.x = true
    else if (unit === 'h' && INTEGER.test(number) && Number(number) > 0 && !seen.h && !seen.x) seen.h = true
    else return false
  }
  return !seen.h || seen.w
}

describe('web platform tests of parsing a srcset', () => {
  if (!existsSync(suite)) {
    it.skip('skipped: ../shared/data/wpt-srcset.json is not here', () => {})
    return
  }
  const { cases }: { cases: readonly Case[] } = JSON.parse(readFileSync(suite, 'utf8'))

  it('has cases', () => expect(cases.length).toBeGreaterThan(30))

  it.each(cases.map(({ srcset, currentSrc }) => [srcset, currentSrc]))('%j leads to %j', (srcset, currentSrc) => {
    expect(picked(srcset)).toBe(currentSrc)
  })
})
