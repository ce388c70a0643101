import { lstatSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, parse, sep } from 'node:path'
import { LadingError } from '../../words/errors.ts'
import { codeOf } from '../../words/system-error.ts'
import { shellWord } from '../../words/units.ts'
import { unreadable } from './scan-trouble.ts'

export interface Root {
  /** Absolute, links resolved. */
  readonly path: string
  /** The link that was given, when the root is one. */
  readonly link: string | undefined
}

/**
 * The folder to read, resolved once.
 * @param forImages the command that reads images of it, for messages. @default it is a site
 * @throws E_ROOT_MISSING, E_ROOT_NOT_DIR, E_ROOT_DANGEROUS; E_UNREADABLE when access to it is denied
 */
export function openRoot(given: string, forImages?: string): Root {
  const { path, isFolder, isLink } = lookAt(given, forImages)
  if (!isFolder) {
    throw new LadingError('E_ROOT_NOT_DIR', 'This is a file, not a folder', {
      subject: given,
      hint: `Name the folder it lies in: ${forImages ?? 'lading sync'} ${shellWord(dirname(given))}`,
    })
  }
  refuseDangerous(given, { path, forImages })
  return { path, link: isLink ? given : undefined }
}

interface Look {
  readonly path: string
  readonly isFolder: boolean
  readonly isLink: boolean
}

/** At any moment it may be taken away: builds do that. */
function lookAt(given: string, forImages: string | undefined): Look {
  try {
    const path = realpathSync(given)
    return { path, isFolder: statSync(path).isDirectory(), isLink: lstatSync(given).isSymbolicLink() }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EACCES' || code === 'EPERM') throw unreadable([given], error)
    if (forImages !== undefined) {
      const hint = `Name the folder with the images: ${forImages} FOLDER`
      throw new LadingError('E_ROOT_MISSING', 'There is no such folder', { subject: given, hint, cause: error })
    }
    throw new LadingError('E_ROOT_MISSING', 'There is no such folder', {
      subject: given,
      why: 'Nothing was read and nothing was changed; an empty site is never published by accident.',
      hint: 'Build the site first, or name the folder that your build writes: lading sync dist',
      cause: error,
    })
  }
}

interface Asked {
  readonly path: string
  readonly forImages: string | undefined
}

function refuseDangerous(given: string, { path, forImages }: Asked): void {
  const what = dangerOf(path)
  if (what === undefined) return
  const [kind, hint] =
    forImages === undefined
      ? ['site', 'Name the folder that your build writes: lading sync dist']
      : ['folder of images', `Name the folder with the images: ${forImages} FOLDER`]
  throw new LadingError('E_ROOT_DANGEROUS', `${what} is not a ${kind}`, {
    subject: given,
    why: 'Everything below it would become public.',
    hint,
  })
}

function dangerOf(path: string): string | undefined {
  const home = realHome()
  if (path === parse(path).root) return 'The root of the disk'
  if (path === home) return 'Your home folder'
  return home.startsWith(path + sep) ? 'A folder that your home folder lies in' : undefined
}

function realHome(): string {
  try {
    return realpathSync(homedir())
  } catch {
    return homedir()
  }
}

/** Folders that build tools and site generators write beside their `package.json`, most telling first. */
export const BUILD_FOLDERS: readonly string[] = ['dist', 'build', 'out', 'public', '_site']

export interface RootLook {
  readonly root: string
  /** Top-level names of the root, also those that are never uploaded. */
  readonly names: ReadonlySet<string>
  /** Whether nothing of this name leaves the machine, because the user has excluded it. */
  isLeftOut(name: string): boolean
  /** Whether a page of the root refers into this folder of it. */
  refersInto(folder: string): boolean
}

/**
 * Refuses a project given in place of its build. `node_modules` or `src` inside is proof; `package.json` beside build
 * folders is too, unless a page of the root uses one of them (some packages ship their site that way). Without a
 * `package.json`, a `src` that a page of the root uses belongs to a site written by hand. What is excluded proves nothing.
 * @throws E_WRONG_ROOT
 */
export function refuseProject({ root, names, isLeftOut, refersInto }: RootLook): void {
  const tells = (name: string): boolean => names.has(name) && !isLeftOut(name)
  const isWritten = (name: string): boolean => name === 'src' && !names.has('package.json') && refersInto(name)
  const proof = ['node_modules', 'src'].filter((name) => tells(name) && !isWritten(name))
  const builds = BUILD_FOLDERS.filter((name) => names.has(name))
  const unused = tells('package.json') && !builds.some(refersInto) ? builds.filter(tells) : []
  if (proof.length === 0 && unused.length === 0) return
  const likely = builds[0]
  throw new LadingError('E_WRONG_ROOT', 'This looks like a project, not like a built site', {
    subject: root,
    details: [
      ...proof.map((name) => `${name}/`),
      ...(unused.length > 0 ? ['package.json', `${unused.join('/, ')}/`] : []),
    ],
    why: 'Sources and dependencies would become public, and the built pages would have the wrong addresses.',
    hint: hintFor(proof.length > 0, likely && `${root}/${likely}`),
  })
}

function hintFor(isProven: boolean, likely: string | undefined): string {
  if (likely === undefined) return 'Name the folder that your build writes, or exclude what is none of the site.'
  const start = isProven ? 'Did' : 'If this is the built site, remove its package.json. Otherwise, did'
  return `${start} you mean: lading sync ${shellWord(likely)}`
}
