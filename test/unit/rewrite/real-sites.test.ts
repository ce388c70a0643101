import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  cssReferences,
  type Decide,
  type DocumentReferences,
  htmlReferences,
  type Rewritten,
  rewriteDocument,
} from '../../../src/rewrite/index.ts'
import { parse5Attributes, postcssUrls } from './oracles.ts'

const modules = resolve(import.meta.dirname, '../../../node_modules')

function filesOf(folder: string, extension: string): string[] {
  return readdirSync(join(modules, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension) && !/(?:^|\/)(?:node_modules|scss)\//.test(name))
    .map((name) => join(folder, name))
}

const SITES = ['startbootstrap-agency/dist', 'startbootstrap-sb-admin-2', 'html5-boilerplate/dist', 'reveal.js']
const pages = SITES.flatMap((site) => filesOf(site, '.html'))
const sheets = SITES.flatMap((site) => filesOf(site, '.css'))
const read = (file: string): string => readFileSync(join(modules, file), 'utf8')

/** The text between the references: what no rewriting may change. */
function around(text: string, { references }: DocumentReferences): string[] {
  const cuts = [0, ...references.flatMap(({ start, end }) => [start, end]), text.length]
  return cuts.filter((_, index) => index % 2 === 0).map((cut, index) => text.slice(cut, cuts[2 * index + 1]))
}

/** Moves every reference to an address of its own, and checks what rewriting promises. */
function expectExactRewriting(text: string, scan: (text: string) => DocumentReferences): void {
  const before = scan(text)
  let count = 0
  const move: Decide = () => {
    count += 1
    return `https://cdn.example.com/a/${count}.bin?x=(1)&y`
  }
  const moved: Rewritten = rewriteDocument(text, before, move)
  const after = scan(moved.text)
  expect(moved.edits).toBe(before.references.length)
  expect(after.references.map(({ url }) => url)).toEqual(
    before.references.map((_, index) => `https://cdn.example.com/a/${index + 1}.bin?x=(1)&y`),
  )
  expect(after.references.map(({ use, place }) => [use, place])).toEqual(
    before.references.map(({ use, place }) => [use, place]),
  )
  const unquoted = (pieces: readonly string[]): string[] => pieces.map((piece) => piece.replace(/^"|"$/g, ''))
  expect(unquoted(around(moved.text, after))).toEqual(unquoted(around(text, before)))
  const second = rewriteDocument(moved.text, after, ({ url }) => url)
  expect(second).toEqual({ text: moved.text, edits: 0 })
}

describe('pages of real sites', () => {
  it('are there', () => expect(pages.length).toBeGreaterThan(15))

  it.each(pages)('%s changes only inside the edited values', (page) => expectExactRewriting(read(page), htmlReferences))

  it.each(pages)('%s gives the attributes that parse5 gives', (page) => {
    const html = read(page)
    const { references } = htmlReferences(html)
    const ours = references
      .filter(({ place }) => !/^<style>|\[style\]|srcset/.test(place))
      .map(({ start, url }) => ({ start, url }))
    const theirs = parse5Attributes(html)
    expect(ours.map(({ url }) => url)).toEqual(theirs.map(({ value }) => value))
    for (const [index, { start, end }] of theirs.entries()) {
      expect(ours[index]?.start).toBeGreaterThan(start)
      expect(ours[index]?.start).toBeLessThan(end)
    }
  })
})

describe('style sheets of real sites', () => {
  const scan = (css: string): DocumentReferences => cssReferences(css, { context: 'sheet' })

  it('are there, with references', () => {
    expect(sheets.length).toBeGreaterThan(15)
    expect(sheets.flatMap((sheet) => scan(read(sheet)).references).length).toBeGreaterThan(50)
  })

  it.each(sheets)('%s changes only inside the edited values', (sheet) => expectExactRewriting(read(sheet), scan))

  it.each(sheets)('%s gives the URLs that postcss gives', (sheet) => {
    const css = read(sheet)
    const { references } = scan(css)
    expect(references.map(({ url }) => url)).toEqual(postcssUrls(css))
  })
})
