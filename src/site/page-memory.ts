import { createHash, hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest, SitePath } from '../model.ts'
import { writeCacheFile } from './cache-file.ts'
import type { PageResult } from './page-result.ts'

/** Raised whenever pages are made in another way; older files are ignored and made again. */
const VERSION = 5

/**
 * What earlier runs made of pages. A page is known as long as neither its bytes nor the answer to any question that
 * its references raised have changed. Losing it costs only time.
 */
export interface PageMemory {
  /** @param outcomeOf the answer to a question now; asked once for each */
  recall(path: SitePath, sha256: Digest, outcomeOf: (probe: string) => string): PageResult | undefined
  remember(result: PageResult, made: MadeBy): void
  /** Whether these very bytes are known to say nothing about modules beyond naming them. */
  isSilent(path: SitePath, sha256: Digest): boolean
  /** Writes what this run knew, as a whole, when it learnt anything. */
  save(): void
}

export interface MadeBy {
  /** Of the page's file. */
  readonly sha256: Digest
  readonly probed: ReadonlySet<string>
  outcomeOf(probe: string): string
}

/** A question, and the digest of its answer. */
type ProbeRow = readonly [probe: string, outcome: string]
type PageRow = readonly [sha256: Digest, probes: readonly number[], result: PageResult]

interface MemoryFile {
  readonly v: string
  readonly probes: readonly ProbeRow[]
  readonly pages: readonly PageRow[]
}

/** `settings` stands for everything else that decides: another text, another memory. */
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
      // a page that was rewritten in place is what was made of it
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

/** Whether the answer to a question is what it was. Each is asked once. */
function holding(rows: readonly ProbeRow[]): (index: number, outcomeOf: (probe: string) => string) => boolean {
  const answers: (boolean | undefined)[] = []
  return (index, outcomeOf) => {
    const [probe, outcome] = rows[index] ?? NEVER
    answers[index] ??= digest(outcomeOf(probe)) === outcome
    return answers[index] ?? false
  }
}

/** Collects pages whose questions are written once, whichever page raised them. */
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

/** Written as a whole by this program and by nobody else, so that the version speaks for the rows. */
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
