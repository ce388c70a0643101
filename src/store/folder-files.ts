import { constants, type Dirent } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { LadingError, printable } from '../errors.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants

/**
 * Makes `folder` and what leads to it below `root`, durably. Every step has to be a real folder: a link planted in
 * the store would lead writes out of it.
 */
export async function makeFolder(root: string, folder: string): Promise<void> {
  await mkdir(root, { recursive: true })
  let path = root
  for (const name of folder.split('/')) {
    const parent = path
    path = join(path, name)
    if (await mkdirIfAbsent(path)) await syncFolder(parent)
    else if (!(await lstat(path)).isDirectory()) {
      throw new LadingError('E_STORE', `"${printable(path)}" is not a folder`, {
        subject: printable(path),
        why: 'the folder store was changed from outside; it follows no links',
      })
    }
  }
}

/** Creates a file that must not exist, lets `fill` write it, and returns once it is on the disk. Nothing stays of a failure. */
export async function createFile(path: string, fill: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o644)
  try {
    await fill(handle)
    await handle.sync()
  } catch (error) {
    await unlink(path)
    throw error
  } finally {
    await handle.close()
  }
}

export interface StampedText {
  readonly text: string
  /** When it was written, as the file system has it, in milliseconds since 1970. */
  readonly writtenAt: number
}

/** The text of a file, `undefined` when there is none. */
export async function readText(path: string): Promise<StampedText | undefined> {
  const handle = await openFile(path)
  if (!handle) return undefined
  try {
    // Both of the same file, whatever its name stands for by now.
    const { mtimeMs } = await handle.stat()
    return { text: await handle.readFile('utf8'), writtenAt: mtimeMs }
  } finally {
    await handle.close()
  }
}

/** An open file that keeps its bytes even when its name goes away; `undefined` when there is none. */
export async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, O_RDONLY | O_NOFOLLOW)
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

/** The bytes from `start` to `end`, fewer where the file is shorter. */
export async function readRange(handle: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(end - start)
  let filled = 0
  while (filled < bytes.byteLength) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.byteLength - filled, start + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}

/** Makes new and removed names in a folder durable. Windows cannot open folders, and does without. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Every plain file below `folder`, as `/`-separated paths relative to it; nothing when it does not exist. */
export async function* filesBelow(folder: string, below = ''): AsyncGenerator<string, void> {
  let entries: Dirent[]
  try {
    entries = await readdir(join(folder, below), { withFileTypes: true })
  } catch (error) {
    if (isAbsent(error)) return
    throw error
  }
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory()) yield* filesBelow(folder, path)
    else if (entry.isFile()) yield path
  }
}

/** What the disk refused, as one of our errors. */
export function folderError(error: unknown, key: string): LadingError {
  if (error instanceof LadingError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  const subject = printable(key)
  const facts = { subject, why: `the disk answered ${code}`, cause: error }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new LadingError('E_ACCESS_DENIED', `the folder store may not be used for "${subject}"`, {
      ...facts,
      hint: "Check the owner and the mode of the store's folder.",
    })
  }
  if (code === 'ENAMETOOLONG') return new LadingError('E_KEY_TOO_LONG', `"${subject}" is too long a name here`, facts)
  const hint = code === 'ENOSPC' || code === 'EDQUOT' ? 'Make room on the disk, then run again.' : undefined
  return new LadingError('E_STORE', `the folder store failed at "${subject}"`, {
    ...facts,
    hint,
    retryable: PASSING.has(code),
  })
}

export function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

export function isPresent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}

/** Errors of a moment: too many open files, a file that Windows or a scanner holds, a network disk that answers late. */
const PASSING = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'EINTR', 'ETIMEDOUT', 'ESTALE'])

async function mkdirIfAbsent(path: string): Promise<boolean> {
  try {
    await mkdir(path)
    return true
  } catch (error) {
    if (isPresent(error)) return false
    throw error
  }
}
