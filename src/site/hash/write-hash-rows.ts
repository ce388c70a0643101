import type { SitePath } from '../../words/model.ts'
import { writeCacheFile } from '../cache-file.ts'
import type { FileFacts, FileStamp, Finding, Magic } from '../file.ts'
import { DIGEST, type HashRows, type Head, NUMBERS, VERSION } from './hash-rows.ts'

/** Facts about a file in a certain state, and the fingerprint of the credentials that it was searched for. */
export interface HashRow {
  readonly file: FileStamp & { readonly path: SitePath }
  readonly facts: FileFacts
  readonly searched: string
}

export interface NextRows {
  readonly root: string
  readonly known: HashRows
  /** In order of path: the number of a known row that stays, or a new one. */
  readonly next: readonly (number | HashRow)[]
}

/**
 * Writes the file atomically. Known rows that follow each other are copied a column at a time, because mostly a few of
 * thousands are new.
 * @throws a system error where that cannot be written
 */
export function writeRows(file: string, { root, known, next }: NextRows): void {
  const rows = startRows(next.length, known)
  for (let at = 0; at < next.length; ) {
    const row = next[at]
    if (typeof row === 'object') {
      rows.add(row)
      at += 1
    } else {
      const first = row ?? 0
      let count = 1
      while (next[at + count] === first + count) count += 1
      rows.copy(first, first + count)
      at += count
    }
  }
  writeCacheFile(file, ...rows.end(root))
}

interface Rows {
  add(row: HashRow): void
  /** Known rows from `first` up to but without `end`. */
  copy(first: number, end: number): void
  /** The parts of the file. */
  end(root: string): (string | Uint8Array)[]
}

function startRows(count: number, { paths: knownPaths, columns }: HashRows): Rows {
  const stamps = new Float64Array(count * NUMBERS)
  const kinds = new Uint8Array(count)
  const searched = new Uint8Array(count)
  const magics = numbers<Magic | ''>(columns.magics)
  const searches = numbers<string>([]) // those that are left behind are forgotten
  const findings: [number, readonly Finding[]][] = []
  const digests: string[] = []
  const paths: string[] = []
  let filled = 0
  return {
    add({ file, facts, searched: by }) {
      stamps.set([file.dev, file.ino, file.size, file.mtimeMs, file.ctimeMs], filled * NUMBERS)
      kinds[filled] = magics.of(facts.magic ?? '') * 2 + (facts.utf8 ? 1 : 0)
      searched[filled] = searches.of(by)
      if (facts.findings.length > 0) findings.push([filled, facts.findings])
      digests.push(facts.sha256)
      paths.push(file.path)
      filled += 1
    },
    copy(first, end) {
      stamps.set(columns.stamps.subarray(first * NUMBERS, end * NUMBERS), filled * NUMBERS)
      kinds.set(columns.kinds.subarray(first, end), filled)
      digests.push(columns.digests.slice(first * DIGEST, end * DIGEST))
      paths.push(knownPaths.slice(first, end).join('\0'))
      for (let known = first; known < end; known++, filled++) {
        searched[filled] = searches.of(columns.searches[columns.searched[known] ?? 0] ?? '')
        const found = columns.findings.get(known)
        if (found !== undefined) findings.push([filled, found])
      }
    },
    end(root) {
      const head: Head = { v: VERSION, root, rows: count, magics: magics.list, searches: searches.list, findings }
      const ended = paths.map((path) => `${path}\0`).join('')
      return [`${JSON.stringify(head)}\n`, Buffer.from(stamps.buffer), kinds, searched, digests.join(''), ended]
    },
  }
}

interface Numbers<T> {
  readonly list: readonly T[]
  /** The number of this value, a new one where it has none. */
  of(value: T): number
}

function numbers<T>(known: readonly T[]): Numbers<T> {
  const list = [...known]
  const byValue = new Map(list.map((value, number) => [value, number]))
  return {
    list,
    of(value) {
      const number = byValue.get(value)
      if (number !== undefined) return number
      byValue.set(value, list.length)
      return list.push(value) - 1
    },
  }
}
