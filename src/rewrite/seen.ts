import { cssUrls } from './css/css.ts'
import { isInlineScript } from './html/block.ts'
import { htmlReferences } from './html/html.ts'
import { readHtml } from './html/reader.ts'
import { withLines } from './lines.ts'
import type { MappedText } from './markup/mapped-text.ts'
import { moduleReferences } from './script/module.ts'
import { scriptStrings } from './script/strings.ts'

/**
 * A possible address in a string of a script: the whole string, or a reference in CSS or HTML inside it. What the
 * script does with it is unknown, so it is only reported, never edited.
 */
export interface SeenAddress {
  readonly url: string
  /** Where the content of the string starts, in UTF-16 code units. */
  readonly start: number
  /** 1-based. */
  readonly line: number
}

/** Looks into the strings of a script. Names without a folder do not count: they may be anything. */
export function seenInScript(text: string): SeenAddress[] {
  return withLines(
    text,
    addresses(text).filter(({ url }) => url.includes('/')),
  )
}

/** Looks into a page's inline scripts and event handlers. */
export function seenInPage(text: string): { readonly addresses: SeenAddress[]; readonly base: string | undefined } {
  const found: Found[] = []
  let base: string | undefined
  const look = (code: MappedText): void => {
    const placed = addresses(code.text).map(({ url, start }) => ({ url, start: code.span(start, start + 1).start }))
    found.push(...placed)
  }
  readHtml(text, {
    element: ({ attributes }) => {
      for (const [name, { value }] of attributes) if (HANDLER.test(name)) look(value)
    },
    end: () => {},
    content: (element, content) => {
      if (isInlineScript(element)) look(content)
    },
    base: (href) => {
      base = href
    },
  })
  return { addresses: withLines(text, found), base }
}

const HANDLER = /^on[a-z]+$/

type Found = Omit<SeenAddress, 'line'>

/** Something with an extension, in one line. */
const ADDRESS = /^[^\n?#]{1,1000}\.[a-z\d]{1,10}(?:[?#][^\n]*)?$/i

/** Without literal imports, which are ordinary references. */
function addresses(code: string): Found[] {
  const strings = scriptStrings(code).filter(({ value }) => value.includes('.'))
  if (strings.length === 0) return []
  const imports = new Set(moduleReferences(code).references.map(({ start }) => start))
  return strings
    .filter(({ start }) => !imports.has(start))
    .flatMap(({ value, start }) => named(value).map((url) => ({ url, start })))
    .filter(({ url }) => ADDRESS.test(url))
}

function named(value: string): readonly string[] {
  if (value.includes('<')) return htmlReferences(value).references.map(({ url }) => url)
  // declarations and rules are read as well as a bare value
  if (/\b(?:url|image-set)\(/i.test(value)) return cssUrls(value, { property: 'background' }).map(({ url }) => url)
  return [value.trim()]
}
