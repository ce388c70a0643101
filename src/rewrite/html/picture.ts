import type { Edit } from '../edits.ts'
import { encodeAttribute } from '../markup/attribute.ts'
import { lazyUses } from './lazy.ts'
import type { LazyRules } from './lazy-rules.ts'
import type { Element } from './rules.ts'
import { encodeSrcsetUrl } from './srcset.ts'

/** An `<img>` with a `src`, and its places in the page, in UTF-16 code units. */
export interface ImageTag {
  /** Of its `<`. */
  readonly start: number
  /** After its `>`. */
  readonly end: number
  /** Where attributes can be inserted. */
  readonly insertAt: number
  /** Where the URL of its `src` starts: there is its reference. */
  readonly src: number
  /** The quote of its `src`; double if it has none. */
  readonly quote: '"' | "'"
  /** Its attributes, decoded; undefined where it has none of that name. */
  readonly sizes: string | undefined
  readonly width: string | undefined
  readonly height: string | undefined
  readonly style: string | undefined
  readonly loading: string | undefined
  /** Why it has to stay as it is; undefined when it may get a `<picture>`. */
  readonly left: string | undefined
}

/** One file that a browser may choose. */
export interface Candidate {
  readonly url: string
  /** In pixels. */
  readonly width: number
}

/** What is written around an image and into its tag. */
export interface Picture {
  /** For browsers that know the type, most wanted first. None: the image gets no `<picture>` around it. */
  readonly sources: readonly { readonly type: string; readonly candidates: readonly Candidate[] }[]
  /** For all others, beside `src`. May be empty. */
  readonly candidates: readonly Candidate[]
  readonly sizes: string
  /** Attributes for the tag of the image, in their order. */
  readonly attributes: readonly (readonly [name: string, value: string])[]
  /** For the tag of the picture. */
  readonly style: string | undefined
}

/** The attribute by which a page says that an image is to stay as it is: `data-lading-picture="off"`. */
const OPT_OUT = 'data-lading-picture'

/** @returns undefined for what is no image, or names no file by `src` */
export function imageTag(element: Element, inPicture: boolean, lazy: LazyRules): ImageTag | undefined {
  const { name, attributes, inSvg, start, end, insertAt } = element
  const src = name === 'img' && !inSvg ? attributes.get('src') : undefined
  if (src === undefined) return undefined
  const textOf = (attribute: string): string | undefined => attributes.get(attribute)?.value.text
  const indent = src.value.text.length - src.value.text.trimStart().length
  return {
    ...{ start, end, insertAt },
    src: src.value.span(indent, indent).start,
    quote: src.quote === "'" ? "'" : '"',
    sizes: textOf('sizes'),
    width: textOf('width'),
    height: textOf('height'),
    style: textOf('style'),
    loading: textOf('loading'),
    left: whyLeft(element, inPicture, lazy),
  }
}

function whyLeft(element: Element, inPicture: boolean, lazy: LazyRules): string | undefined {
  const { attributes } = element
  if (inPicture) return 'it stands in a <picture> already'
  if (attributes.has('srcset')) return 'it has a srcset already'
  if (attributes.get(OPT_OUT)?.value.text.trim().toLowerCase() === 'off') return `${OPT_OUT} says so`
  if (lazyUses(element, lazy).length > 0) return 'a script gives it another address later'
  return undefined
}

/** Wraps an image in a `<picture>`. Its own tag only gets attributes added after the last one. */
export function pictureEdits(image: ImageTag, picture: Picture, isXml: boolean): Edit[] {
  const { start, end, insertAt, quote } = image
  const attribute = (name: string, value: string): string =>
    ` ${name}=${quote}${encodeAttribute(value, { quote, whole: false, hadReferences: true })}${quote}`
  const set = (candidates: readonly Candidate[]): string =>
    attribute('srcset', candidates.map(({ url, width }) => `${encodeSrcsetUrl(url)} ${width}w`).join(', '))
  const sizes = attribute('sizes', picture.sizes)
  const own = picture.attributes.map(([name, value]) => attribute(name, value)).join('')
  const candidates = picture.candidates.length === 0 ? '' : set(picture.candidates)
  const ownSizes = candidates === '' || image.sizes !== undefined ? '' : sizes
  const inserted: Edit[] = [{ start: insertAt, end: insertAt, replacement: candidates + ownSizes + own }]
  if (picture.sources.length === 0) return inserted
  const close = isXml ? ' />' : '>'
  const sources = picture.sources.map(
    (source) => `<source${attribute('type', source.type)}${set(source.candidates)}${sizes}${close}`,
  )
  const style = picture.style === undefined ? '' : attribute('style', picture.style)
  return [
    { start, end: start, replacement: `<picture${style}>${sources.join('')}` },
    ...inserted,
    { start: end, end, replacement: '</picture>' },
  ]
}
