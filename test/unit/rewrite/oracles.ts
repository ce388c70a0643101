import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import postcss from 'postcss'

/** Independent readings of documents, by parse5 and postcss, to hold our scanners against. */

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

/** An attribute as parse5 sees it, with the span of `name="value"`. */
export interface OracleAttribute {
  readonly tag: string
  readonly name: string
  readonly value: string
  readonly start: number
  readonly end: number
}

/** Attributes that hold one URL on these elements. */
const PLAIN: Readonly<Record<string, readonly string[]>> = {
  img: ['src'],
  source: ['src'],
  video: ['src', 'poster'],
  audio: ['src'],
  track: ['src'],
  embed: ['src'],
  script: ['src'],
}

const REL =
  /(?:^|\s)(?:stylesheet|icon|apple-touch-icon|apple-touch-icon-precomposed|apple-touch-startup-image|mask-icon|manifest)(?:\s|$)/i
const META = /^(?:og:image|og:image:url|og:image:secure_url|twitter:image|msapplication-TileImage)$/i

/** Read by scripts, on any element. */
const LAZY = /^data-(?:src|lazy|lazy-src|original|bg|background|background-image|poster)$/
const FRAMES: ReadonlySet<string> = new Set(['iframe', 'frame', 'object', 'embed'])

export function parse5Attributes(html: string): OracleAttribute[] {
  const found: OracleAttribute[] = []
  const visit = (node: Node): void => {
    if ('attrs' in node) found.push(...elementAttributes(node))
    if ('childNodes' in node) for (const child of node.childNodes) visit(child)
    if ('content' in node) visit(node.content)
  }
  visit(parse(html, { scriptingEnabled: false, sourceCodeLocationInfo: true }))
  return found.sort((a, b) => a.start - b.start)
}

function elementAttributes(element: Element): OracleAttribute[] {
  const attribute = (name: string): string | undefined => element.attrs.find((attr) => attr.name === name)?.value
  const covered = new Set(PLAIN[element.tagName] ?? [])
  if (element.tagName === 'link' && REL.test(attribute('rel') ?? '')) covered.add('href')
  if (element.tagName === 'meta' && META.test(attribute('property') ?? attribute('name') ?? '')) covered.add('content')
  if (element.tagName === 'input' && attribute('type') === 'image') covered.add('src')
  return element.attrs.flatMap(({ name, value }) => {
    const place = element.sourceCodeLocation?.attrs?.[name]
    const isLazy = LAZY.test(name) && !FRAMES.has(element.tagName)
    if (!(covered.has(name) || isLazy) || !place || value.trim() === '') return []
    return [{ tag: element.tagName, name, value: value.trim(), start: place.startOffset, end: place.endOffset }]
  })
}

/** The value of the first attribute of this name in the document, as parse5 decodes it. */
export function parse5Value(html: string, name: string): string | undefined {
  let value: string | undefined
  const visit = (node: Node): void => {
    if ('attrs' in node) value ??= node.attrs.find((attr) => attr.name === name)?.value
    if ('childNodes' in node) for (const child of node.childNodes) visit(child)
  }
  visit(parse(html, { scriptingEnabled: false }))
  return value
}

/** `url(...)`, quoted or not. */
const URL_FUNCTION = /url\(\s*(?:"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|([^)"']*?))\s*\)/gi

/** The URLs of a sheet in order, as postcss's declarations and at-rules hold them. */
export function postcssUrls(css: string): string[] {
  const urls: string[] = []
  const collect = (text: string): void => {
    for (const [, double, single, bare] of text.matchAll(URL_FUNCTION)) {
      const url = (double ?? single ?? bare ?? '').replace(/\\([^0-9a-f\n])/gi, '$1').trim()
      if (url !== '') urls.push(url)
    }
  }
  postcss.parse(css).walk((node) => {
    if (node.type === 'decl') collect(node.value)
    if (node.type !== 'atrule' || node.name !== 'import') return
    const quoted = /^(?:"([^"]*)"|'([^']*)')/.exec(node.params)
    if (quoted) urls.push(quoted[1] ?? quoted[2] ?? '')
    else collect(node.params)
  })
  return urls
}
