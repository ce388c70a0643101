import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Reference } from '../../rewrite/reference.ts'
import { VERSION as LADING_VERSION } from '../../version.ts'
import type { Digest } from '../../words/model.ts'
import { writeCacheFile } from '../cache-file.ts'

/** Raised whenever texts are read differently; older files are ignored and rebuilt. */
const VERSION = `6 ${LADING_VERSION}`

type Kind = 'sheet' | 'script' | 'selectors'

/** The references of a text, and further facts that its kind needs. */
export interface ReadText<Facts> {
  readonly references: readonly Reference[]
  readonly facts: Facts
}

/** Cache of what earlier runs read in style sheets and scripts, by digest. Losing it costs only time. */
export interface TextMemory {
  /** The cached result for these bytes, or what `read` finds now. */
  recall<Facts>(kind: Kind, sha256: Digest, read: () => ReadText<Facts>): ReadText<Facts>
  /** Writes the cache atomically, if this run added anything. */
  save(): void
}

type Row = readonly [id: string, references: readonly Omit<Reference, 'encode'>[], facts: unknown]

export function openTextMemory(cacheDir: string, root: string): TextMemory {
  const file = join(cacheDir, `texts-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.json`)
  const known = new Map(load(file).map((row) => [row[0], row]))
  const next = new Map<string, Row>()
  let isNews = false
  return {
    recall<Facts>(kind: Kind, sha256: Digest, read: () => ReadText<Facts>) {
      const id = `${kind} ${sha256}`
      const row = known.get(id)
      if (row !== undefined) {
        next.set(id, row)
        // the facts were written under the same kind
        return { references: revived(row[1], () => read().references), facts: row[2] as Facts }
      }
      const found = read()
      isNews = true
      next.set(id, [id, found.references.map(plain), found.facts])
      return found
    },
    save() {
      if (isNews) write(file, [...next.values()])
    },
  }
}

/** `encode` functions cannot be cached: the text is parsed again when one is called. */
function revived(rows: Row[1], read: () => readonly Reference[]): Reference[] {
  let fresh: readonly Reference[] | undefined
  return rows.map((row, index) => ({
    ...row,
    encode(url) {
      fresh ??= read()
      return fresh[index]?.encode(url) ?? url
    },
  }))
}

/** `data:` URLs are long and never edited, so they are not stored. */
function plain({ encode: _, ...rest }: Reference): Omit<Reference, 'encode'> {
  return rest.url.startsWith('data:') ? { ...rest, url: 'data:' } : rest
}

function load(file: string): readonly Row[] {
  try {
    const data: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isMemoryFile(data) ? data.rows : []
  } catch {
    return []
  }
}

/** Only this program writes the file, atomically, so checking the version is enough. */
function isMemoryFile(data: unknown): data is { readonly rows: readonly Row[] } {
  return typeof data === 'object' && data !== null && 'v' in data && data.v === VERSION && 'rows' in data
}

function write(file: string, rows: readonly Row[]): void {
  try {
    writeCacheFile(file, JSON.stringify({ v: VERSION, rows }))
  } catch {
    // the next run reads its texts anew
  }
}

/** Remembers nothing. */
export const NO_TEXT_MEMORY: TextMemory = { recall: (_kind, _sha256, read) => read(), save: () => {} }
