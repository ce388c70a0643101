import { promisify } from 'node:util'
import { brotliCompress, brotliDecompress, constants, gunzip, gzip } from 'node:zlib'
import type { Packing } from '../../plan/compression.ts'

/** Compresses. The same bytes and packing give the same bytes for as long as `version` stays what it is. */
export interface Packer {
  /** Names the program behind it; other versions may write other bytes. */
  versionOf(encoding: Packing['encoding']): string
  pack(bytes: Uint8Array, packing: Packing): Promise<Uint8Array>
}

const deflate = promisify(gzip)
const inflate = promisify(gunzip)
const squeeze = promisify(brotliCompress)
const unsqueeze = promisify(brotliDecompress)

/** How many files are compressed at once. Libuv has four threads, and one must stay free for looking up hosts. */
export const PACKED_AT_ONCE = 3

/**
 * Node's own compressors, which work in libuv's threads. Two worker threads of ours took the same time for 63 MB of
 * scripts on two cores, and a tenth more CPU, for the copies of what goes in and comes out.
 */
export const zlibPacker: Packer = {
  versionOf: (encoding) => `${encoding === 'gzip' ? process.versions.zlib : process.versions.brotli}`,
  pack: (bytes, { encoding, level }) =>
    encoding === 'gzip'
      ? deflate(bytes, { level })
      : squeeze(bytes, {
          params: {
            [constants.BROTLI_PARAM_QUALITY]: level,
            [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
            [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
          },
        }),
}

/** The bytes before compression; `undefined` when these have another encoding, or unpack to more than `most` bytes. */
export async function unpack(
  bytes: Uint8Array,
  encoding: Packing['encoding'],
  most: number,
): Promise<Uint8Array | undefined> {
  try {
    return await (encoding === 'gzip' ? inflate : unsqueeze)(bytes, { maxOutputLength: Math.max(1, most) })
  } catch {
    return undefined
  }
}
