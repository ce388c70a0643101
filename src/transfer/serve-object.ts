import type { Store } from '../store/store.ts'
import { LadingError, printable } from '../words/errors.ts'
import type { Key } from '../words/model.ts'
import { PIECE_BYTES, type Resource } from './serve-resource.ts'

/** What is needed of a store to hand out what lies in it. */
export type ObjectSource = Pick<Store, 'get'>

/**
 * The object under `key`, read in pieces that must all be of the same version. The first piece comes with the metadata,
 * so that a small object is always answered, whatever a deploy does to it meanwhile.
 */
export async function objectResource(store: ObjectSource, key: Key): Promise<Resource | undefined> {
  const found = await firstPiece(store, key)
  if (!found) return undefined
  return {
    size: found.size,
    etag: `"${found.etag}"`,
    headers: found.headers,
    async read(start, end) {
      if (end <= found.bytes.byteLength) return found.bytes.subarray(start, end)
      const piece = await store.get(key, { range: { start, end } })
      if (piece?.etag === found.etag && piece.bytes.byteLength === end - start) return piece.bytes
      throw new LadingError('E_STORE', `"${printable(key)}" changed while it was served`, { subject: printable(key) })
    },
    close: async () => undefined,
  }
}

/** A path that cannot be a key (`x/`, `a//b`) is a path where nothing is. */
async function firstPiece(store: ObjectSource, key: Key): ReturnType<Store['get']> {
  try {
    return await store.get(key, { range: { start: 0, end: PIECE_BYTES } })
  } catch (error) {
    if (error instanceof LadingError && /^E_KEY_(INVALID|TOO_LONG)$/.test(error.code)) return undefined
    throw error
  }
}
