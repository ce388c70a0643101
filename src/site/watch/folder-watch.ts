import { type FSWatcher, lstatSync, readdirSync, realpathSync, statSync, watch } from 'node:fs'
import { basename, sep } from 'node:path'
import { LadingError } from '../../words/errors.ts'
import type { SitePath } from '../../words/model.ts'
import { openRoot } from '../scan/root.ts'
import { turns } from '../turn.ts'
import { type ChangeFilter, changeFilter, type FilteredSite, isWatched } from './change-filter.ts'
import { isLimit, limitReached } from './watch-limit.ts'

/** A folder that is watched with all folders in it. */
export interface FolderWatch {
  /**
   * Begins anew with what lies there now. Whatever changes from here on is noticed, or is there for whoever reads the
   * folder once this has ended; in between, something may be missed.
   * @returns how many files there are: 0 where the folder is missing
   * @throws E_WATCH, E_ROOT_NOT_DIR, E_ROOT_DANGEROUS, E_UNREADABLE, what `signal` was aborted with
   */
  renew(signal: AbortSignal | undefined): Promise<number>
  close(): void
}

/** @param notice is told of each change, as often as it is noticed; `.` is the folder itself */
export type WatchFolder = (site: FilteredSite, notice: (path: SitePath) => void) => FolderWatch

/** How often the folder is looked at as a whole: nobody tells that it was replaced, or is there now. In milliseconds. */
const LOOK_MS = 500

interface Means {
  readonly listen: typeof watch
  /** Whether one watch hears of all folders below. On Linux Node only imitates that, with a watch for each file. */
  readonly isDeep: boolean
}

const MEANS: Means = { listen: watch, isDeep: process.platform !== 'linux' }

/**
 * Has one watch for each folder and none for files, and begins anew before each run: what was moved, replaced or made
 * meanwhile need not be followed.
 */
export const watchFolder: WatchFolder = (site, notice) => watchBy(MEANS, site, notice)

/** @internal */
export function watchBy({ listen, isDeep }: Means, ...[site, notice]: Parameters<WatchFolder>): FolderWatch {
  const watchers = new Map<SitePath, FSWatcher>()
  let home = site.root
  const diskOf = (path: SitePath): string => (path === '' ? home : `${home}/${path}`)
  let isNoticed: ChangeFilter = () => true
  let identity: string | undefined

  const look = setInterval(() => {
    const now = identityOf(site.root)
    if (now === identity) return
    identity = now
    notice('.')
  }, LOOK_MS)

  /** @param event `rename` for what came and went */
  const hear = (event: string, folder: SitePath, name: string | null): void => {
    const path = changedPath(diskOf(folder), folder, name)
    const kind = path === '.' ? 'folder' : kindOf(diskOf(path))
    const isNew = path !== '.' && kind === 'folder' && event === 'rename'
    if (isNew && !isDeep && isWatched(path)) watchNew(path)
    const named = path.normalize('NFC')
    if (path === '.' || isNoticed(named, kind)) notice(named)
  }

  const listenTo = (path: SitePath): void => {
    watchers.get(path)?.close()
    try {
      const watcher = listen(diskOf(path), { recursive: isDeep }, (event, name) => hear(event, path, name))
      watcher.on('error', () => notice(path || '.'))
      watchers.set(path, watcher)
    } catch (error) {
      if (isLimit(error)) throw limitReached(site.root, error)
      // gone by now, which its own folder tells, or unreadable, which the run does
    }
  }

  /** @returns the folders in it that are watched, and how many files are */
  const add = (path: SitePath): { readonly folders: readonly SitePath[]; readonly files: number } => {
    if (path === '' || !isDeep) listenTo(path) // first, so that nothing comes between
    const folders: SitePath[] = []
    let files = 0
    for (const { name, kind } of entriesOf(diskOf(path))) {
      const entry = below(path, name)
      if (kind === 'folder' && isWatched(entry)) folders.push(entry)
      // a dotfile alone is no site, also where it is read
      if (kind === 'file' && !name.startsWith('.') && isNoticed(entry.normalize('NFC'), kind)) files += 1
    }
    return { folders, files }
  }

  /** A folder that was made or moved here may be full already. */
  const watchNew = (path: SitePath): void => {
    try {
      const folders = [path]
      for (const folder of folders) folders.push(...add(folder).folders)
    } catch {
      // a limit: the next run meets it too
    }
  }

  const closeAll = (): void => {
    for (const watcher of watchers.values()) watcher.close()
    watchers.clear()
  }

  return {
    async renew(signal) {
      const turn = turns(signal)
      closeAll()
      identity = identityOf(site.root)
      const root = rootOf(site.root)
      if (root === undefined) return 0
      home = root
      isNoticed = changeFilter(site)
      let files = 0
      const folders: SitePath[] = ['']
      for (const folder of folders) {
        await turn()
        const added = add(folder)
        folders.push(...added.folders)
        files += added.files
      }
      return files
    },
    close() {
      clearInterval(look)
      closeAll()
    },
  }
}

/** Below the root; `.` for the root itself. Linux says of a folder that is gone what it says of a file in it. */
function changedPath(disk: string, folder: SitePath, name: string | null): SitePath {
  const isItself = name === null || (name === basename(disk) && kindOf(`${disk}/${name}`) === 'gone')
  if (isItself) return folder === '' ? '.' : folder
  return below(folder, name.replaceAll(sep, '/'))
}

const below = (folder: SitePath, name: string): SitePath => (folder === '' ? name : `${folder}/${name}`)

type Kind = 'file' | 'folder' | 'gone'

function kindOf(disk: string): Kind {
  try {
    return lstatSync(disk).isDirectory() ? 'folder' : 'file'
  } catch {
    return 'gone'
  }
}

function entriesOf(disk: string): readonly { readonly name: string; readonly kind: Kind }[] {
  try {
    const entries = readdirSync(disk, { withFileTypes: true })
    return entries.map((entry) => ({ name: entry.name, kind: entry.isDirectory() ? 'folder' : 'file' }))
  } catch {
    return []
  }
}

/** Whether a folder is still the one that it was: a new one often gets the inode of the one before. */
function identityOf(root: string): string | undefined {
  try {
    const { dev, ino, birthtimeMs } = statSync(root)
    return [realpathSync(root), dev, ino, birthtimeMs].join()
  } catch {
    return undefined
  }
}

/** @throws E_ROOT_NOT_DIR, E_ROOT_DANGEROUS, E_UNREADABLE */
function rootOf(root: string): string | undefined {
  try {
    return openRoot(root).path
  } catch (error) {
    if (error instanceof LadingError && error.code === 'E_ROOT_MISSING') return undefined
    throw error
  }
}
