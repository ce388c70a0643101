import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Key, LayOutOptions, SitePath } from '../src/index.ts'
import { isSprite } from './placement.ts'

/** Files that a build takes over as they are, and the names that `sync` gives them in the store. */
export interface PublicFiles {
  readonly paths: ReadonlySet<SitePath>
  readonly keys: ReadonlyMap<SitePath, Key>
  /** SVGs that are collections of pieces. */
  readonly sprites: ReadonlySet<SitePath>
}

export const NO_PUBLIC_FILES: PublicFiles = { paths: new Set(), keys: new Map(), sprites: new Set() }

/** Both as one; where both have a file, the second has written it over the first. */
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
  const { layOut } = await import('../src/build/name-files.ts')
  const { files, keyOf } = await layOut(options)
  const keys = new Map<SitePath, Key>()
  const sprites = new Set<SitePath>()
  for (const path of files) {
    const key = keyOf(path)
    if (key !== undefined) keys.set(path, key)
    if (/\.svg$/i.test(path) && isSprite(await readFile(join(options.root, path), 'utf8'))) sprites.add(path)
  }
  return { paths: new Set(files), keys, sprites }
}
