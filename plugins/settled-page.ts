import type { Addresses } from './placement.ts'
import { isStoredUrl, type StoreView } from './settled-sheet.ts'

/** Markup as bundlers write it: attribute values and comments contain no `<` or `>`, so none can hide a tag. */
const MARKUP =
  /<(?:!(?:doctype|DOCTYPE) html|!--[^<>]*--|\/[a-z][a-z0-9-]*|([a-z][a-z0-9-]*)((?:\s+[a-z:-]+(?:="[^"<>]*")?)*)\s*\/?)>/y

const ATTRIBUTE = /([a-z:-]+)(?:="([^"]*)")?/g

/** Attributes that load no file, on any element. */
const HARMLESS: ReadonlySet<string> = new Set(
  (
    'alt as async charset class content crossorigin decoding defer dir fetchpriority for height hidden id integrity ' +
    'lang loading media name nomodule property rel role sizes tabindex target title type width'
  ).split(' '),
)

/** `<meta>` names whose content is text, not a URL. */
const IN_WORDS =
  /^(?:author|color-scheme|description|generator|keywords|referrer|robots|theme-color|viewport|og:(?:description|locale|site_name|title|type)|twitter:(?:card|creator|description|site|title))$/

/** `rel` values of links whose files load from another host that allows it. */
const LINK = /^(?:apple-touch-icon|icon|modulepreload|stylesheet)$/

/** The attribute with the URL that an element loads. */
const LOADS: ReadonlyMap<string, string> = new Map([
  ['img', 'src'],
  ['link', 'href'],
  ['script', 'src'],
])

/**
 * Whether a page loads only what `store` has, by its addresses there. A fast check without a parser, true for most
 * pages of bundlers. False is inconclusive: then the page has to be parsed.
 */
export function isSettledPage(html: string, store: StoreView, { lazyAttributes }: LazyNames): boolean {
  // Any attribute may be one of these.
  if (lazyAttributes.length > 0) return false
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', at)) {
    MARKUP.lastIndex = at
    const [markup, element, attributes = ''] = MARKUP.exec(html) ?? []
    if (markup === undefined) return false
    at += markup.length
    if (element === undefined) continue
    // Their content is CSS or JavaScript, with references of its own.
    if (element === 'style' || (element === 'script' && !html.startsWith('</script>', at))) return false
    if (!isSettledTag(element, attributes, store)) return false
  }
  return true
}

type LazyNames = Pick<Addresses, 'lazyAttributes'>

function isSettledTag(element: string, attributes: string, store: StoreView): boolean {
  for (const [, name = '', value = ''] of attributes.matchAll(ATTRIBUTE)) {
    const isSettled =
      LOADS.get(element) === name
        ? isStoredUrl(value, store, loadsCode(element, attributes))
        : loadsNothing({ element, name, value })
    if (!isSettled) return false
  }
  return true
}

function loadsCode(element: string, attributes: string): boolean {
  return element === 'script' || (element === 'link' && !/\srel="(?:apple-touch-)?icon"/.test(attributes))
}

interface Attribute {
  readonly element: string
  readonly name: string
  readonly value: string
}

function loadsNothing({ element, name, value }: Attribute): boolean {
  if (element === 'link' && name === 'rel') return LINK.test(value)
  if (element === 'meta' && (name === 'name' || name === 'property')) return IN_WORDS.test(value)
  return HARMLESS.has(name) || (element === 'a' && name === 'href')
}
