import { gunzipSync, gzipSync } from 'node:zlib'
import type { Digest, ETag, HeaderSet, Key } from '../model.ts'
import { HeaderTable, isHeaderList } from './header-table.ts'
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

/** `manifests/<seq>.json.gz`: rows as arrays, header sets interned, gzip. The same manifest gives the same bytes. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const table = new HeaderTable()
  const rows = [...manifest.rows.values()]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map((row) => [row.key, row.sha256, row.size, table.index(row.headers), row.etag ?? 0, row.unnamedSince ?? 0])
  return gzipSync(JSON.stringify({ v: VERSION, seq: manifest.seq, headers: table.list, rows }))
}

/** @throws E_MANIFEST when these are not the bytes of a manifest this version reads */
export function decodeManifest(bytes: Uint8Array, label: string): Manifest {
  const data = parse(bytes, label)
  if (!isManifestFile(data)) throw unreadableState('The manifest', label)
  const table = new HeaderTable(data.headers)
  const rows = new Map<Key, ManifestRow>()
  for (const row of data.rows) {
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
  return { seq: data.seq, rows }
}

type EncodedRow = readonly [Key, Digest, number, number, ETag | 0, string | 0]

function parse(bytes: Uint8Array, label: string): unknown {
  try {
    return JSON.parse(gunzipSync(bytes).toString('utf8'))
  } catch (error) {
    throw unreadableState('The manifest', label, error)
  }
}

function isManifestFile(data: unknown): data is { seq: number; headers: [string, string][][]; rows: EncodedRow[] } {
  if (typeof data !== 'object' || data === null) return false
  const { v, seq, headers, rows } = data as Record<string, unknown> // an object: every property may be looked at
  return v === VERSION && Number.isInteger(seq) && isHeaderList(headers) && Array.isArray(rows) && rows.every(isRow)
}

function isRow(row: unknown): row is EncodedRow {
  return (
    Array.isArray(row) &&
    row.length === 6 &&
    typeof row[0] === 'string' &&
    /^[0-9a-f]{64}$/.test(String(row[1])) &&
    Number.isSafeInteger(row[2]) &&
    Number.isSafeInteger(row[3]) &&
    (row[4] === 0 || typeof row[4] === 'string') &&
    (row[5] === 0 || typeof row[5] === 'string')
  )
}
