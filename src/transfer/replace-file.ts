import { createHash, hash } from 'node:crypto'
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  fstatSync,
  fsync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { sourceChanged } from '../site/read.ts'
import { LadingError } from '../words/errors.ts'
import type { Body, SitePath } from '../words/model.ts'
import { codeOf } from '../words/system-error.ts'
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
 * folder made for it is never taken for an empty one. Its name is the same in every run, so that the next one removes
 * what a run that was killed has left.
 * @returns when it was last modified, in nanoseconds
 * @throws E_SOURCE_CHANGED, E_WRITE when another run writes the same file, the signal's reason, a system error as it comes
 */
export async function replaceFile(
  target: string,
  { path, body }: Replacement,
  signal: AbortSignal | undefined,
): Promise<bigint> {
  const temporary = join(dirname(target), `.${hash('sha256', basename(target)).slice(0, 16)}.lading`)
  const mode = statOf(target)?.mode
  rmSync(temporary, { force: true })
  await writeOwn(temporary, { target, path, body }, signal)
  try {
    if (mode !== undefined) chmodSync(temporary, Number(mode & 0o777n))
    renameSync(temporary, target)
    return statOf(target)?.mtimeNs ?? 0n
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Writes the temporary file, or leaves none; that of another run, which has taken the name meanwhile, is left alone. */
async function writeOwn(
  temporary: string,
  { target, path, body }: Replacement & { readonly target: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  const handle = take(temporary, target)
  const isOwn = (): boolean => isSame(fstatSync(handle, { bigint: true }), statOf(temporary))
  try {
    await writeBody(handle, { path, body }, signal)
    if (!isOwn()) throw takenOver(target)
  } catch (error) {
    if (isOwn()) rmSync(temporary, { force: true })
    throw error
  } finally {
    closeSync(handle)
  }
}

/** What lies there right after the place was cleared is another run's. */
function take(temporary: string, target: string): number {
  try {
    return openSync(temporary, 'wx')
  } catch (error) {
    throw codeOf(error) === 'EEXIST' ? takenOver(target) : error
  }
}

/** Numbers of files change on some network file systems. */
function isSame(a: BigIntStats, b: BigIntStats | undefined): boolean {
  return b !== undefined && (a.ino === b.ino || (a.size === b.size && a.mtimeNs === b.mtimeNs))
}

function takenOver(target: string): LadingError {
  return new LadingError('E_WRITE', 'Another run writes the same file at this moment', {
    subject: target,
    why: 'It has taken the place where this one wrote.',
    hint: 'Wait until it has ended, then run the same command again: it goes on.',
  })
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
