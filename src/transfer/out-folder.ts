import { type BigIntStats, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LadingError } from '../words/errors.ts'
import type { SitePath } from '../words/model.ts'
import { codeOf } from '../words/system-error.ts'
import { makeFolders } from './make-folders.ts'

/**
 * Whether the output folder is there and holds anything. A link to a folder will do: somebody chose it.
 * @throws E_OUT when something else has the name, or when it cannot be read
 */
export function hasFiles(dir: string): boolean {
  try {
    return readdirSync(dir).length > 0
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && statOf(dir) === undefined) return false
    throw unusable(dir, error)
  }
}

/** What lies there, the link itself if it is one; `undefined` when nothing does. */
export function statOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true })
  } catch {
    return undefined
  }
}

/** `a/b/c.png` -> `a`, `a/b`. */
export function foldersOf(path: SitePath): string[] {
  const segments = path.split('/').slice(0, -1)
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'))
}

/**
 * Looks at every folder that the paths need, once each: none may be a link, or what is written there lands elsewhere.
 * @param makesWay whether a file that lies where a folder belongs is removed before
 * @throws E_OUT
 */
export function checkFolders(dir: string, paths: Iterable<SitePath>, makesWay: (path: SitePath) => boolean): void {
  const seen = new Set<string>()
  for (const path of paths) {
    for (const folder of foldersOf(path)) {
      if (seen.has(folder)) continue
      seen.add(folder)
      if (!isFolder(dir, folder) && statOf(join(dir, folder)) !== undefined && !makesWay(folder))
        throw blocked(join(dir, folder))
    }
  }
}

/** @throws E_OUT for a link */
function isFolder(dir: string, folder: string): boolean {
  const stat = statOf(join(dir, folder))
  if (stat?.isSymbolicLink()) throw linked(join(dir, folder))
  return stat?.isDirectory() === true
}

/** Where files are put below the output folder, and taken away again. */
export interface OutFolder {
  /**
   * Makes the folders that a file needs and clears an empty one out of its way.
   * @returns where to write it
   * @throws E_OUT when something that is not ours is in the way
   */
  place(path: SitePath): string
  /** Removes a file and the folders that are empty then. What is not a file there any more is left alone. */
  remove(path: SitePath): void
}

export function openOutFolder(dir: string): OutFolder {
  const known = new Set<string>()
  makeFolders(dir)
  return {
    place(path) {
      for (const folder of foldersOf(path)) {
        if (known.has(folder)) continue
        makeFolder(dir, folder)
        known.add(folder)
      }
      const target = join(dir, path)
      if (statOf(target)?.isDirectory()) clear(target)
      return target
    },
    remove(path) {
      for (const folder of foldersOf(path)) if (!known.has(folder) && !isFolder(dir, folder)) return
      const target = join(dir, path)
      if (statOf(target)?.isDirectory() === false) rmSync(target)
      removeEmpty(dir, dirname(path))
    },
  }
}

function makeFolder(dir: string, folder: string): void {
  if (isFolder(dir, folder)) return
  if (statOf(join(dir, folder)) !== undefined) throw blocked(join(dir, folder))
  mkdirSync(join(dir, folder))
}

function clear(folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    throw blocked(folder, error)
  }
}

function removeEmpty(dir: string, innermost: string): void {
  for (let folder = innermost; folder !== '.'; folder = dirname(folder)) {
    try {
      rmdirSync(join(dir, folder))
    } catch {
      return // not empty: it still holds files of the site
    }
  }
}

function linked(path: string): LadingError {
  return new LadingError('E_OUT', 'A link lies in the output folder where a folder belongs', {
    subject: path,
    why: 'What is written below it would land outside of the output folder.',
    hint: 'Remove the link, then run the same command again: the folder is made anew.',
  })
}

function blocked(path: string, cause?: unknown): LadingError {
  return new LadingError('E_OUT', 'Something that Lading did not put there is in the way in the output folder', {
    subject: path,
    why: 'The site needs its name, but it may be yours, so it was not removed.',
    hint: 'Move it out of the output folder, then run the same command again.',
    cause,
  })
}

function unusable(dir: string, cause: unknown): LadingError {
  const isOther = codeOf(cause) === 'ENOTDIR'
  return new LadingError('E_OUT', isOther ? 'The output folder is not a folder' : 'The output folder cannot be read', {
    subject: dir,
    why: cause instanceof Error ? cause.message : undefined,
    hint: 'Name an empty folder or a new one: --out origin',
    cause,
  })
}
