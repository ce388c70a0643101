import { pipeline } from 'node:stream/promises'
import { createGzip, gunzipSync, gzipSync, type ZlibOptions } from 'node:zlib'
import type { Digest, ETag, HeaderSet, Key } from '../model.ts'
import { HeaderTable, isHeaderList } from './header-table.ts'
import { listPieces, openRows } from './json-pieces.ts'
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
  readonly rows: ReadonlyMap<Key, ManifestRow>
}

/** Up to this many rows are compressed synchronously, in some tens of milliseconds; a thread would double that. */
const AT_ONCE = 10_000
/** Most of a row is digests, which do not compress: a higher level takes half as long again to save a thirtieth. */
const PACKED: ZlibOptions = { level: 3 }

/** `manifests/<seq>.json.gz`: rows as arrays, header sets interned, gzip. The same manifest gives the same bytes. */
export async function encodeManifest(manifest: Manifest): Promise<Uint8Array> {
  if (manifest.rows.size <= AT_ONCE) return gzipSync(Buffer.concat([...textOf(manifest)]), PACKED)
  const packed: Buffer[] = []
  // in the thread pool, piece by piece: the event loop stays free to renew a held deploy
  await pipeline(textOf(manifest), createGzip(PACKED), async (pieces: AsyncIterable<Buffer>) => {
    for await (const piece of pieces) packed.push(piece)
  })
  return Buffer.concat(packed)
}

function* textOf({ seq, rows: all }: Manifest): Generator<Buffer, void> {
  const table = new HeaderTable()
  const rows = [...all.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
  for (const { headers } of rows) table.index(headers)
  const head = JSON.stringify({ v: VERSION, seq, headers: table.list })
  yield Buffer.from(`${head.slice(0, -1)},"rows":`)
  const rowOf = ({ key, sha256, size, headers, etag, unnamedSince }: ManifestRow): EncodedRow => {
    return [key, sha256, size, table.index(headers), etag ?? 0, unnamedSince ?? 0]
  }
  for (const piece of listPieces(rows, rowOf)) yield Buffer.from(piece)
  yield Buffer.from('}')
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
  const rows = new Map<Key, ManifestRow>()
  for (const piece of pieces) for (const row of piece) addRow(rows, row, table)
  return { seq: head.seq, rows }
}

function addRow(rows: Map<Key, ManifestRow>, row: unknown, table: HeaderTable): void {
  if (!isRow(row)) throw new TypeError('no row of a manifest')
  const [key, sha256, size, headers, etag, since] = row
  rows.set(key, {
    key,
    sha256,
    size,
    headers: table.at(headers),
    etag: etag === 0 ? undefined : etag,
    unnamedSince: since === 0 ? undefined : since,
  })
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
