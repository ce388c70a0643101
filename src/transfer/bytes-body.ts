import { hash } from 'node:crypto'
import type { Body } from '../words/model.ts'

/** Bytes in memory as a body. */
export function bytesBody(bytes: Uint8Array): Body {
  return {
    size: bytes.byteLength,
    sha256: hash('sha256', bytes),
    read: async (start, end) => bytes.subarray(start, end),
  }
}
