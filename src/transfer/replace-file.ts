import { createHash, hash } from 'node:crypto'
import { chmodSync, closeSync, fsync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { sourceChanged } from '../site/read.ts'
import type { Body, SitePath } from '../words/model.ts'
import { statOf } from './out-folder.ts'

const flush = promisify(fsync)

/** One piece of a file being written, in bytes. */
const PIECE = 1 << 20

interface Replacement {
  /** Path for error messages. */
  readonly path: SitePath
  readonly body: Body
}

/**
 * Replaces a file atomically: a reader sees the old one or the new one, and a power cut leaves one of them. It keeps
 * the permissions of the old file. The folder must exist; the temporary file is created in it synchronously, so that a
 * folder made for it is never taken for an empty one.
 * @returns when it was last modified, in nanoseconds
 * @throws E_SOURCE_CHANGED, the signal's reason, a system error as it comes
 */
export async function replaceFile(
  target: string,
  { path, body }: Replacement,
  signal: AbortSignal | undefined,
): Promise<bigint> {
  const temporary = join(dirname(target), `.${hash('sha256', basename(target)).slice(0, 16)}.lading`)
  const mode = statOf(target)?.mode
  rmSync(temporary, { force: true })
  const handle = openSync(temporary, 'wx')
  try {
    await writeBody(handle, { path, body }, signal).finally(() => closeSync(handle))
    if (mode !== undefined) chmodSync(temporary, Number(mode & 0o777n))
    renameSync(temporary, target)
    return statOf(target)?.mtimeNs ?? 0n
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

async function writeBody(handle: number, { path, body }: Replacement, signal: AbortSignal | undefined): Promise<void> {
  const digest = createHash('sha256')
  for (let start = 0; start < body.size; start += PIECE) {
    if (start > 0) await setImmediate()
    signal?.throwIfAborted()
    const bytes = await body.read(start, Math.min(start + PIECE, body.size))
    digest.update(bytes)
    writeAll(handle, bytes)
  }
  if (digest.digest('hex') !== body.sha256) throw sourceChanged(path)
  await flush(handle)
}

export function writeAll(handle: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.byteLength; ) written += writeSync(handle, bytes, written)
}
