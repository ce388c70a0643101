import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createGzip, gunzipSync, gzip, type ZlibOptions } from 'node:zlib'
import type { Digest, ETag, HeaderSet, Key } from '../words/model.ts'
import { HeaderTable, isHeaderList } from './header-table.ts'
import { openRows, rowPieces } from './json-pieces.ts'
import { unreadableState } from './state-file.ts'

/** Raised when the form changes so that an older Lading could misread it. */
const VERSION = 1

/** What the manifest knows of one key. */
export interface ManifestRow {
  readonly key: Key
  readonly sha256: Digest
  /** In bytes. */
  readonly size: number
  readonly headers: HeaderSet
  /** As the store answered; kept for mutable keys only, whose next write is conditional on it. */
  readonly etag: ETag | undefined
  /** Since when no live release names it, ISO 8601; absent while one does. */
  readonly unnamedSince: string | undefined
}

/** The bill of lading: everything of ours that lies in the store. A `Map`, so that a file called `__proto__` is a file. */
export interface Manifest {
  readonly seq: number
  /** Decoded, in order of key. */
  readonly rows: ReadonlyMap<Key, ManifestRow>
}

/** Up to this many rows are compressed in one piece, which takes half the time. */
const IN_ONE_PIECE = 10_000
/** Most of a row is digests, which do not compress: a higher level takes half as long again to save a thirtieth. */
const PACKED: ZlibOptions = { level: 3 }
/**
 * Bytes per turn of the thread pool: all that `IN_ONE_PIECE` gives. With the 16 KiB of the default, packing waits for
 * a busy event loop after each.
 */
const ONE_TURN = 1024 * 1024

/** `manifests/<seq>.json.gz`: rows as arrays, header sets interned, gzip. The same manifest gives the same bytes. */
export const encodeManifest = (manifest: Manifest): Promise<Uint8Array> =>
  packManifest(manifest, new Set())(manifest.rows)

/**
 * Packs a manifest of which some rows are not known yet. The others are packed at once, in the thread pool; the late
 * rows follow as a second gzip member, which every reader of gzip takes for the rest of the same text.
 *
 * @param manifest with all rows; of the late ones only key and headers count
 * @returns what packs the late rows, with the same headers, and gives the bytes of the whole
 */
export function packManifest(
  manifest: Manifest,
  late: ReadonlySet<Key>,
): (rows: ReadonlyMap<Key, ManifestRow>) => Promise<Uint8Array> {
  const table = new HeaderTable()
  const rows = [...manifest.rows.values()].sort(byKey)
  for (const { headers } of rows) table.index(headers)
  const encoded = ({ key, sha256, size, headers, etag, unnamedSince }: ManifestRow): EncodedRow => {
    return [key, sha256, size, table.index(headers), etag ?? 0, unnamedSince ?? 0]
  }
  const known = late.size === 0 ? rows : rows.filter(({ key }) => !late.has(key))
  const head = JSON.stringify({ v: VERSION, seq: manifest.seq, headers: table.list })
  const first = packed(textOf(`${head.slice(0, -1)},"rows":[`, rowPieces(known, encoded)), known.length)
  first.catch(() => {}) // it may never be asked for
  return async (all) => {
    const rest = rows.flatMap(({ key }) => (late.has(key) ? (all.get(key) ?? []) : []))
    const opening = known.length > 0 && rest.length > 0 ? ',' : ''
    const last = packed(textOf(opening, rowPieces(rest, encoded), ']}'), rest.length)
    return Buffer.concat(await Promise.all([first, last]))
  }
}

function* textOf(opening: string, rows: Iterable<string>, end = ''): Generator<string, void> {
  let before = opening
  for (const piece of rows) {
    yield before + piece
    before = ','
  }
  yield before === ',' ? end : before + end
}

/** In the thread pool: the event loop stays free to renew a held deploy. */
async function packed(text: Iterable<string>, rows: number): Promise<Buffer> {
  if (rows <= IN_ONE_PIECE) return promisify(gzip)([...text].join(''), { ...PACKED, chunkSize: ONE_TURN })
  const done: Buffer[] = []
  await pipeline(text, createGzip(PACKED), async (pieces: AsyncIterable<Buffer>) => {
    for await (const piece of pieces) done.push(piece)
  })
  return Buffer.concat(done)
}

/** @throws E_MANIFEST when these are not the bytes of a manifest this version reads */
export function decodeManifest(bytes: Uint8Array, label: string): Manifest {
  try {
    const text = gunzipSync(bytes)
    return inPieces(text) ?? asWhole(text)
  } catch (error) {
    throw unreadableState('The manifest', label, error)
  }
}

/** As we write it. What others write may come in another form, or hold a key that looks like the end of a row. */
function inPieces(text: Buffer): Manifest | undefined {
  try {
    const opened = openRows(text, 'rows')
    return opened && manifestOf(opened.head, opened.pieces)
  } catch {
    return undefined
  }
}

function asWhole(text: Buffer): Manifest {
  const data: unknown = JSON.parse(text.toString('utf8'))
  return manifestOf(data, isHead(data) ? [data.rows] : [])
}

/** @throws TypeError when it is none */
function manifestOf(head: unknown, pieces: Iterable<readonly unknown[]>): Manifest {
  if (!isHead(head)) throw new TypeError('no manifest of this version')
  const table = new HeaderTable(head.headers)
  const rows: ManifestRow[] = []
  for (const piece of pieces) for (const row of piece) rows.push(rowOf(row, table))
  rows.sort(byKey) // two sorted lists, as they were packed: nearly linear
  return { seq: head.seq, rows: new Map(rows.map((row) => [row.key, row])) }
}

const byKey = (a: ManifestRow, b: ManifestRow): number => (a.key < b.key ? -1 : 1)

function rowOf(row: unknown, table: HeaderTable): ManifestRow {
  if (!isRow(row)) throw new TypeError('no row of a manifest')
  const [key, sha256, size, headers, etag, since] = row
  return {
    key,
    sha256,
    size,
    headers: table.at(headers),
    etag: etag === 0 ? undefined : etag,
    unnamedSince: since === 0 ? undefined : since,
  }
}

type EncodedRow = readonly [Key, Digest, number, number, ETag | 0, string | 0]

interface Head {
  readonly seq: number
  readonly headers: [string, string][][]
  readonly rows: readonly unknown[]
}

function isHead(data: unknown): data is Head {
  if (typeof data !== 'object' || data === null) return false
  const { v, seq, headers, rows } = data as Record<string, unknown> // an object: every property may be looked at
  return v === VERSION && Number.isInteger(seq) && isHeaderList(headers) && Array.isArray(rows)
}

const DIGEST = /^[0-9a-f]{64}$/

function isRow(row: unknown): row is EncodedRow {
  return (
    Array.isArray(row) &&
    row.length === 6 &&
    typeof row[0] === 'string' &&
    typeof row[1] === 'string' &&
    DIGEST.test(row[1]) &&
    Number.isSafeInteger(row[2]) &&
    Number.isSafeInteger(row[3]) &&
    (row[4] === 0 || typeof row[4] === 'string') &&
    (row[5] === 0 || typeof row[5] === 'string')
  )
}
