import { withLines } from '../lines.ts'
import { trimSpace } from '../white-space.ts'
import { readHtml } from './reader.ts'
import type { Element } from './rules.ts'

/** Where a page leads to by a link: navigation, which is never rewritten, but can be followed. */
export interface PageLink {
  /** As the parser hands it to the URL parser. */
  readonly url: string
  /** 1-based. */
  readonly line: number
  /** `a[href]`, `area[href]`. */
  readonly place: string
}

/** The links of a page, in its order. */
export function pageLinks(text: string): readonly PageLink[] {
  const drafts: { start: number; url: string; place: string }[] = []
  readHtml(text, {
    element: (element) => drafts.push(...linksOf(element)),
    end: () => undefined,
    content: () => undefined,
    base: () => undefined,
  })
  return withLines(text, drafts).map(({ url, line, place }) => ({ url, line, place }))
}

function linksOf({ name, attributes, inSvg }: Element): { start: number; url: string; place: string }[] {
  if (name !== 'a' && name !== 'area') return []
  const attribute = attributes.get('href') ?? (inSvg ? attributes.get('xlink:href') : undefined)
  if (attribute === undefined) return []
  const { value } = attribute
  return [
    { url: trimSpace(value.text), start: value.span(0, value.text.length).start, place: `${name}[${attribute.name}]` },
  ]
}
