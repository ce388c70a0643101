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

/**
 * Whether there is something about a file of the folder `root` that the caller wants to know again. Remembered, so it
 * must never change.
 */
export type Mark = (path: SitePath, root: string) => boolean

/** Files that a bundler has in memory and will write as they are. */
export interface UnwrittenFiles {
  /** Where they will lie, and who writes them there: what they were named is remembered for this. */
  readonly place: string
  /** Of the names and the bytes of all of them. */
  readonly digest: string
  /** Lays them out for as long as `work` takes: in `root`, with a `cacheDir` of its own. */
  inFolder(work: (folder: Pick<LayOutOptions, 'root' | 'cacheDir'>) => Promise<PublicNames>): Promise<PublicNames>
}

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
  const names = await nameAll(options, mark)
  if (state !== undefined) await memory.remember(made, names, state.newestMs)
  return names
}

/**
 * The same for files that lie nowhere yet: known again by their bytes, and laid out only when they are not.
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
  // Bytes prove what stamps do not: there is no change to wait for.
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
