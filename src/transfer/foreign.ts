import { createHash } from 'node:crypto'
import type { Store, StoredObject } from '../store/store.ts'
import type { Digest } from '../words/model.ts'

/** One piece of a foreign object that is compared with ours, in bytes. */
const PIECE = 8 * 1024 * 1024

/** The digest of an object that somebody else put, read piece by piece; `undefined` when it changes meanwhile. */
export async function digestOfForeign(
  store: Store,
  found: Pick<StoredObject, 'key' | 'size' | 'etag'>,
  signal: AbortSignal | undefined,
): Promise<Digest | undefined> {
  const digest = createHash('sha256')
  for (let start = 0; start < found.size; start += PIECE) {
    const piece = await store.get(found.key, { range: { start, end: Math.min(start + PIECE, found.size) }, signal })
    if (piece === undefined || piece.etag !== found.etag) return undefined
    digest.update(piece.bytes)
  }
  return digest.digest('hex')
}
