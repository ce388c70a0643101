import { realpathSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { SitePath } from '../words/model.ts'

/**
 * The path with links resolved as far as it exists, so that a link cannot hide that two folders are one. Spelled as the
 * disk spells it, where that takes upper and lower case for the same.
 */
export function realPlace(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(realPlace(parent), basename(path))
  }
}

/** The path of a place inside a folder, on every system as URLs have it; begins with `..`, or is absolute, outside. */
export const wayTo = (folder: string, place: string): SitePath => relative(folder, place).split(sep).join('/')
