import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Key, SitePath } from '../words/model.ts'
import type { PublicNames } from './public-names.ts'

/** The names that a folder's files were given last. Losing them costs only time. */
export interface NamesMemory {
  /** `made`: everything that the names depend on, serialized. */
  recall(made: string): PublicNames | undefined
  /** Skipped when a file changed so recently that it may change again with the same timestamps. */
  remember(made: string, names: PublicNames, newestMs: number): Promise<void>
}

type Row = readonly [path: string, key: string | null, isMarked: boolean]

/** A missing, truncated or foreign file counts as an empty cache; a folder that cannot be written to is ignored. */
export function namesMemory(cacheDir: string, root: string): NamesMemory {
  const file = join(cacheDir, `names-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.json`)
  return {
    recall(made) {
      const rows = load(file, made)
      if (rows === undefined) return undefined
      const keys = new Map<SitePath, Key>()
      const marked = new Set<SitePath>()
      for (const [path, key, isMarked] of rows) {
        if (key !== null) keys.set(path, key)
        if (isMarked) marked.add(path)
      }
      return { files: rows.map(([path]) => path), keys, marked }
    },
    async remember(made, { files, keys, marked }, newestMs) {
      const { racyBy } = await import('../site/hash/racy.ts')
      if (racyBy(cacheDir)(newestMs)) return
      const rows = files.map((path): Row => [path, keys.get(path) ?? null, marked.has(path)])
      const { writeCacheFile } = await import('../site/cache-file.ts')
      try {
        writeCacheFile(file, JSON.stringify({ made, rows }))
      } catch {
        // The next build names them again.
      }
    },
  }
}

function load(file: string, made: string): readonly Row[] | undefined {
  try {
    const data: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof data !== 'object' || data === null || !('made' in data) || data.made !== made) return undefined
    return 'rows' in data && Array.isArray(data.rows) && data.rows.every(isRow) ? data.rows : undefined
  } catch {
    return undefined
  }
}

function isRow(row: unknown): row is Row {
  if (!Array.isArray(row)) return false
  const [path, key, isMarked] = row
  return typeof path === 'string' && (key === null || typeof key === 'string') && typeof isMarked === 'boolean'
}
