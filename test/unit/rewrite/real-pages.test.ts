import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { describe, expect, it } from 'vitest'
import { readHtml } from '../../../src/rewrite/html/reader.ts'
import { packageFiles, readPackageFile } from './packages.ts'

/** Of each attribute that is written with a value: its name, that value decoded, and where it ends, quote included. */
type Written = readonly [end: number, name: string, value: string]

const byPlace = (attributes: Written[]): Written[] => attributes.sort(([a], [b]) => a - b)

function ours(html: string): Written[] {
  const found: Written[] = []
  const nothing = (): void => {}
  readHtml(html, {
    element: ({ attributes }) => {
      for (const [, { name, quote, value }] of attributes) {
        if (value.text === '') continue
        const { end } = value.span(0, value.text.length)
        found.push([end + quote.length, name.toLowerCase(), value.text])
      }
    },
    end: nothing,
    content: nothing,
    base: nothing,
  })
  return byPlace(found)
}

function theirs(html: string): Written[] {
  const found: Written[] = []
  const visit = (node: DefaultTreeAdapterTypes.Node): void => {
    if ('attrs' in node) found.push(...elementAttributes(node))
    if ('childNodes' in node) for (const child of node.childNodes) visit(child)
    if ('content' in node) visit(node.content)
  }
  visit(parse(html, { scriptingEnabled: false, sourceCodeLocationInfo: true }))
  return byPlace(found)
}

function elementAttributes({ attrs, sourceCodeLocation }: DefaultTreeAdapterTypes.Element): Written[] {
  return attrs.flatMap(({ name, prefix, value }): Written[] => {
    const written = prefix ? `${prefix}:${name}` : name
    const place = sourceCodeLocation?.attrs?.[written]
    return place && value !== '' ? [[place.endOffset, written.toLowerCase(), value]] : []
  })
}

const pages = packageFiles('.html')

/** There are no exceptions: the two agree on all of them. */
describe('every page of the installed packages', () => {
  it('is among many, with many attributes', () => {
    expect(pages.length).toBeGreaterThan(20)
    expect(pages.flatMap((page) => ours(readPackageFile(page))).length).toBeGreaterThan(4000)
  })

  it.each(pages)('%s gives each attribute as parse5 gives it, at its place', (page) => {
    const html = readPackageFile(page)
    expect(ours(html)).toEqual(theirs(html))
  })
})
