import { brotliDecompressSync, constants, gunzipSync } from 'node:zlib'
import type { SitePath } from '../../words/model.ts'

/** Tools that compress a folder for a web server do not ask what lies in it. */
const COMPRESSED = /\.(?:gz|br|zst|xz|bz2)$/i

/** The path without the suffix of its compression: that of the file which was compressed. */
export const plainPath = (path: SitePath): SitePath => path.replace(COMPRESSED, '')

/** Most that the beginning of a file may unpack to, in bytes: far more than what a server compresses, not what harms. */
const MOST = 4 * 1024 * 1024

/** What the beginning of a compressed file holds; `undefined` when it is of no such format, or a bomb. */
export function unpackHead(path: SitePath, head: Buffer): Buffer | undefined {
  try {
    // flushed, not finished: the rest of the file is missing
    if (/\.gz$/i.test(path)) return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST })
    const finishFlush = constants.BROTLI_OPERATION_FLUSH
    if (/\.br$/i.test(path)) return brotliDecompressSync(head, { finishFlush, maxOutputLength: MOST })
  } catch {
    // judged by its name
  }
  return undefined
}
