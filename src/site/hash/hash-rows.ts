import { readFileSync } from 'node:fs'
import { endianness } from 'node:os'
import type { SitePath } from '../../model.ts'
import { writeCacheFile } from '../cache-file.ts'
import type { FileFacts, FileStamp, Finding, Magic } from '../file.ts'
import { RULES_DIGEST } from '../secrets/anchors.ts'

/** Raised whenever what a row means changes; older files are ignored and made again. */
const VERSION = `5 ${RULES_DIGEST} ${endianness()}`

/** Facts about a file in a certain state, and the fingerprint of the credentials that it was searched for. */
export interface HashRow {
  readonly file: FileStamp & { readonly path: SitePath }
  readonly facts: FileFacts
  readonly searched: string
}

/** Rows as they were written, in order of path. */
export interface HashRows {
  readonly paths: readonly SitePath[]
  /** Whether the row is of the file in this state. */
  isOf(index: number, file: FileStamp): boolean
  facts(index: number): FileFacts
  searched(index: number): string
}

/** Numbers of a stamp: device, inode, size and both times. */
const NUMBERS = 5
const STAMP_BYTES = NUMBERS * Float64Array.BYTES_PER_ELEMENT
/** Characters of a digest. */
const DIGEST = 64

/**
 * The first line of the file, in JSON. After it stand columns, because a hundred thousand rows are read and compared
 * in a tenth of the time and memory that objects take: stamps as doubles; for each row a byte for its magic and whether
 * it is UTF-8, and one for what it was searched for; digests; and paths, with a NUL after each.
 */
interface Head {
  readonly v: string
  readonly root: string
  readonly rows: number
  readonly magics: readonly (Magic | '')[]
  readonly searches: readonly string[]
  /** Of the few rows that have any. */
  readonly findings: readonly (readonly [row: number, findings: readonly Finding[]])[]
}

const NO_FINDINGS: readonly Finding[] = []
const NONE: HashRows = { paths: [], isOf: () => false, facts: noRow, searched: noRow }

function noRow(): never {
  throw new RangeError('no such row')
}

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
  const { rows, magics } = head
  const ends = [begin]
  for (const width of [STAMP_BYTES, 1, 1, DIGEST]) ends.push((ends.at(-1) ?? 0) + rows * width)
  const [stamped, kinds, searches, digested] = ends.slice(1).map((end, column) => bytes.subarray(ends[column], end))
  const digests = digested?.toString('latin1') ?? ''
  const paths = bytes.toString('utf8', ends.at(-1)).split('\0')
  const isWhole = paths.pop() === '' && paths.length === rows && /^[0-9a-f]*$/.test(digests)
  if (!isWhole || stamped === undefined) return undefined
  const stamps = new Float64Array(rows * NUMBERS)
  Buffer.from(stamps.buffer).set(stamped)
  const findings = new Map(head.findings)
  return {
    paths,
    isOf: (index, file) => isEqual(stamps, index * NUMBERS, file),
    facts(index) {
      const kind = kinds?.[index] ?? 0
      return {
        sha256: digests.slice(index * DIGEST, (index + 1) * DIGEST),
        utf8: kind % 2 === 1,
        magic: magics[kind >> 1] || undefined,
        findings: findings.get(index) ?? NO_FINDINGS,
      }
    },
    searched: (index) => head.searches[searches?.[index] ?? 0] ?? '',
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

/**
 * Writes the file atomically, rows in order of path.
 * @throws a system error where that cannot be written
 */
export function writeRows(file: string, root: string, rows: readonly HashRow[]): void {
  const magics = [...new Set(rows.map(({ facts }) => facts.magic ?? ''))]
  const searches = [...new Set(rows.map(({ searched }) => searched))]
  const findings = rows.flatMap(({ facts }, row) => (facts.findings.length > 0 ? [[row, facts.findings] as const] : []))
  const head: Head = { v: VERSION, root, rows: rows.length, magics, searches, findings }
  const stamps = new Float64Array(rows.length * NUMBERS)
  for (const [
    row,
    {
      file: { dev, ino, size, mtimeMs, ctimeMs },
    },
  ] of rows.entries())
    stamps.set([dev, ino, size, mtimeMs, ctimeMs], row * NUMBERS)
  writeCacheFile(
    file,
    `${JSON.stringify(head)}\n`,
    Buffer.from(stamps.buffer),
    Uint8Array.from(rows, ({ facts }) => magics.indexOf(facts.magic ?? '') * 2 + (facts.utf8 ? 1 : 0)),
    Uint8Array.from(rows, ({ searched }) => searches.indexOf(searched)),
    rows.map(({ facts }) => facts.sha256).join(''),
    rows.map(({ file: { path } }) => `${path}\0`).join(''),
  )
}
