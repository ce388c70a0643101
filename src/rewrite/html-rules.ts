import type { Attribute } from './attribute.ts'
import { type LinkUse, linkUse } from './html-link.ts'
import { metaUse } from './html-meta.ts'
import type { LoadClass, ReferenceUse } from './reference.ts'

/** A start tag: its first attribute of each name, and what its surroundings decide. */
export interface Element {
  /** In lower case, but SVG's own spelling inside SVG. */
  readonly name: string
  readonly attributes: ReadonlyMap<string, Attribute>
  readonly inSvg: boolean
  /** `crossorigin` of the video or audio element around; undefined outside of one. */
  readonly mediaCors: boolean | undefined
  /** Where the last attribute ends, or the name when there is none. */
  readonly insertAt: number
}

/** One attribute that names a file. */
export interface AttributeUse {
  readonly attribute: string
  readonly syntax: 'url' | 'srcset'
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

const background = (): AttributeUse[] => [url('background', 'image', 'A')]

/** Per element, what its attributes load. */
const RULES: ReadonlyMap<string, (element: Element) => AttributeUse[]> = new Map([
  ['img', (element) => [url('src', 'image', corsClass(element)), srcset('srcset', corsClass(element))]],
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
  ['body', background],
  ['table', background],
  ['td', background],
  ['th', background],
] satisfies Array<[string, (element: Element) => AttributeUse[]]>)

const SVG_RULES: ReadonlyMap<string, readonly AttributeUse[]> = new Map([
  ['image', [url('href', 'svg-image', 'A'), url('xlink:href', 'svg-image', 'A')]],
  ['feImage', [url('href', 'svg-image', 'C'), url('xlink:href', 'svg-image', 'C')]],
  ['use', [url('href', 'svg-use', 'C'), url('xlink:href', 'svg-use', 'C')]],
])

/** What the element's attributes load; `style` and presentation attributes are CSS and not among them. */
export function attributeUses(element: Element): readonly AttributeUse[] {
  const uses = element.inSvg ? SVG_RULES.get(element.name) : undefined
  return uses ?? RULES.get(element.name)?.(element) ?? []
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

function scriptUses(element: Element): AttributeUse[] {
  const type = lower(element, 'type')
  // Data blocks: their src is not loaded.
  if (type === 'importmap' || type === 'speculationrules') return []
  return [type === 'module' ? url('src', 'module', 'B') : url('src', 'script', corsClass(element))]
}

function linkUses(element: Element): AttributeUse[] {
  const rel = lower(element, 'rel')
  const found: LinkUse | undefined = linkUse(rel.split(/\s+/), lower(element, 'as'))
  if (!found) return []
  const loadClass = found.loadClass ?? corsClass(element)
  const place = `link[rel=${rel}]`
  return [
    { ...url('href', found.use, loadClass), place },
    { ...srcset('imagesrcset', corsClass(element)), place: `${place}[imagesrcset]` },
  ]
}

function metaUses(element: Element): AttributeUse[] {
  const names = ['property', 'name', 'itemprop'].map((name) => lower(element, name)).filter((name) => name !== '')
  const found = metaUse(names)
  return found ? [{ ...url('content', 'meta', 'A'), absolute: found.absolute, place: `meta[${found.name}]` }] : []
}
