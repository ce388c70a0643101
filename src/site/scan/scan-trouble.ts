import { LadingError, printable } from '../../words/errors.ts'

/** What a walk found that stops the run of a site, collected so that one run names all of it. */
export interface ScanTrouble {
  /** With the bytes that are no UTF-8 escaped. */
  readonly notUtf8: string[]
  readonly escapes: { readonly path: string; readonly to: string }[]
  /** Folders end with `/`. */
  readonly unreadable: string[]
  readonly reserved: string[]
}

/** @throws E_NAME_NOT_UTF8, E_SYMLINK_ESCAPE, E_KEY_RESERVED, E_UNREADABLE */
export function refuseTrouble(trouble: ScanTrouble): void {
  if (trouble.notUtf8.length > 0) {
    throw new LadingError('E_NAME_NOT_UTF8', 'Names that are not valid UTF-8 cannot be addressed on the web', {
      details: trouble.notUtf8,
      hint: 'Rename them (convmv does it in bulk), or move them out of the folder.',
    })
  }
  if (trouble.escapes.length > 0) {
    throw new LadingError('E_SYMLINK_ESCAPE', 'Links lead out of the folder', {
      details: trouble.escapes.map(({ path, to }) => `${path} -> ${printable(to)}`),
      why: 'Only your folder is read: what a link points at outside of it would become public.',
      hint: 'Copy the files into the folder, or remove the links.',
    })
  }
  if (trouble.reserved.length > 0) {
    throw new LadingError('E_KEY_RESERVED', 'The folder .lading/ belongs to Lading', {
      details: trouble.reserved,
      hint: 'Move these files to another folder.',
    })
  }
  if (trouble.unreadable.length > 0) throw unreadable(trouble.unreadable)
}

/** What could not be taken of a folder, and why. */
export interface Missed {
  readonly path: string
  readonly reason: string
}

/** The trouble of a walk, singly, where one bad file must not stop the others. */
export function missedBy({ notUtf8, escapes, unreadable }: ScanTrouble, dangling: readonly string[]): Missed[] {
  return [
    ...dangling.map((path) => ({ path, reason: 'it is a link that leads nowhere' })),
    // Where it leads is nobody's business who reads the manifest of what was rendered.
    ...escapes.map(({ path }) => ({ path, reason: 'it is a link out of the folder' })),
    ...notUtf8.map((path) => ({ path, reason: 'its name is not UTF-8; rename it, as convmv does in bulk' })),
    ...unreadable.map((path) => ({ path, reason: `${path.endsWith('/') ? 'the folder' : 'it'} cannot be read` })),
  ]
}

/** A file whose name, once normalised, is that of another. */
export const missedTwin = ({ path }: { readonly path: string }): Missed => ({
  path,
  reason: 'its name is that of another file in a different Unicode form; rename one of them',
})

/** The error for files that exist but cannot be read. */
export function unreadable(paths: readonly string[], cause?: unknown): LadingError {
  return new LadingError('E_UNREADABLE', 'Some files cannot be read; nothing was published', {
    details: paths,
    why: 'A site with holes would break pages that are right today.',
    hint: 'Give the user who runs this the right to read them, or move them out of the folder: excluded files are read, too.',
    cause,
  })
}

/** The error for a folder without a single file to publish: a typo in a filter must not empty a site. */
export function emptyRoot(
  root: string,
  { skipped, leftOut }: { readonly skipped: number; readonly leftOut: number },
): LadingError {
  const isFiltered = leftOut > 0
  const why = isFiltered
    ? `It has files (${leftOut}), and include, exclude or .ladingignore leave all of them out.`
    : skipped > 0
      ? `It holds only what is never uploaded (${skipped}).`
      : 'It is empty: a build that failed leaves such a folder.'
  return new LadingError('E_ROOT_EMPTY', 'There is nothing to publish in this folder', {
    subject: root,
    why,
    hint: `${isFiltered ? 'Mend the filter.' : 'Build the site first.'} To take a site down, remove it from its store on purpose.`,
  })
}
