import type { LoadClass, ReferenceUse } from '../reference.ts'
import type { Attributes } from './attributes.ts'
import { type LinkUse, linkUse } from './link.ts'
import { metaUse } from './meta.ts'

/** A start tag: its first attribute of each name, and what its surroundings decide. */
export interface Element {
  /** In lower case, but SVG's own spelling inside SVG. */
  readonly name: string
  readonly attributes: Attributes
  readonly inSvg: boolean
  /** `crossorigin` of the video or audio element around; undefined outside of one. */
  readonly mediaCors: boolean | undefined
  /** Where the last attribute ends, or the name when there is none. */
  readonly insertAt: number
  /** Of its `<`. */
  readonly start: number
  /** After its `>`. */
  readonly end: number
}

/** One attribute that names a file. */
export interface AttributeUse {
  readonly attribute: string
  /** `task`: the `icon-uri` of a pinned site's task. `background`: the value of the CSS property. */
  readonly syntax: 'url' | 'srcset' | 'task' | 'background'
  readonly use: ReferenceUse
  readonly loadClass: LoadClass
  readonly absolute?: boolean
  /** @default `element[attribute]` */
  readonly place?: string
}

const attributeText = (element: Element, name: string): string | undefined => element.attributes.get(name)?.value.text

/** With `crossorigin` the browser asks with CORS. */
const corsClass = ({ attributes }: Element): LoadClass => (attributes.has('crossorigin') ? 'B' : 'A')

const url = (attribute: string, use: ReferenceUse, loadClass: LoadClass): AttributeUse => ({
  attribute,
  syntax: 'url',
  use,
  loadClass,
})

const srcset = (attribute: string, loadClass: LoadClass): AttributeUse => ({
  attribute,
  syntax: 'srcset',
  use: 'image',
  loadClass,
})

const imageUses = (element: Element): AttributeUse[] => [
  url('src', 'image', corsClass(element)),
  srcset('srcset', corsClass(element)),
]

const background = ({ attributes }: Element): AttributeUse[] =>
  attributes.has('background') ? [url('background', 'image', 'A')] : []

/** Per element, what its attributes load. */
const RULES: ReadonlyMap<string, (element: Element) => AttributeUse[]> = new Map([
  ['img', imageUses],
  // The parser makes an `img` of it. https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inbody
  ['image', imageUses],
  ['source', ({ mediaCors }) => [url('src', 'media', mediaCors ? 'B' : 'A'), srcset('srcset', 'A')]],
  ['input', (element) => (lower(element, 'type') === 'image' ? [url('src', 'image', 'A')] : [])],
  ['video', (element) => [url('src', 'media', corsClass(element)), url('poster', 'image', 'A')]],
  ['audio', (element) => [url('src', 'media', corsClass(element))]],
  // Blocked on another host unless the media element carries `crossorigin`, whatever that host answers.
  ['track', ({ mediaCors }) => [url('src', 'track', mediaCors ? 'B' : 'C')]],
  ['embed', () => [url('src', 'embed', 'A')]],
  ['script', scriptUses],
  ['link', linkUses],
  ['meta', metaUses],
  ...['body', 'table', 'thead', 'tbody', 'tfoot', 'tr', 'td', 'th'].map(
    (name): [string, (element: Element) => AttributeUse[]] => [name, background],
  ),
] satisfies Array<[string, (element: Element) => AttributeUse[]]>)

const linked = (use: ReferenceUse, loadClass: LoadClass): AttributeUse[] => [
  url('href', use, loadClass),
  url('xlink:href', use, loadClass),
]

const SVG_RULES: ReadonlyMap<string, (element: Element) => AttributeUse[]> = new Map([
  ['image', (element) => linked('svg-image', corsClass(element))],
  ['feImage', () => linked('svg-image', 'C')],
  ['use', () => linked('svg-use', 'C')],
  ['script', (element) => (isModule(element) ? linked('module', 'B') : linked('script', corsClass(element)))],
] satisfies Array<[string, (element: Element) => AttributeUse[]]>)

/** What the element's attributes load; `style` and presentation attributes are CSS and not among them. */
export function attributeUses(element: Element): readonly AttributeUse[] {
  const rule = (element.inSvg ? SVG_RULES.get(element.name) : undefined) ?? RULES.get(element.name)
  return rule?.(element) ?? []
}

/** SVG's properties that may be written as attributes and name other documents. */
export const PRESENTATION_ATTRIBUTES: readonly string[] = [
  'fill',
  'stroke',
  'mask',
  'clip-path',
  'filter',
  'marker-start',
  'marker-mid',
  'marker-end',
  'cursor',
]

function lower(element: Element, name: string): string {
  return (attributeText(element, name) ?? '').trim().toLowerCase()
}

const tokens = (element: Element, name: string): string[] => lower(element, name).split(/\s+/)

const isModule = (element: Element): boolean => lower(element, 'type') === 'module'

function scriptUses(element: Element): AttributeUse[] {
  const type = lower(element, 'type')
  // Data blocks: their src is not loaded.
  if (type === 'importmap' || type === 'speculationrules') return []
  return [isModule(element) ? url('src', 'module', 'B') : url('src', 'script', corsClass(element))]
}

function linkUses(element: Element): AttributeUse[] {
  const rel = lower(element, 'rel')
  const found: LinkUse | undefined = linkUse(tokens(element, 'rel'), lower(element, 'as'))
  if (!found) return itemUses(element)
  const loadClass = found.loadClass ?? corsClass(element)
  const place = `link[rel=${rel}]`
  return [
    { ...url('href', found.use, loadClass), absolute: found.absolute ?? false, place },
    { ...srcset('imagesrcset', corsClass(element)), place: `${place}[imagesrcset]` },
  ]
}

function itemUses(element: Element): AttributeUse[] {
  const found = metaUse([], tokens(element, 'itemprop'))
  return found ? [{ ...url('href', 'meta', 'A'), place: `link[itemprop=${found.name}]` }] : []
}

function metaUses(element: Element): AttributeUse[] {
  const found = metaUse([lower(element, 'property'), lower(element, 'name')], tokens(element, 'itemprop'))
  if (!found) return []
  const { absolute, name } = found
  return [{ ...url('content', 'meta', 'A'), syntax: found.isTask ? 'task' : 'url', absolute, place: `meta[${name}]` }]
}
