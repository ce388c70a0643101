import { hash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../../words/model.ts'
import { writeCacheFile } from '../cache-file.ts'

/** Age at which unused entries are evicted, in milliseconds. */
const KEPT_MS = 30 * 24 * 3600 * 1000
/** Age from which the mtime of a used entry is refreshed, in milliseconds. */
const FRESH_MS = 24 * 3600 * 1000
/** Maximum size of all entries together, in bytes. */
const MOST_BYTES = 512_000_000

/** The result of compressing: bytes, or that it was not worth it. */
export type Packed = { readonly size: number; readonly sha256: Digest } | 'not worth it'

/** Compressed bytes of earlier runs, by what they were made from. Losing it costs only time. */
export interface PackedFiles {
  /** @param id digest of the source, packing and packer */
  find(id: string): Packed | undefined
  /** Whether any packer is known to have made these bytes from this source. */
  knows(source: Digest, sha256: Digest): boolean
  /** The bytes of an entry, if their digest still matches. */
  read(id: string): Uint8Array | undefined
  write(id: string, packed: Uint8Array | 'not worth it'): void
  /** Remembers that these bytes, which lie elsewhere, unpack to that source. */
  note(source: Digest, packed: { readonly size: number; readonly sha256: Digest }): void
  /** Evicts what is too old or too much, if this run has added something. */
  trim(nowMs: number): void
}

interface Entry {
  readonly name: string
  readonly packed: Packed
}

/**
 * One file per result. Its name says what is in it (`<id>-<size>-<digest>`, or `<id>-none`), so that a run in which
 * nothing changed reads one folder and no bytes.
 */
export function openPackedFiles(cacheDir: string): PackedFiles {
  const folder = join(cacheDir, 'compressed')
  const entries = new Map<string, Entry>()
  for (const name of namesIn(folder)) {
    const entry = parse(name)
    if (entry !== undefined) entries.set(entry.id, entry)
  }
  const used = new Set<string>()
  let proved: Map<string, string> | undefined
  let isWritten = false
  const add = (id: string, packed: Packed, bytes: Uint8Array | string): void => {
    const name = nameOf(id, packed)
    entries.set(id, { name, packed })
    proved?.set(proofOf(id, packed), name)
    used.add(name)
    isWritten = write(join(folder, name), bytes) || isWritten
  }
  return {
    find(id) {
      const found = entries.get(id)
      if (found !== undefined) used.add(found.name)
      return found?.packed
    },
    knows(source, sha256) {
      proved ??= new Map([...entries].map(([id, entry]) => [proofOf(id, entry.packed), entry.name]))
      const name = proved.get(`${source} ${sha256}`)
      if (name !== undefined) used.add(name)
      return name !== undefined
    },
    read(id) {
      const found = entries.get(id)
      if (found === undefined || found.packed === 'not worth it') return undefined
      return wholeFile(join(folder, found.name), found.packed.sha256)
    },
    write: (id, bytes) => (bytes === 'not worth it' ? add(id, bytes, '') : add(id, factsOf(bytes), bytes)),
    note: (source, packed) => add(`${source}-given-${packed.sha256.slice(0, 16)}`, packed, ''),
    trim(nowMs) {
      if (isWritten) letGo(folder, used, nowMs)
    },
  }
}

const factsOf = (bytes: Uint8Array): Packed => ({ size: bytes.byteLength, sha256: hash('sha256', bytes) })

/** `<source> <digest of the compressed bytes>`; an id begins with the source's digest. */
function proofOf(id: string, packed: Packed): string {
  return packed === 'not worth it' ? '' : `${id.slice(0, 64)} ${packed.sha256}`
}

function nameOf(id: string, packed: Packed): string {
  return packed === 'not worth it' ? `${id}-none` : `${id}-${packed.size}-${packed.sha256}`
}

function parse(name: string): (Entry & { readonly id: string }) | undefined {
  const made = /^(.+)-(\d+)-([0-9a-f]{64})$/.exec(name)
  if (made !== null) {
    const [, id = '', size, sha256 = ''] = made
    return { id, name, packed: { size: Number(size), sha256 } }
  }
  const none = /^(.+)-none$/.exec(name)
  return none === null ? undefined : { id: none[1] ?? '', name, packed: 'not worth it' }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function wholeFile(file: string, sha256: Digest): Uint8Array | undefined {
  try {
    const bytes = readFileSync(file)
    return hash('sha256', bytes) === sha256 ? bytes : undefined
  } catch {
    return undefined
  }
}

function write(file: string, bytes: Uint8Array | string): boolean {
  try {
    writeCacheFile(file, bytes)
    return true
  } catch {
    return false // a read-only or full disk costs the same work next time
  }
}

/** Temporary files of killed runs are evicted by age like entries. */
function letGo(folder: string, used: ReadonlySet<string>, nowMs: number): void {
  const files = namesIn(folder).flatMap((name) => {
    const found = statSync(join(folder, name), { throwIfNoEntry: false })
    return found === undefined ? [] : [{ name, size: found.size, ageMs: nowMs - found.mtimeMs, isUsed: used.has(name) }]
  })
  const byWorth = files.sort((a, b) => Number(b.isUsed) - Number(a.isUsed) || a.ageMs - b.ageMs)
  let bytes = 0
  for (const { name, size, ageMs, isUsed } of byWorth) {
    bytes += size
    const file = join(folder, name)
    if (bytes > MOST_BYTES || (!isUsed && ageMs > KEPT_MS)) rmSync(file, { force: true })
    else if (isUsed && ageMs > FRESH_MS) utimesSync(file, nowMs / 1000, nowMs / 1000)
  }
}
