import { encodedHeaders, type Packing } from '../plan/compression.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import type { Compressor, Raw } from '../site/compress/compressor.ts'
import { PACKED_AT_ONCE } from '../site/compress/pack.ts'
import type { Desired } from '../site/desired.ts'
import { forEachBounded } from '../transfer/pool.ts'
import type { Body, Key } from '../words/model.ts'

export interface RepresentInput {
  readonly compressor: Compressor
  /** What the store is known to hold. */
  readonly rows: ReadonlyMap<Key, ManifestRow> | undefined
  /** Whether `rows` come from a check of the store rather than from the manifest: then contents are compared. */
  readonly doubts: boolean
  /** The bytes of a stored object, as stored. */
  readonly fetch: (key: Key) => Promise<Uint8Array | undefined>
  readonly signal?: AbortSignal | undefined
}

/**
 * Gives every object the form in which it is stored: as it is, compressed, or with a compressed one beside it.
 *
 *   under a name with a hash, in the store already   what lies there stays, whatever compressed it
 *   worth compressing                                compressed
 *   else                                             as it is
 *
 * A name with a hash promises what a visitor gets, not how it was packed: another version of the compressor neither
 * renames nor replaces what is there.
 */
export async function represent(objects: readonly Desired[], input: RepresentInput): Promise<Desired[]> {
  const work = objects.filter((object) => packingFor(object, input) !== undefined)
  const taken = new Set(work.length === 0 ? [] : objects.map(({ key }) => key))
  const forms = new Map<Desired, readonly Desired[]>()
  const bounded = { concurrency: PACKED_AT_ONCE, weigh: sizeOf, signal: input.signal }
  await forEachBounded(work, bounded, async (object) => {
    const packing = packingFor(object, input)
    if (packing === undefined) return
    const raw: Raw = { path: object.path, body: object.body, packing }
    if (packing.encoding === 'gzip') forms.set(object, [await packedInPlace(object, raw, input)])
    else if (!object.mutable) forms.set(object, [object, ...(await secondKey(object, raw, input, taken))])
  })
  input.compressor.trim()
  return work.length === 0 ? [...objects] : objects.flatMap((object) => forms.get(object) ?? [object])
}

const sizeOf = ({ body }: Desired): number => body.size

/** Bundlers' names, and those inside a tree, do not depend on the encoding: what is stored compressed stays so. */
function packingFor(object: Desired, { rows }: RepresentInput): Packing | undefined {
  if (object.packing !== undefined || object.mutable) return object.packing
  const row = rows?.get(object.key)
  const isPacked = row?.headers['content-encoding'] === 'gzip' && object.headers['content-encoding'] === undefined
  return isPacked && row.sha256 !== object.body.sha256 ? { encoding: 'gzip', level: 9, rule: 'stored so' } : undefined
}

async function packedInPlace(object: Desired, raw: Raw, input: RepresentInput): Promise<Desired> {
  const { compressor, rows } = input
  const row = object.mutable ? undefined : rows?.get(object.key)
  if (row !== undefined && row.sha256 === raw.body.sha256) return object
  if (row !== undefined && (await isSame(object, raw, row, input)))
    return packed(object, raw, compressor.held(raw, row))
  const body = await compressor.pack(raw)
  return body === undefined ? object : packed(object, raw, body)
}

/** Our names contain the content's hash and are trusted; a bundler's name is checked against the content once. */
async function isSame(
  { key, fileClass }: Desired,
  raw: Raw,
  row: ManifestRow,
  { compressor, doubts, fetch }: RepresentInput,
): Promise<boolean> {
  if (row.headers['content-encoding'] !== raw.packing.encoding) return false
  if (fileClass !== 'bundle' && !doubts) return true
  const mine = await compressor.pack(raw)
  if (mine?.sha256 === row.sha256) return true
  return compressor.isPackedFrom(raw, { sha256: row.sha256, fetch: () => fetch(key) })
}

/** A second object beside the first, for an edge rule that appends `.br` to the requested key. */
async function secondKey(
  object: Desired,
  raw: Raw,
  input: RepresentInput,
  taken: ReadonlySet<Key>,
): Promise<Desired[]> {
  const key = `${object.key}.br`
  if (taken.has(key)) return []
  const row = input.rows?.get(key)
  const isThere = row !== undefined && (await isSame({ ...object, key }, raw, row, input))
  const body = isThere ? input.compressor.held(raw, row) : await input.compressor.pack(raw)
  return body === undefined ? [] : [{ ...packed(object, raw, body), key, path: `${object.path}.br` }]
}

function packed(object: Desired, { packing }: Raw, body: Body): Desired {
  return {
    ...object,
    body,
    headers: encodedHeaders(object.headers, packing),
    rules: { ...object.rules, 'content-encoding': packing.rule },
  }
}
