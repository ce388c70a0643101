import { createHash, hash } from 'node:crypto'
import { LadingError, printable } from '../words/errors.ts'
import type { Body, Digest, Key } from '../words/model.ts'
import { throwIfAborted } from './abort.ts'

/** How much of a body is in memory at once where nothing else decides. */
export const PIECE_BYTES: number = 1024 * 1024

export interface PieceOptions {
  /** Bytes of every piece but the last. @default 1 MiB */
  readonly pieceBytes?: number | undefined
  /** One buffer for all pieces, if each is used up before the next is asked for. @default a fresh one for each */
  readonly into?: Buffer | undefined
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
  const digest = createHash('sha256')
  for (let start = 0; start < body.size; start += step) {
    throwIfAborted(options.signal)
    const end = Math.min(start + step, body.size)
    const piece = await readPiece(key, body, { start, end, into: options.into })
    digest.update(piece)
    yield piece
  }
  throwIfAborted(options.signal)
  check(key, body, digest.digest('hex'))
}

export interface WholeOptions {
  /** Buffer of the body's size to read into. @default a fresh one */
  readonly into?: Buffer | undefined
  /** Leaves the digest to {@link checkBytes}, which the caller asks where nobody else has proved it. @default false */
  readonly isUnchecked?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * A whole body, for stores and sizes where it has to be in memory. Most are small, and read and hashed at once.
 *
 * @throws E_SOURCE_CHANGED, E_ABORTED
 */
export async function bytesOf(
  key: Key,
  body: Body,
  { into, signal, isUnchecked = false }: WholeOptions = {},
): Promise<Buffer> {
  const { size } = body
  const bytes = into ?? Buffer.allocUnsafe(size)
  if (size > PIECE_BYTES) return gathered(key, body, { bytes, signal, isUnchecked })
  throwIfAborted(signal)
  const piece = await body.read(0, size, bytes)
  if (piece.byteLength !== size) throw changed(key, 'it got shorter')
  if (!isUnchecked) check(key, body, hash('sha256', piece))
  throwIfAborted(signal)
  return inPlace(piece, bytes)
}

/** @throws E_SOURCE_CHANGED when these bytes, read unchecked, are not what was planned */
export function checkBytes(key: Key, body: Body, bytes: Uint8Array): void {
  check(key, body, hash('sha256', bytes))
}

/** In pieces, so that each is hashed while it is in the CPU cache. */
async function gathered(
  key: Key,
  body: Body,
  { bytes, signal, isUnchecked }: Omit<WholeOptions, 'into'> & { readonly bytes: Buffer },
): Promise<Buffer> {
  const digest = isUnchecked ? undefined : createHash('sha256')
  for (let start = 0; start < body.size; start += PIECE_BYTES) {
    throwIfAborted(signal)
    const end = Math.min(start + PIECE_BYTES, body.size)
    const into = bytes.subarray(start, end)
    const piece = inPlace(await readPiece(key, body, { start, end, into }), into)
    digest?.update(piece)
  }
  throwIfAborted(signal)
  if (digest !== undefined) check(key, body, digest.digest('hex'))
  return bytes
}

interface Piece {
  readonly start: number
  readonly end: number
  readonly into: Buffer | undefined
}

async function readPiece(key: Key, body: Body, { start, end, into }: Piece): Promise<Uint8Array> {
  const piece = await body.read(start, end, into?.subarray(0, end - start))
  if (piece.byteLength !== end - start) throw changed(key, 'it got shorter')
  return piece
}

/** A body may return memory of its own, which its owner may change: what is sent is a copy. */
function inPlace(piece: Uint8Array, into: Buffer): Buffer {
  if (piece.buffer !== into.buffer || piece.byteOffset !== into.byteOffset) into.set(piece)
  return into
}

/** @throws E_SOURCE_CHANGED */
function check(key: Key, { sha256 }: Body, found: Digest): void {
  if (found !== sha256) throw changed(key, 'its bytes are not those that were hashed')
}

function changed(key: Key, why: string): LadingError {
  return new LadingError('E_SOURCE_CHANGED', `"${printable(key)}" changed while it was being sent`, {
    subject: printable(key),
    why,
    hint: 'Let the build finish before the upload, then run again.',
  })
}
