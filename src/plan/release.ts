import { createHash } from 'node:crypto'
import type { Digest, HeaderSet, Key, Mode, SitePath } from '../words/model.ts'
import { HeaderTable, isHeaderList } from './header-table.ts'
import { listPieces } from './json-pieces.ts'
import { base32 } from './naming.ts'
import { parseJson, unreadableRecord } from './state-file.ts'

const VERSION = 1

/** What a release consists of, whatever its number and date. */
export interface ReleaseContent {
  readonly mode: Mode
  readonly url: string | undefined
  /** Assets: path -> the key that pages name it by. */
  readonly paths: ReadonlyMap<SitePath, Key>
  /** Mutable objects in the store (mirror, host): key -> what it holds. */
  readonly stored: ReadonlyMap<Key, { readonly sha256: Digest; readonly headers: HeaderSet }>
  /** Rewritten files at the origin (offload): path -> digest of the rewritten bytes. */
  readonly pages: ReadonlyMap<SitePath, Digest>
  /** Headers of the hashed names among `paths`, by key; absent in records that were written before they were kept. */
  readonly assetHeaders?: ReadonlyMap<Key, HeaderSet> | undefined
  /** Keys that pages still name although the file is gone from the site: they must stay. */
  readonly lingering: ReadonlySet<Key>
}

/** Which publish of which channel a release is, and where it stands in the history. */
export interface ReleaseOrigin {
  readonly seq: number
  readonly channel: string
  /** The channel's previous live release: a history that does not depend on listings. */
  readonly previous: string | undefined
  /** The release that a rollback put back. */
  readonly restores: string | undefined
}

/** One published state of one channel. `releases/<id>.json`, written once, never changed. */
export interface Release extends ReleaseContent, ReleaseOrigin {
  readonly id: string
  /** ISO 8601. */
  readonly createdAt: string
}

/** Digest of everything in it that a visitor can see; equal contents have equal digests. */
export function contentDigest(content: ReleaseContent): Digest {
  const known = digests.get(content)
  if (known !== undefined) return known
  const hash = createHash('sha256').update('{')
  for (const piece of contentPieces(content)) hash.update(piece)
  const digest = hash.digest('hex')
  digests.set(content, digest)
  return digest
}

/** Memoized: contents never change, and both planning and publishing need the digest. */
const digests = new WeakMap<ReleaseContent, Digest>()

/**
 * `r12-k5xw3a`: the number orders; the digest, which covers channel and history too, distinguishes releases with the
 * same number: the record of an interrupted run is never taken for another's.
 */
export function releaseId(about: ReleaseOrigin, content: ReleaseContent): string {
  const { seq, channel, previous = null, restores = null } = about
  const digest = createHash('sha256').update(JSON.stringify([contentDigest(content), channel, previous, restores]))
  return `r${seq}-${base32(digest.digest()).slice(0, 6)}`
}

/** @param content its content, encoded. @default made here */
export function encodeRelease(release: Release, content: Uint8Array = encodeContent(release)): Uint8Array {
  const { id, seq, channel, createdAt, previous, restores } = release
  const head = { v: VERSION, id, seq, channel, createdAt, ...(previous && { previous }), ...(restores && { restores }) }
  return Buffer.concat([Buffer.from(`${JSON.stringify(head).slice(0, -1)},`), content, Buffer.from('\n')])
}

/** The part of a release's encoding that does not depend on its number and date. Its digest is known after it. */
export function encodeContent(content: ReleaseContent): Uint8Array {
  const bytes = Buffer.concat(Array.from(contentPieces(content), (piece) => Buffer.from(piece)))
  if (!digests.has(content)) digests.set(content, createHash('sha256').update('{').update(bytes).digest('hex'))
  return bytes
}

/** @throws E_MANIFEST */
export function decodeRelease(bytes: Uint8Array, label: string): Release {
  const data = parseJson(bytes)
  if (!isReleaseFile(data)) {
    throw unreadableRecord('A release', label)
  }
  const table = new HeaderTable(data.headers)
  const { id, seq, channel, createdAt, previous, restores, mode, url } = data
  return {
    id,
    seq,
    channel,
    createdAt,
    previous,
    restores,
    mode,
    url: url ?? undefined,
    paths: new Map(data.paths.map(([path, key]) => [path, key])),
    ...assetHeadersOf(data, table),
    stored: new Map(data.stored.map(([key, sha256, index]) => [key, { sha256, headers: table.at(index) }])),
    pages: new Map(data.pages),
    lingering: new Set(data.lingering),
  }
}

interface ReleaseFile {
  readonly id: string
  readonly seq: number
  readonly channel: string
  readonly createdAt: string
  readonly previous?: string
  readonly restores?: string
  readonly mode: Mode
  readonly url: string | null
  readonly headers: [string, string][][]
  readonly paths: ([SitePath, Key] | [SitePath, Key, number])[]
  readonly stored: [Key, Digest, number][]
  readonly pages: [SitePath, Digest][]
  readonly lingering: Key[]
}

function assetHeadersOf({ paths }: ReleaseFile, table: HeaderTable): Pick<ReleaseContent, 'assetHeaders'> {
  const assetHeaders = new Map(
    paths.flatMap(([, key, index]): [Key, HeaderSet][] => (index === undefined ? [] : [[key, table.at(index)]])),
  )
  return assetHeaders.size === 0 ? {} : { assetHeaders }
}

/** The members of the content in JSON, up to the brace that ends it, in pieces. */
function* contentPieces(content: ReleaseContent): Generator<string, void> {
  const { mode, url = null, assetHeaders } = content
  const table = new HeaderTable()
  const [stored, paths] = [sorted(content.stored), sorted(content.paths)]
  for (const [, { headers }] of stored) table.index(headers)
  for (const [, key] of paths) {
    const headers = assetHeaders?.get(key)
    if (headers !== undefined) table.index(headers)
  }
  yield `${JSON.stringify({ mode, url, headers: table.list }).slice(1, -1)},"paths":`
  yield* listPieces(paths, ([path, key]): ReleaseFile['paths'][number] => {
    const headers = assetHeaders?.get(key)
    return headers === undefined ? [path, key] : [path, key, table.index(headers)]
  })
  yield ',"stored":'
  yield* listPieces(stored, ([key, { sha256, headers }]) => [key, sha256, table.index(headers)])
  yield ',"pages":'
  yield* listPieces(sorted(content.pages), (page) => page)
  yield `,"lingering":${JSON.stringify([...content.lingering].sort())}}`
}

function sorted<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}

function isReleaseFile(data: unknown): data is ReleaseFile {
  if (typeof data !== 'object' || data === null) return false
  const file = data as Record<string, unknown> // an object: every property may be looked at
  return (
    file.v === VERSION &&
    typeof file.id === 'string' &&
    Number.isInteger(file.seq) &&
    typeof file.channel === 'string' &&
    typeof file.createdAt === 'string' &&
    [file.previous, file.restores].every((id) => id === undefined || typeof id === 'string') &&
    (file.mode === 'mirror' || file.mode === 'offload' || file.mode === 'host') &&
    (file.url === null || typeof file.url === 'string') &&
    isHeaderList(file.headers) &&
    arePairs(file.paths) &&
    arePairs(file.stored) &&
    arePairs(file.pages) &&
    Array.isArray(file.lingering) &&
    file.lingering.every((key) => typeof key === 'string')
  )
}

function arePairs(list: unknown): boolean {
  return (
    Array.isArray(list) &&
    list.every((pair) => Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string')
  )
}
