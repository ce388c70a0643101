import type { SyncOptions } from '../../config/interface.ts'
import { BUILD_RECORD_PATH } from '../../plan/build-record.ts'
import type { Matcher } from '../../plan/patterns.ts'
import { isOriginConfig, neverFolderRule } from '../../rewrite/keep.ts'
import type { SitePath } from '../../words/model.ts'
import { copiesAll } from '../guard.ts'
import { realPlace, wayTo } from '../place.ts'
import { exclusion, IGNORE_FILE } from '../scan/ignore-file.ts'
import { OWN_FOLDER } from '../scan/own-folder.ts'
import { isSecretRule } from '../secrets/secret-files.ts'
import { fileNameRule } from '../secrets/secret-names.ts'

/** What is asked of a site to tell which changes matter. */
export type FilteredSite = Pick<SyncOptions, 'root' | 'delivery' | 'include' | 'exclude' | 'cacheDir'>

/** Whether a change may matter to a run. */
export type ChangeFilter = (path: SitePath, kind: 'file' | 'folder' | 'gone') => boolean

/** Whether a scan would enter a folder. */
export const isWatched = (folder: SitePath): boolean => folder === OWN_FOLDER || neverFolderRule(folder) === undefined

/** Dotfiles that a run reads, and the folder that one of them may come with. */
const READ: ReadonlySet<SitePath> = new Set([IGNORE_FILE, OWN_FOLDER, BUILD_RECORD_PATH])

/**
 * Left out is what can be told at once: below folders that are never entered, dotfiles and litter (what editors, systems
 * and Lading itself write on the way), files that the user has excluded. A run too many does no harm, one too few would.
 */
export function changeFilter({ root, include, exclude, delivery, cacheDir }: FilteredSite): ChangeFilter {
  const isExcluded = copiesAll(delivery) ? () => false : excludedBy(root, { include, exclude })
  const cache = wayTo(realPlace(root), realPlace(cacheDir))
  return (path, kind) => {
    if (READ.has(path) || isOriginConfig(path)) return true
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    if (parent !== '' && neverFolderRule(parent) !== undefined) return false
    if (isOfSecrets(path, kind)) return true
    const rule = fileNameRule(path)
    if (rule === 'dotfile' || rule === 'litter') return false
    if (path === cache || path.startsWith(`${cache}/`)) return false
    // what is gone may have been a folder, of whose files nothing else tells
    return kind !== 'file' || !isExcluded(path)
  }
}

/** Such a folder stops a run; once it has gone, the next one may succeed. */
function isOfSecrets(folder: SitePath, kind: Parameters<ChangeFilter>[1]): boolean {
  const rule = kind === 'file' ? undefined : neverFolderRule(folder)
  return rule !== undefined && isSecretRule(rule)
}

function excludedBy(root: string, selection: Parameters<typeof exclusion>[1]): Matcher {
  try {
    return exclusion(root, selection)
  } catch {
    return () => false // an unreadable .ladingignore, which the run reports
  }
}
