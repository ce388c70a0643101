import { createHash } from 'node:crypto'
import { LadingError, printable } from '../errors.ts'
import type { Body, Key } from '../model.ts'
import { throwIfAborted } from './with-signal.ts'

/** How much of a body is in memory at once where nothing else decides. */
const PIECE_BYTES = 1024 * 1024

export interface PieceOptions {
  /** Bytes of every piece but the last. @default 1 MiB */
  readonly pieceBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The pieces of a body in order. It ends normally only when the pieces together have the body's size and digest, so
 * whoever publishes after the loop publishes what was planned.
 *
 * @throws E_SOURCE_CHANGED, E_ABORTED
 */
export async function* piecesOf(key: Key, body: Body, options: PieceOptions = {}): AsyncGenerator<Uint8Array, void> {
  const step = options.pieceBytes ?? PIECE_BYTES
  const hash = createHash('sha256')
  for (let start = 0; start < body.size; start += step) {
    throwIfAborted(options.signal)
    const end = Math.min(start + step, body.size)
    const piece = await body.read(start, end)
    if (piece.byteLength !== end - start) throw changed(key, 'it got shorter')
    hash.update(piece)
    yield piece
  }
  throwIfAborted(options.signal)
  if (hash.digest('hex') !== body.sha256) throw changed(key, 'its bytes are not those that were hashed')
}

/**
 * A whole body, for stores and sizes where it has to be in memory.
 *
 * @throws E_SOURCE_CHANGED, E_ABORTED
 */
export async function bytesOf(key: Key, body: Body, signal?: AbortSignal | undefined): Promise<Buffer> {
  const bytes = Buffer.alloc(body.size)
  let at = 0
  for await (const piece of piecesOf(key, body, { signal })) {
    bytes.set(piece, at)
    at += piece.byteLength
  }
  return bytes
}

function changed(key: Key, why: string): LadingError {
  return new LadingError('E_SOURCE_CHANGED', `"${printable(key)}" changed while it was being sent`, {
    subject: printable(key),
    why,
    hint: 'Let the build finish before the upload, then run again.',
  })
}
