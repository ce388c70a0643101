import { VERSION } from '../version.ts'
import type { Key, SitePath } from '../words/model.ts'
import { folderState } from './folder-state.ts'
import type { LayOutOptions } from './name-files.ts'
import { namesMemory } from './names-memory.ts'

/** Names of a folder whose files are copied as they are. */
export interface PublicNames {
  /** Every file, those included that stay at the site. */
  readonly files: readonly SitePath[]
  /** The keys of those that move. */
  readonly keys: ReadonlyMap<SitePath, Key>
  /** Those for which `Mark` returned true. */
  readonly marked: ReadonlySet<SitePath>
}

/**
 * A property of a file in the folder `root` that the caller wants to know later. Cached, so it may depend on nothing
 * but the file.
 */
export type Mark = (path: SitePath, root: string) => boolean

/** Files that a bundler has in memory and will write as they are. */
export interface UnwrittenFiles {
  /** Identifies the cache entry: where they will be written, and by whom. */
  readonly place: string
  /** Covers the names and bytes of all of them. */
  readonly digest: string
  /** Writes them to a temporary folder while `work` runs: in `root`, with a `cacheDir` of its own. */
  inFolder(work: (folder: Pick<LayOutOptions, 'root' | 'cacheDir'>) => Promise<PublicNames>): Promise<PublicNames>
}

/**
 * Names the files of a folder as `sync` would. Cached names are used while files, options and version are unchanged: so
 * in most builds no file is read and no parser loaded.
 * @throws what `layOut` throws
 */
export async function publicNames(options: LayOutOptions, mark: Mark): Promise<PublicNames> {
  const state = folderState(options.root)
  const made = JSON.stringify([VERSION, named(options), state?.digest])
  const memory = namesMemory(options.cacheDir, options.root)
  const known = state && memory.recall(made)
  if (known !== undefined) return known
  const names = await nameAll(options, mark)
  if (state !== undefined) await memory.remember(made, names, state.newestMs)
  return names
}

/**
 * The same for files that are not on disk yet: recognized by their bytes, and written out only when unknown.
 * @throws what `layOut` throws
 */
export async function unwrittenNames(
  files: UnwrittenFiles,
  options: Omit<LayOutOptions, 'root'>,
  mark: Mark,
): Promise<PublicNames> {
  const made = JSON.stringify([VERSION, named(options), 'unwritten', files.digest])
  const memory = namesMemory(options.cacheDir, files.place)
  const known = memory.recall(made)
  if (known !== undefined) return known
  const names = await files.inFolder((folder) => nameAll({ ...options, ...folder }, mark))
  // The digest covers the bytes, so unlike a timestamp it cannot miss a recent change.
  await memory.remember(made, names, 0)
  return names
}

async function nameAll(options: LayOutOptions, mark: Mark): Promise<PublicNames> {
  const { layOut } = await import('./name-files.ts')
  const { files, keyOf } = await layOut(options)
  const keys = new Map<SitePath, Key>()
  for (const path of files) {
    const key = keyOf(path)
    if (key !== undefined) keys.set(path, key)
  }
  return { files, keys, marked: new Set(files.filter((path) => mark(path, options.root))) }
}

/** The options that names depend on. */
function named(options: Omit<LayOutOptions, 'root'>): unknown {
  const { site, base, cors, include, exclude, keep, headers, compress, url } = options
  return { site, base, cors, include, exclude, keep, headers, compress, url }
}
