import { createHash, hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest, SitePath } from '../../words/model.ts'
import { writeCacheFile } from '../cache-file.ts'
import type { PageResult } from './page-result.ts'

/** Raised whenever pages are made differently; older files are ignored and rebuilt. */
const VERSION = 5

/**
 * Cache of pages made by earlier runs. An entry is valid while neither the page's bytes nor the outcome of any probe
 * that its references depend on has changed. Losing it costs only time.
 */
export interface PageMemory {
  /** @param outcomeOf the current outcome of a probe; called once for each */
  recall(path: SitePath, sha256: Digest, outcomeOf: (probe: string) => string): PageResult | undefined
  remember(result: PageResult, made: MadeBy): void
  /** Whether these very bytes are known to say nothing about modules beyond naming them. */
  isSilent(path: SitePath, sha256: Digest): boolean
  /** Writes the cache atomically, if this run added anything. */
  save(): void
}

export interface MadeBy {
  /** Of the page's file. */
  readonly sha256: Digest
  readonly probed: ReadonlySet<string>
  outcomeOf(probe: string): string
}

/** A probe, and the digest of its outcome. */
type ProbeRow = readonly [probe: string, outcome: string]
type PageRow = readonly [sha256: Digest, probes: readonly number[], result: PageResult]

interface MemoryFile {
  readonly v: string
  readonly probes: readonly ProbeRow[]
  readonly pages: readonly PageRow[]
}

/** `settings` serializes everything else that pages depend on: a different text starts an empty cache. */
export function openPageMemory(cacheDir: string, root: string, settings: string): PageMemory {
  const file = join(cacheDir, `pages-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.json`)
  const version = `${VERSION} ${hash('sha256', settings)}`
  const known = load(file, version)
  const pages = new Map((known?.pages ?? []).map((row) => [row[2].path, row]))
  const holds = holding(known?.probes ?? [])
  const next = interning()
  let isNews = false
  return {
    recall(path, sha256, outcomeOf) {
      const row = pages.get(path)
      if (row === undefined || known === undefined) return undefined
      const [source, probes, result] = row
      // after a rewrite in place, the page's file is the cached result
      if (source !== sha256 && result.made?.sha256 !== sha256) return undefined
      if (!probes.every((index) => holds(index, outcomeOf))) return undefined
      next.add(
        row,
        probes.map((index) => known.probes[index] ?? NEVER),
      )
      return result
    },
    remember(result, { sha256, probed, outcomeOf }) {
      isNews = true
      next.add(
        [sha256, [], result],
        [...probed].map((probe) => [probe, digest(outcomeOf(probe))] as const),
      )
    },
    isSilent(path, sha256) {
      const row = pages.get(path)
      return row?.[0] === sha256 && row[2].isSilent
    },
    save() {
      if (isNews) write(file, { v: version, ...next.rows() })
    },
  }
}

const NEVER: ProbeRow = ['', '']

const digest = (outcome: string): string => hash('sha256', outcome, 'base64').slice(0, 16)

/** Whether a probe still has its recorded outcome. Each is checked once. */
function holding(rows: readonly ProbeRow[]): (index: number, outcomeOf: (probe: string) => string) => boolean {
  const answers: (boolean | undefined)[] = []
  return (index, outcomeOf) => {
    const [probe, outcome] = rows[index] ?? NEVER
    answers[index] ??= digest(outcomeOf(probe)) === outcome
    return answers[index] ?? false
  }
}

/** Collects pages, storing each probe once, however many of them depend on it. */
function interning(): {
  add(row: PageRow, probes: readonly ProbeRow[]): void
  rows(): { readonly probes: readonly ProbeRow[]; readonly pages: readonly PageRow[] }
} {
  const indexOf = new Map<string, number>()
  const probes: ProbeRow[] = []
  const pages: PageRow[] = []
  const indexOfRow = (row: ProbeRow): number => {
    const found = indexOf.get(row[0])
    if (found !== undefined) return found
    indexOf.set(row[0], probes.length)
    probes.push(row)
    return probes.length - 1
  }
  return {
    add: ([sha256, , result], rows) => pages.push([sha256, rows.map(indexOfRow), result]),
    rows: () => ({ probes, pages }),
  }
}

function load(file: string, version: string): MemoryFile | undefined {
  try {
    const data: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isMemoryFile(data, version) ? data : undefined
  } catch {
    return undefined
  }
}

/** Only this program writes the file, atomically, so checking the version is enough. */
function isMemoryFile(data: unknown, version: string): data is MemoryFile {
  return typeof data === 'object' && data !== null && 'v' in data && data.v === version && 'pages' in data
}

function write(file: string, data: MemoryFile): void {
  try {
    writeCacheFile(file, JSON.stringify(data))
  } catch {
    // the next run makes its pages anew
  }
}
