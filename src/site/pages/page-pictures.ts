import type { Edit } from '../../rewrite/edits.ts'
import { type ImageTag, type Picture, pictureEdits } from '../../rewrite/html/picture.ts'
import type { DocumentReferences, Reference } from '../../rewrite/reference.ts'
import type { Key, SitePath } from '../../words/model.ts'
import { factsOf, type LayoutWork } from '../layout-work.ts'
import type { Decision } from './page-decision.ts'
import { type PictureDecision, pictureFor } from './pictures.ts'

/** What pictures add to a page. */
export interface PagePictures {
  readonly edits: readonly Edit[]
  /** The number of pictures. */
  readonly count: number
  /** One variant of each picture. */
  readonly variants: readonly Key[]
  /** Images whose existing picture shows other bytes: `index.html:3 photo.jpg`. */
  readonly old: readonly string[]
  /** What became of images, in words. */
  readonly said: ReadonlyMap<Reference, string>
}

interface ReadPage {
  readonly document: DocumentReferences
  /** What becomes of its references. */
  readonly decided: ReadonlyMap<Reference, Decision>
  /** Whether the page's encoding can write a text. */
  holds(text: string): boolean
}

const NONE: PagePictures = { edits: [], count: 0, variants: [], old: [], said: new Map() }

/** Pictures for those images of a page whose files have moved. */
export function pagePictures(work: LayoutWork, page: SitePath, { document, decided, holds }: ReadPage): PagePictures {
  const { images = [], csp = [] } = document
  if (work.input.pictures === undefined || images.length === 0) return NONE
  const byPlace = new Map(images.map((image) => [image.src, image]))
  const edits: Edit[] = []
  const variants: Key[] = []
  let count = 0
  const old: string[] = []
  const said = new Map<Reference, string>()
  const isOld = oldIn(work, [...decided.keys()])
  for (const [reference, { note }] of decided) {
    const image = byPlace.get(reference.start)
    if (image === undefined || note.result !== 'moved' || note.target === undefined) continue
    const found = pictureFor(work, image, { page, target: note.target, policies: csp })
    if (isOld(image, note.target)) old.push(`${page}:${reference.line} ${note.target}`)
    const { picture, variants: named, why } = isWritable(found, holds) ? found : UNWRITABLE
    said.set(reference, why)
    if (picture === undefined) continue
    edits.push(...pictureEdits(image, picture, IS_XML.test(page)))
    variants.push(...named)
    count += 1
  }
  return { edits, count, variants, old, said }
}

/**
 * Tells whether the picture that an earlier run wrote around an image, or into its tag, shows other bytes than the
 * image has now. Only pages that were rewritten in place contain one.
 */
function oldIn(work: LayoutWork, references: readonly Reference[]): (image: ImageTag, target: SitePath) => boolean {
  const { href } = work.input.url
  const variants = references.flatMap(({ url, start }) => {
    const digest = url.startsWith(href) ? VARIANT.exec(url.slice(href.length))?.[1] : undefined
    return digest === undefined ? [] : [{ start, digest }]
  })
  let after = 0
  return (image, target) => {
    const own = variants.filter(({ start }) => start >= after && start < image.end)
    after = image.end
    return image.left !== undefined && own.some(({ digest }) => !factsOf(work, target).sha256.startsWith(digest))
  }
}

/** See `variantKey`. */
const VARIANT = /^v\/[0-9a-f]{2}\/([0-9a-f]{24})\//

const IS_XML = /\.xhtml$/i

const UNWRITABLE: PictureDecision = {
  picture: undefined,
  variants: [],
  why: 'the encoding of the page cannot write it',
}

const isWritable = ({ picture }: PictureDecision, holds: ReadPage['holds']): boolean =>
  picture === undefined || textsOf(picture).every(holds)

const textsOf = ({ sources, candidates, sizes }: Picture): string[] => [
  sizes,
  ...[...sources.flatMap((source) => source.candidates), ...candidates].map(({ url }) => url),
]
