import { createHash } from 'node:crypto'
import type { Body } from '../../src/words/model.ts'

/** A body of text or bytes. */
export function bodyOf(content: string | Uint8Array): Body {
  const bytes = Buffer.from(content)
  return {
    size: bytes.byteLength,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    read: async (start, end) => bytes.subarray(start, end),
  }
}

/** A body that no longer has the bytes that were hashed. */
export function changedBody(content: string | Uint8Array): Body {
  const bytes = Buffer.from(content)
  return { ...bodyOf(bytes), sha256: createHash('sha256').update('what was hashed').digest('hex') }
}

/** `bytes` of a pattern that does not repeat at any power of two, so that misplaced pieces show. */
export function patternOf(bytes: number): Buffer {
  const pattern = Buffer.alloc(bytes)
  for (let i = 0; i + 4 <= bytes; i += 4) pattern.writeUInt32LE(Math.imul(i + 1, 2654435761) >>> 0, i)
  return pattern
}
