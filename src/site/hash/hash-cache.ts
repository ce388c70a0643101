import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { SitePath } from '../../words/model.ts'
import type { FileFacts, SiteFile } from '../file.ts'
import { levelOf } from '../secrets/anchors.ts'
import type { DeployCredentials } from '../secrets/deploy-credentials.ts'
import { readRows } from './hash-rows.ts'
import { racyBy } from './racy.ts'
import { type HashRow, writeRows } from './write-hash-rows.ts'

/** What earlier runs learnt about files. Never trusted over a manifest; losing it costs only time. */
export interface HashCache {
  /** Facts of exactly this file in exactly this state, if known. Fastest in order of path. */
  recall(file: SiteFile): FileFacts | undefined
  remember(file: SiteFile, facts: FileFacts): void
  /** Writes the cache atomically. False when the folder cannot be written to: the run goes on without. */
  save(): boolean
}

/**
 * Opens the cache of `root` in `cacheDir`. A missing, truncated or foreign file is an empty cache, and a file that was
 * not scanned for these credentials counts as unknown.
 */
export function openHashCache(
  cacheDir: string,
  root: string,
  { fingerprint }: Pick<DeployCredentials, 'fingerprint'> = { fingerprint: '' },
): HashCache {
  const file = join(cacheDir, `hashes-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`)
  const known = readRows(file)
  const find = inOrder(known.paths)
  const next: (number | HashRow)[] = []
  const pathOf = (row: number | HashRow): SitePath =>
    typeof row === 'number' ? (known.paths[row] ?? '') : row.file.path
  const isRacy = racyBy(cacheDir)
  let isNews = false
  return {
    recall(site) {
      const row = find(site.path)
      // without credentials there is nothing more to search for
      const isKnown =
        row !== undefined && known.isOf(row, site) && (fingerprint === '' || known.searched(row) === fingerprint)
      if (!isKnown) return undefined
      next.push(row)
      return known.facts(row)
    },
    remember(site, facts) {
      isNews = true
      // a find of our own credentials is not cached: the next run may have others
      if (isRacy(Math.max(site.mtimeMs, site.ctimeMs)) || facts.findings.some(({ rule }) => levelOf(rule) === 'deploy'))
        return
      next.push({ file: site, facts, searched: fingerprint })
    },
    save() {
      if (!isNews && next.length === known.paths.length) return true
      try {
        next.sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1))
        writeRows(file, { root, known, next })
        return true
      } catch {
        return false
      }
    },
  }
}

/** The index of a path in a sorted list; fastest when paths are looked up in order. */
function inOrder(paths: readonly SitePath[]): (path: SitePath) => number | undefined {
  let cursor = 0
  return (path) => {
    if (paths[cursor] !== path) cursor = firstFrom(paths, path)
    return paths[cursor] === path ? cursor++ : undefined
  }
}

function firstFrom(paths: readonly SitePath[], path: SitePath): number {
  let [low, high] = [0, paths.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((paths[middle] ?? '') < path) low = middle + 1
    else high = middle
  }
  return low
}
