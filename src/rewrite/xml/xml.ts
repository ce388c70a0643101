import { type HtmlOptions, htmlReferences } from '../html/html.ts'
import { type Draft, withLines } from '../lines.ts'
import { encodeAttribute } from '../markup/attribute.ts'
import type { DocumentReferences, Reference } from '../reference.ts'
import { trimSpace } from '../white-space.ts'
import { within } from '../within.ts'
import { readXml, type XmlElement, type XmlName } from './reader.ts'

/** The pictures that a `browserconfig.xml` names. A text of another kind names none. */
export function browserConfigReferences(text: string): DocumentReferences {
  const drafts: Draft[] = []
  readXml(text, (element) => {
    if (rootOf(element) !== 'browserconfig' || !TILE.test(element.local)) return
    drafts.push(...attributeDrafts(element, 'src').map((draft) => ({ ...draft, absolute: false })))
  })
  return { references: withLines(text, drafts), base: undefined }
}

/** Not `polling-uri`, which is a document and asked for at the site. */
const TILE = /^(?:(?:square|wide)\d+x\d+logo|TileImage)$/

/**
 * The pictures, sounds and films that a sitemap, an RSS or an Atom feed names, and what the HTML loads that it carries.
 * Readers fetch them from anywhere, so they are written absolute. Pages and names (`loc`, `link`, `guid`, `id`) are
 * never among them. A text of another kind names none.
 */
export function feedReferences(text: string, options: HtmlOptions = {}): DocumentReferences {
  const drafts: Draft[] = []
  readXml(text, (element) => {
    const rule = KINDS.get(rootOf(element))?.find(({ path }) => path === pathOf(element, path.includes('/')))
    if (rule !== undefined) drafts.push(...rule.read(element, options))
  })
  return { references: withLines(text, drafts), base: undefined }
}

interface Rule {
  /** The element's name, or its parent's and its own. `*:` is any prefix. */
  readonly path: string
  readonly read: (element: XmlElement, options: HtmlOptions) => Draft[]
}

const attribute = (path: string, name: string): Rule => ({ path, read: (element) => attributeDrafts(element, name) })
const content = (path: string): Rule => ({ path, read: textDrafts })
const html = (path: string): Rule => ({ path, read: htmlDrafts })
/** A text of Atom, which is plain unless its `type` says otherwise. */
const typedHtml = (path: string): Rule => ({
  path,
  read: (element, options) =>
    element.attributes.get('type')?.value.text === 'html' ? htmlDrafts(element, options) : [],
})

/** https://www.rssboard.org/media-rss, and the pictures of podcasts. */
const MEDIA: readonly Rule[] = [
  attribute('*:content', 'url'),
  attribute('*:thumbnail', 'url'),
  attribute('*:image', 'href'),
]

const RSS: readonly Rule[] = [
  attribute('enclosure', 'url'),
  content('image/url'),
  html('description'),
  html('*:encoded'),
  ...MEDIA,
]

/** By the name of the root element. */
const KINDS: ReadonlyMap<string, readonly Rule[]> = new Map([
  ['urlset', [content('*:image/*:loc'), content('*:video/*:thumbnail_loc')]],
  ['rss', RSS],
  ['RDF', RSS],
  ['feed', [content('feed/icon'), content('feed/logo'), typedHtml('content'), typedHtml('summary'), ...MEDIA]],
])

const rootOf = ({ parents, local }: XmlElement): string => parents[0]?.local ?? local

const written = ({ prefix, local }: XmlName): string => (prefix === '' ? local : `*:${local}`)

function pathOf(element: XmlElement, withParent: boolean): string {
  const parent = element.parents.at(-1)
  return withParent && parent ? `${written(parent)}/${written(element)}` : written(element)
}

const common = { use: 'feed', loadClass: 'A', absolute: true, integrity: false } as const satisfies Partial<Reference>

const nameOf = ({ prefix, local }: XmlName): string => (prefix === '' ? local : `${prefix}:${local}`)

function attributeDrafts(element: XmlElement, name: string): Draft[] {
  const found = element.attributes.get(name)
  const url = trimSpace(found?.value.text ?? '')
  if (found === undefined || url === '') return []
  const { quote, value } = found
  const start = value.text.indexOf(url)
  const encode = (text: string): string =>
    encodeAttribute(text, { quote, whole: true, hadReferences: true }).replaceAll('<', '&lt;')
  return [{ ...common, ...value.span(start, start + url.length), url, place: `${nameOf(element)}[${name}]`, encode }]
}

function textDrafts(element: XmlElement): Draft[] {
  const url = trimSpace(element.text.text)
  const start = element.text.text.indexOf(url)
  const draft: Draft = {
    ...common,
    start,
    end: start + url.length,
    url,
    place: nameOf(element),
    encode: (text) => text,
  }
  return url === '' ? [] : placed(element, draft)
}

function htmlDrafts(element: XmlElement, options: HtmlOptions): Draft[] {
  const { references, base } = htmlReferences(element.text.text, options)
  return references.flatMap((reference) =>
    placed(element, {
      ...reference,
      base: reference.base ?? base,
      absolute: true,
      tag: undefined,
      frozen: undefined,
      place: `${nameOf(element)} ${reference.place}`,
    }),
  )
}

/** In the text of an element: escaped, or, in a `CDATA` section, without the `>` that could end it. */
function placed(element: XmlElement, draft: Draft): Draft[] {
  const outer = within(element.text, draft, escapeText)
  const isLiteral = element.isLiteral(outer.start)
  if (isLiteral !== element.isLiteral(outer.end - 1)) return []
  return [isLiteral ? { ...outer, encode: (url) => draft.encode(url.replaceAll('>', '%3E')) } : outer]
}

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
