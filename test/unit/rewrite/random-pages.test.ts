import { describe, expect, it } from 'vitest'
import { htmlReferences, rewriteDocument } from '../../../src/rewrite/index.ts'
import { randomPage } from './random-page.ts'
import type { Part, Slot } from './random-spelling.ts'

const SEED = process.env.LADING_PAGES_SEED ?? 'a page'
const seeds = Array.from({ length: 300 }, (_, index) => `${SEED} ${index}`)

const isSlot = (part: Part): part is Slot => typeof part !== 'string'

/** The slots with their places. */
function placed(parts: readonly Part[]): Array<Slot & { readonly start: number }> {
  let at = 0
  return parts.flatMap((part) => {
    const start = at
    at += isSlot(part) ? part.raw.length : part.length
    return isSlot(part) ? [{ ...part, start }] : []
  })
}

/** Quotes that an address without any may get, however deep it stands. */
const QUOTE = '(?:"|&(?:amp;)*(?:quot|#34);)'
const unquoted = (text: string): string => text.replace(new RegExp(`^${QUOTE}|${QUOTE}$`, 'g'), '')

describe('pages made at random', () => {
  it('hold many addresses', () => {
    const counts = seeds.map((seed) => placed(randomPage(seed).parts).length)
    expect(Math.min(...counts)).toBeGreaterThan(5)
  })

  it.each(seeds)('%s: every address is found where it stands, and no other', (seed) => {
    const { parts, text } = randomPage(seed)
    const found = htmlReferences(text).references.map(({ url, start, end }) => ({
      url,
      start,
      raw: text.slice(start, end),
    }))
    expect(found).toEqual(placed(parts).map(({ url, start, raw }) => ({ url, start, raw })))
  })

  it.each(seeds)('%s: only the addresses change, each to what was asked, and never twice', (seed) => {
    const { text } = randomPage(seed)
    const before = htmlReferences(text)
    const wanted = before.references.map((_, index) =>
      `https://cdn.example/${index}'"(é)<&amp;>.png?a&b=c#d`.replace(/[<>]/g, ''),
    )
    let next = 0
    const once = rewriteDocument(text, before, () => wanted[next++])
    const after = htmlReferences(once.text)
    expect(after.references.map(({ url }) => url.replaceAll('%20', ' '))).toEqual(wanted)
    const around = (whole: string, { references }: typeof after): string[] =>
      [0, ...references.flatMap(({ start, end }) => [start, end]), whole.length].flatMap((cut, index, cuts) =>
        index % 2 === 0 ? [unquoted(whole.slice(cut, cuts[index + 1]))] : [],
      )
    expect(around(once.text, after)).toEqual(around(text, before))
    next = 0
    expect(rewriteDocument(once.text, after, () => wanted[next++])).toEqual({ text: once.text, edits: 0 })
  })
})
