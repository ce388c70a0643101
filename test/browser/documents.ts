import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import postcss from 'postcss'

/**
 * A second reading of pages and style sheets, with parsers that the product does not use: what they name, and what
 * is left of them when every name of an asset is blanked out.
 */
export type Kind = 'image' | 'icon' | 'stylesheet' | 'script' | 'module' | 'manifest' | 'media' | 'font' | 'navigation'

export interface Named {
  readonly kind: Kind
  /** As written, entities decoded. */
  readonly url: string
  /** `img[src]` */
  readonly place: string
}

interface Span {
  readonly start: number
  readonly end: number
  readonly text: string
}

interface Reading {
  readonly named: readonly Named[]
  readonly spans: readonly Span[]
}

type Element = DefaultTreeAdapterTypes.Element
type ParentNode = DefaultTreeAdapterTypes.ParentNode

const IMAGE_META = /^(og:image|og:image:url|og:image:secure_url|twitter:image|twitter:image:src)$/
const ICON_REL = /\b(icon|apple-touch-icon|apple-touch-icon-precomposed|mask-icon)\b/i

/** What a page names, in order. */
export function namedByPage(html: string): readonly Named[] {
  return readPage(html).named
}

/** A page with every asset's address blanked out. Two pages that differ only in those give the same text. */
export function withoutAddresses(html: string): string {
  return blank(html, readPage(html).spans)
}

/** What a style sheet names, in order. */
export function namedByStyle(css: string): readonly Named[] {
  const named: Named[] = []
  postcss.parse(css).walk((node) => {
    if (node.type === 'atrule' && node.name.toLowerCase() === 'import') {
      named.push({ kind: 'stylesheet', url: importedBy(node.params), place: '@import' })
    }
    if (node.type !== 'decl') return
    const inFont = node.parent?.type === 'atrule' && 'name' in node.parent && node.parent.name === 'font-face'
    for (const url of urlsOf(node.value)) named.push({ kind: inFont ? 'font' : 'image', url, place: node.prop })
  })
  return named
}

/** A style sheet with every `url()` and imported name blanked out. */
export function styleWithoutAddresses(css: string): string {
  return css
    .replace(/url\(\s*("[^"]*"|'[^']*'|[^)]*)\s*\)/gi, 'url()')
    .replace(/@import\s+("[^"]*"|'[^']*')/gi, '@import')
}

/** The image addresses of a web app manifest, and the manifest without them. */
export function readManifest(json: string): { readonly icons: readonly string[]; readonly rest: unknown } {
  const icons: string[] = []
  const rest: unknown = JSON.parse(json, (key, value: unknown) => {
    if (key !== 'src' || typeof value !== 'string') return value
    icons.push(value)
    return ''
  })
  return { icons, rest }
}

function readPage(html: string): Reading {
  const named: Named[] = []
  const spans: Span[] = []
  for (const element of elementsOf(parse(html, { sourceCodeLocationInfo: true, scriptingEnabled: false }))) {
    readElement(element, html, { named, spans })
  }
  return { named, spans }
}

function readElement(element: Element, html: string, found: { named: Named[]; spans: Span[] }): void {
  for (const { name, value } of element.attrs) {
    const location = element.sourceCodeLocation?.attrs?.[name]
    if (location === undefined) continue
    const place = `${element.tagName}[${name}]`
    const raw = html.slice(location.startOffset, location.endOffset)
    const span = (text: string): number =>
      found.spans.push({ start: location.startOffset, end: location.endOffset, text })
    if (name === 'style') {
      found.named.push(...namedByStyle(`x{${value}}`).map((style) => ({ ...style, place })))
      span(styleWithoutAddresses(raw))
    } else if (/srcset$/.test(name)) {
      found.named.push(...candidates(value).map((url): Named => ({ kind: 'image', url, place })))
      span(`${name}=${value.replace(CANDIDATE, '$1')}`)
    } else {
      const kind = kindOf(element, name)
      if (kind === undefined) continue
      found.named.push({ kind, url: value, place })
      if (kind !== 'navigation') span(name)
    }
  }
  if (element.tagName === 'style') readInlineStyle(element, html, found)
}

function readInlineStyle(element: Element, html: string, found: { named: Named[]; spans: Span[] }): void {
  for (const child of element.childNodes) {
    const location = child.sourceCodeLocation
    if (!location) continue
    const css = html.slice(location.startOffset, location.endOffset)
    found.named.push(...namedByStyle(css).map((style) => ({ ...style, place: 'style' })))
    found.spans.push({ start: location.startOffset, end: location.endOffset, text: styleWithoutAddresses(css) })
  }
}

const BY_ATTRIBUTE: Readonly<Record<string, Kind>> = {
  'img[src]': 'image',
  'input[src]': 'image',
  'image[href]': 'image',
  'video[poster]': 'image',
  'video[src]': 'media',
  'audio[src]': 'media',
  'source[src]': 'media',
  'track[src]': 'media',
  'embed[src]': 'media',
  'a[href]': 'navigation',
  'form[action]': 'navigation',
  'iframe[src]': 'navigation',
}

function kindOf(element: Element, name: string): Kind | undefined {
  const place = `${element.tagName}[${name}]`
  if (place === 'script[src]') return attribute(element, 'type') === 'module' ? 'module' : 'script'
  if (place === 'link[href]') return kindOfLink(attribute(element, 'rel') ?? '', attribute(element, 'as'))
  if (place === 'meta[content]') {
    return IMAGE_META.test(attribute(element, 'property') ?? attribute(element, 'name') ?? '') ? 'image' : undefined
  }
  return BY_ATTRIBUTE[place]
}

function kindOfLink(rel: string, as: string | undefined): Kind {
  if (/\bstylesheet\b/i.test(rel)) return 'stylesheet'
  if (ICON_REL.test(rel)) return 'icon'
  if (/\bmanifest\b/i.test(rel)) return 'manifest'
  if (/\bmodulepreload\b/i.test(rel)) return 'module'
  if (/\bpreload\b/i.test(rel)) return as === 'font' ? 'font' : as === 'image' ? 'image' : 'script'
  return 'navigation'
}

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((candidate) => candidate.name === name)?.value
}

function* elementsOf(node: ParentNode): Generator<Element> {
  for (const child of node.childNodes) {
    if (!('tagName' in child)) continue
    yield child
    yield* elementsOf(child)
    if ('content' in child) yield* elementsOf(child.content)
  }
}

/** An image candidate's address, which ends at white space; the sites' own have no comma in them. */
const CANDIDATE = /((?:^|,)\s*)[^\s,]+/g

function candidates(srcset: string): readonly string[] {
  return [...srcset.matchAll(CANDIDATE)].map(([whole, before = '']) => whole.slice(before.length))
}

function urlsOf(value: string): readonly string[] {
  return [...value.matchAll(/url\(\s*(?:"([^"]*)"|'([^']*)'|([^)]*?))\s*\)/gi)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  )
}

function importedBy(params: string): string {
  return urlsOf(params)[0] ?? params.replace(/^\s*["']([^"']*)["'].*$/s, '$1')
}

function blank(text: string, spans: readonly Span[]): string {
  let rest = ''
  let from = 0
  for (const { start, end, text: instead } of [...spans].sort((a, b) => a.start - b.start)) {
    rest += text.slice(from, start) + instead
    from = end
  }
  return rest + text.slice(from)
}
