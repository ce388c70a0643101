import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type PublicNames, publicNames, type UnwrittenFiles, unwrittenNames } from '../src/build/public-names.ts'
import type { Key, LayOutOptions, SitePath } from '../src/index.ts'
import { isSprite } from './placement.ts'

/** Files that a build takes over as they are, and the names that `sync` gives them in the store. */
export interface PublicFiles {
  readonly paths: ReadonlySet<SitePath>
  readonly keys: ReadonlyMap<SitePath, Key>
  /** SVG sprites. */
  readonly sprites: ReadonlySet<SitePath>
}

export const NO_PUBLIC_FILES: PublicFiles = { paths: new Set(), keys: new Map(), sprites: new Set() }

/** Merges both; a file in both was overwritten by the second. */
export function mergePublicFiles(first: PublicFiles, second: PublicFiles): PublicFiles {
  return {
    paths: new Set([...first.paths, ...second.paths]),
    keys: new Map([...first.keys, ...second.keys]),
    sprites: new Set([...first.sprites, ...second.sprites]),
  }
}

/** Names every file of a folder. One that does not exist has no files. */
export async function readPublicFiles(options: LayOutOptions): Promise<PublicFiles> {
  if (!existsSync(options.root)) return NO_PUBLIC_FILES
  return asPublicFiles(await publicNames(options, isSpriteFile))
}

/** Names files that are not written to disk yet. */
export async function nameUnwritten(files: UnwrittenFiles, options: Omit<LayOutOptions, 'root'>): Promise<PublicFiles> {
  return asPublicFiles(await unwrittenNames(files, options, isSpriteFile))
}

function isSpriteFile(path: SitePath, root: string): boolean {
  return /\.svg$/i.test(path) && isSprite(readFileSync(join(root, path), 'utf8'))
}

function asPublicFiles({ files, keys, marked }: PublicNames): PublicFiles {
  return { paths: new Set(files), keys, sprites: marked }
}
