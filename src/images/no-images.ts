import { LadingError, printable } from '../words/errors.ts'

/** What was found in a place where nothing can be rendered. */
export interface NoImages {
  /** A folder, or a store by its label. */
  readonly where: string
  /** Files that were looked at, whatever they are. */
  readonly files: number
  /** Images that `include`, `exclude` or `.ladingignore` leave out. @default none */
  readonly leftOut?: number | undefined
  /** Why no image is taken, when there are some. */
  readonly refused?: string | undefined
}

/** The error for a place without a single image to render. Not worded as for a site: nothing would be published. */
export function noImages({ where, files, leftOut = 0, refused }: NoImages): LadingError {
  const isFiltered = refused === undefined && leftOut > 0
  const ends = 'images are files that end with jpg, jpeg, png, webp, gif or avif'
  const none = files === 0 ? `It is empty; ${ends}.` : `It has files (${files}), and none is an image: ${ends}.`
  const filtered = `It has images (${leftOut}), and include, exclude or .ladingignore leave all of them out.`
  return new LadingError('E_ROOT_EMPTY', 'there are no images to render', {
    subject: printable(where),
    why: refused ?? (isFiltered ? filtered : none),
    hint: isFiltered ? 'Mend the filter.' : 'Name the folder or store that holds your images.',
  })
}
