import type { Receipt, Variant } from '../../images/plan/receipt.ts'
import { allowsStyleAttributes } from '../../policy/csp.ts'
import type { Candidate, ImageTag, Picture } from '../../rewrite/html/picture.ts'
import { urlOfKey } from '../../rewrite/url.ts'
import type { Digest, Key, SitePath } from '../../words/model.ts'
import { factsOf, type LayoutWork } from '../layout-work.ts'

/** How images of pages become pictures, and of what. */
export interface PictureRules {
  /** By the digest of the source: names of files do not tell what was rendered. */
  readonly receipts: ReadonlyMap<Digest, Receipt>
  /** Digests of the sources by the path they had when they were rendered. */
  readonly paths: ReadonlyMap<SitePath, Digest>
  /** For images whose tag says none. @default by the image's width */
  readonly sizes: string | undefined
  readonly placeholder: 'colour' | false
  /** Adds `width` and `height` where both are absent. */
  readonly dimensions: boolean
  /** Of the headers that the host sends with a page. */
  policiesFor(page: SitePath): readonly string[]
}

/** The picture for an image and a description of it, or why it gets none. */
export interface PictureDecision {
  readonly picture: Picture | undefined
  /** All that it names. */
  readonly variants: readonly Key[]
  readonly why: string
}

interface Shown {
  readonly page: SitePath
  /** The file that the image's `src` names. */
  readonly target: SitePath
  /** Of the page's own `<meta>`. */
  readonly policies: readonly string[]
}

const no = (why: string): PictureDecision => ({ picture: undefined, variants: [], why })

export function pictureFor(work: LayoutWork, image: ImageTag, shown: Shown): PictureDecision {
  const { pictures } = work.input
  if (pictures === undefined) return no('no pictures are asked for')
  const receipt = pictures.receipts.get(factsOf(work, shown.target).sha256)
  if (receipt === undefined)
    return no(pictures.paths.has(shown.target) ? CHANGED : 'the image manifest does not know it')
  if (image.left !== undefined) return no(image.left)
  const formats = byFormat(receipt.variants)
  if (formats.size === 0) return no('the original serves best')
  const policies = [...shown.policies, ...pictures.policiesFor(shown.page)]
  const isStyled = policies.every(allowsStyleAttributes)
  const placeholder = placeholderOf(receipt, image, { pictures, isStyled })
  const dimensions = dimensionsOf(receipt, image, pictures)
  const candidates = (variants: readonly Variant[]): Candidate[] =>
    variants.map(({ key, width }) => ({ url: urlOfKey(work.input.url, key), width }))
  const typed = [...formats].filter(([format]) => format !== 'jpeg')
  const picture: Picture = {
    sources: typed.map(([format, variants]) => ({ type: `image/${format}`, candidates: candidates(variants) })),
    candidates: candidates(formats.get('jpeg') ?? []),
    sizes: image.sizes ?? pictures.sizes ?? sizesOf(receipt, image, dimensions),
    attributes: [...dimensions, ...placeholder.attributes],
    style: isStyled ? 'display:contents' : undefined,
  }
  const widths = [...formats].map(([format, variants]) => `${format} ${variants.map(({ width }) => width).join(' ')}`)
  const keys = receipt.variants.map(({ key }) => key)
  return { picture, variants: keys, why: [widths.join(', '), ...placeholder.why].join('; ') }
}

const CHANGED = 'it has changed since its variants were rendered'

/** In the order of the receipt, preferred first. */
function byFormat(variants: readonly Variant[]): Map<Variant['format'], Variant[]> {
  const formats = new Map<Variant['format'], Variant[]>()
  for (const variant of variants) formats.set(variant.format, [...(formats.get(variant.format) ?? []), variant])
  return formats
}

/**
 * As wide as the window, but no wider than the image: without CSS an image is displayed as wide as `sizes` says. For a
 * lazily loaded image the browser may use its layout width instead (`auto`).
 */
function sizesOf({ src }: Receipt, { loading, width, height }: ImageTag, added: Attributes): string {
  const guess = `(max-width: ${src.width}px) 100vw, ${src.width}px`
  // without both, `auto` lays an image out as 3000 by 1500. https://html.spec.whatwg.org/multipage/rendering.html#img-contain-size
  const isSized = added.length > 0 || (width !== undefined && height !== undefined)
  return isSized && loading?.trim().toLowerCase() === 'lazy' ? `auto, ${guess}` : guess
}

type Attributes = Picture['attributes']

/** None if the page sets either of them, by attribute or `style`. */
function dimensionsOf({ src }: Receipt, image: ImageTag, { dimensions }: PictureRules): Attributes {
  const { width, height, style = '' } = image
  const isSaid =
    width !== undefined || height !== undefined || /\b(?:width|height|inline-size|block-size)\b/i.test(style)
  if (!dimensions || isSaid) return []
  return [
    ['width', String(src.width)],
    ['height', String(src.height)],
  ]
}

interface PlaceholderRules {
  readonly pictures: PictureRules
  readonly isStyled: boolean
}

function placeholderOf(
  { colour, thumbhash }: Receipt,
  { style }: ImageTag,
  { pictures, isStyled }: PlaceholderRules,
): { readonly attributes: Attributes; readonly why: readonly string[] } {
  const without = (why: string) => ({ attributes: [], why: [`no colour before it loads: ${why}`] })
  if (pictures.placeholder === false) return { attributes: [], why: [] }
  if (!isStyled) return without('a content security policy forbids style attributes')
  if (style !== undefined) return without('it has a style of its own')
  if (!/^#[0-9a-f]{6}$/.test(colour)) return without('none is known')
  if (hasAlpha(thumbhash)) return without('it would shine through the image')
  return { attributes: [['style', `background-color:${colour}`]], why: [] }
}

/** A ThumbHash says in its 24th bit whether the image is transparent anywhere. https://evanw.github.io/thumbhash/ */
const hasAlpha = (thumbhash: string): boolean => ((Buffer.from(thumbhash, 'base64')[2] ?? 0) & 0x80) !== 0

/** Everything that a picture of this file depends on, serialized. */
export function pictureOutcome(work: LayoutWork, path: SitePath): string {
  const { pictures } = work.input
  if (pictures === undefined || !work.files.has(path)) return ''
  const receipt = pictures.receipts.get(factsOf(work, path).sha256)
  if (receipt === undefined) return String(pictures.paths.has(path))
  const { src, variants, thumbhash, colour } = receipt
  return JSON.stringify([src.width, src.height, variants, thumbhash, colour])
}
