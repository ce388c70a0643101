import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { namedByStyle } from './crawler-css.ts'

/** What a page says of where it needs what. */
export interface PageReferences {
  /** Of the first `<base href>`. */
  readonly base: string | undefined
  /** What it loads. */
  readonly loads: readonly string[]
  /** Where it leads. */
  readonly links: readonly string[]
}

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

interface Found {
  base: string | undefined
  readonly loads: string[]
  readonly links: string[]
}

/** Read as by a visitor without scripts, so that `<noscript>` is there as well. */
export function namedByPage(html: string): PageReferences {
  const found: Found = { base: undefined, loads: [], links: [] }
  visit(parse(html, { scriptingEnabled: false }), found)
  return found
}

function visit(node: Node, found: Found): void {
  if ('tagName' in node) look(node, found)
  if ('childNodes' in node) for (const child of node.childNodes) visit(child, found)
  if ('content' in node) visit(node.content, found)
}

/** Elements and their attributes that make a browser load something. */
const LOADS: ReadonlySet<string> = new Set([
  'img src',
  'source src',
  'input src',
  'video src',
  'video poster',
  'audio src',
  'track src',
  'script src',
  'iframe src',
  'embed src',
  'object data',
  'body background',
  'image href',
  'use href',
  'feImage href',
])

const LINKS: ReadonlySet<string> = new Set(['a href', 'area href'])

function look(element: Element, found: Found): void {
  const { tagName, attrs } = element
  for (const { name, value } of attrs) {
    const place = `${tagName} ${name}`
    if (LOADS.has(place) || (place === 'link href' && isLoading(attrs))) found.loads.push(value)
    if (LINKS.has(place)) found.links.push(value)
    if (place === 'base href') found.base ??= value
    if (name === 'srcset' || name === 'imagesrcset') found.loads.push(...candidates(value))
    if (name === 'style') found.loads.push(...namedByStyle(`x{${value}}`))
  }
  if (tagName === 'style') found.loads.push(...namedByStyle(textOf(element)))
}

const LOADING = /(^|\s)(stylesheet|icon|apple-touch-icon|mask-icon|manifest|preload|prefetch|modulepreload)(\s|$)/i

function isLoading(attrs: Element['attrs']): boolean {
  return LOADING.test(attrs.find(({ name }) => name === 'rel')?.value ?? '')
}

function textOf({ childNodes }: Element): string {
  return childNodes.map((child) => ('value' in child ? child.value : '')).join('')
}

/**
 * The addresses in a `srcset`. An address may hold commas, but ends without one; descriptors may hold them in brackets.
 * https://html.spec.whatwg.org/multipage/images.html#parsing-a-srcset-attribute
 */
export function candidates(srcset: string): string[] {
  const urls: string[] = []
  let rest = srcset
  for (;;) {
    rest = rest.replace(/^[\s,]+/, '')
    const [word] = /^\S+/.exec(rest) ?? []
    if (word === undefined) return urls
    rest = rest.slice(word.length)
    const url = word.replace(/,+$/, '')
    if (url !== '') urls.push(url)
    if (url === word) rest = rest.replace(/^(?:\([^)]*\)?|[^,(])*/, '')
  }
}
