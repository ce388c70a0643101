import { readFileSync } from 'node:fs'
import { endianness } from 'node:os'
import type { SitePath } from '../../words/model.ts'
import type { FileFacts, FileStamp, Finding, Magic } from '../file.ts'
import { RULES_DIGEST } from '../secrets/anchors.ts'

/** Raised whenever what a row means changes; older files are ignored and made again. */
export const VERSION: string = `5 ${RULES_DIGEST} ${endianness()}`

/** Rows as they were written, in order of path. */
export interface HashRows {
  readonly paths: readonly SitePath[]
  /** Whether the row is of the file in this state. */
  isOf(index: number, file: FileStamp): boolean
  facts(index: number): FileFacts
  searched(index: number): string
  readonly columns: Columns
}

/** All but the paths: see {@link Head}. */
export interface Columns {
  readonly stamps: Float64Array
  readonly kinds: Uint8Array
  /** Numbers of `Head.searches`. */
  readonly searched: Uint8Array
  readonly digests: string
  readonly magics: readonly (Magic | '')[]
  readonly searches: readonly string[]
  readonly findings: ReadonlyMap<number, readonly Finding[]>
}

/** Numbers of a stamp: device, inode, size and both times. */
export const NUMBERS = 5
const STAMP_BYTES = NUMBERS * Float64Array.BYTES_PER_ELEMENT
/** Characters of a digest. */
export const DIGEST = 64

/**
 * The first line of the file, in JSON. After it stand columns, because a hundred thousand rows are read and compared
 * in a tenth of the time and memory that objects take: stamps as doubles; for each row a byte for its magic and whether
 * it is UTF-8, and one for what it was searched for; digests; and paths, with a NUL after each.
 */
export interface Head {
  readonly v: string
  readonly root: string
  readonly rows: number
  readonly magics: readonly (Magic | '')[]
  readonly searches: readonly string[]
  /** Of the few rows that have any. */
  readonly findings: readonly (readonly [row: number, findings: readonly Finding[]])[]
}

const NO_FINDINGS: readonly Finding[] = []
const NONE = rowsOf([], {
  ...{ stamps: new Float64Array(), kinds: new Uint8Array(), searched: new Uint8Array() },
  ...{ digests: '', magics: [], searches: [], findings: new Map() },
})

/** A missing, truncated or foreign file holds no rows. */
export function readRows(file: string): HashRows {
  try {
    return decode(readFileSync(file)) ?? NONE
  } catch {
    return NONE
  }
}

function decode(bytes: Buffer): HashRows | undefined {
  const begin = bytes.indexOf('\n') + 1
  const head: unknown = JSON.parse(bytes.toString('utf8', 0, begin))
  if (!isHead(head)) return undefined
  const { rows, magics, searches } = head
  const ends = [begin]
  for (const width of [STAMP_BYTES, 1, 1, DIGEST]) ends.push((ends.at(-1) ?? 0) + rows * width)
  const [stamped, kinds, searched, digested] = ends.slice(1).map((end, column) => bytes.subarray(ends[column], end))
  const digests = digested?.toString('latin1') ?? ''
  const paths = bytes.toString('utf8', ends.at(-1)).split('\0')
  const isWhole = paths.pop() === '' && paths.length === rows && /^[0-9a-f]*$/.test(digests)
  if (!isWhole || stamped === undefined || kinds === undefined || searched === undefined) return undefined
  const stamps = new Float64Array(rows * NUMBERS)
  Buffer.from(stamps.buffer).set(stamped)
  return rowsOf(paths, { stamps, kinds, searched, digests, magics, searches, findings: new Map(head.findings) })
}

function rowsOf(paths: readonly SitePath[], columns: Columns): HashRows {
  const { stamps, kinds, searched, digests, magics, searches, findings } = columns
  return {
    paths,
    columns,
    isOf: (index, file) => isEqual(stamps, index * NUMBERS, file),
    facts(index) {
      const kind = kinds[index] ?? 0
      return {
        sha256: digests.slice(index * DIGEST, (index + 1) * DIGEST),
        utf8: kind % 2 === 1,
        magic: magics[kind >> 1] || undefined,
        findings: findings.get(index) ?? NO_FINDINGS,
      }
    },
    searched: (index) => searches[searched[index] ?? 0] ?? '',
  }
}

function isEqual(stamps: Float64Array, at: number, { dev, ino, size, mtimeMs, ctimeMs }: FileStamp): boolean {
  return (
    stamps[at] === dev &&
    stamps[at + 1] === ino &&
    stamps[at + 2] === size &&
    stamps[at + 3] === mtimeMs &&
    stamps[at + 4] === ctimeMs
  )
}

/** Only the version is checked; the rest is as it was written. */
function isHead(head: unknown): head is Head {
  return typeof head === 'object' && head !== null && 'v' in head && head.v === VERSION
}
