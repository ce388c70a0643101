import type { Key, SitePath } from '../model.ts'
import { VERSION } from '../version.ts'
import { folderState } from './folder-state.ts'
import type { LayOutOptions } from './name-files.ts'
import { namesMemory } from './names-memory.ts'

/** Names of a folder whose files are copied as they are. */
export interface PublicNames {
  /** Every file, those included that stay at the site. */
  readonly files: readonly SitePath[]
  /** The keys of those that move. */
  readonly keys: ReadonlyMap<SitePath, Key>
  /** Those that were marked. */
  readonly marked: ReadonlySet<SitePath>
}

/** Whether there is something about a file that the caller wants to know again. Remembered, so it must never change. */
export type Mark = (path: SitePath) => boolean

/**
 * Names the files of a folder as `sync` would. What an earlier build has named is not named again, as long as no file,
 * no option and no version is another: that is most builds, and then neither is a file read nor a parser loaded.
 * @throws what `layOut` throws
 */
export async function publicNames(options: LayOutOptions, mark: Mark): Promise<PublicNames> {
  const state = folderState(options.root)
  const made = JSON.stringify([VERSION, named(options), state?.digest])
  const memory = namesMemory(options.cacheDir, options.root)
  const known = state && memory.recall(made)
  if (known !== undefined) return known
  const { layOut } = await import('./name-files.ts')
  const { files, keyOf } = await layOut(options)
  const keys = new Map<SitePath, Key>()
  for (const path of files) {
    const key = keyOf(path)
    if (key !== undefined) keys.set(path, key)
  }
  const names = { files, keys, marked: new Set(files.filter(mark)) }
  if (state !== undefined) await memory.remember(made, names, state.newestNs)
  return names
}

/** The options that names depend on. */
function named(options: LayOutOptions): unknown {
  const { site, base, cors, include, exclude, keep, headers, compress, url } = options
  return { site, base, cors, include, exclude, keep, headers, compress, url }
}
