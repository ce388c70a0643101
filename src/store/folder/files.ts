import { constants, type Dirent, existsSync } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, readdir, realpath, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LadingError, printable } from '../../words/errors.ts'
import { codeOf, isAbsent } from '../../words/system-error.ts'
import { syncFile, syncFolder } from './sync.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants

/** Calls of {@link makeFolder} in progress. */
const making = new Map<string, Promise<void>>()

/**
 * Makes `folder` and its parents below `root`, durably. Each of them has to be a real folder: a symlink planted in the
 * store would lead writes out of it. Every write checks again; concurrent calls share one check.
 */
export function makeFolder(root: string, folder: string): Promise<void> {
  const asked = `${root}\0${folder}`
  const before = making.get(asked)
  if (before) return before
  const made = make(root, folder).finally(() => making.delete(asked))
  making.set(asked, made)
  return made
}

/** Node's recursive `mkdir` loops for ever below an existing folder that takes no folders, such as `/proc`. */
async function makeRoot(path: string): Promise<void> {
  const parent = dirname(path)
  if (parent !== path && !existsSync(parent)) await makeRoot(parent)
  await mkdirIfAbsent(path)
}

/** Mostly the folder exists, which takes one call to find out. */
async function make(root: string, folder: string): Promise<void> {
  if (await isRealFolder(root, folder)) return
  const cut = folder.lastIndexOf('/')
  if (cut === -1) await makeRoot(root)
  else await makeFolder(root, folder.slice(0, cut))
  const path = join(root, folder)
  if (await mkdirIfAbsent(path)) await syncFolder(dirname(path))
  else if (!(await lstat(path)).isDirectory()) {
    throw new LadingError('E_STORE', `"${printable(path)}" is not a folder`, {
      subject: printable(path),
      why: 'the folder store was changed from outside; it follows no links',
    })
  }
}

/**
 * Whether `folder` exists and no part of its path below `root` is a symlink: its real path is then the one we built.
 * The dot refuses a file. `false` also where it cannot be told, as on a disk that normalizes names.
 */
async function isRealFolder(root: string, folder: string): Promise<boolean> {
  try {
    const real = await realpath(`${join(root, folder)}/.`)
    // Symlinks in the path to the store are its owner's choice.
    return real === join(root, folder) || real === join(await realpath(root), folder)
  } catch {
    return false
  }
}

/** Creates a file that must not exist, lets `fill` write it, and returns once it is on disk. Leaves none on failure. */
export async function createFile(path: string, fill: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o644)
  try {
    await fill(handle)
    await syncFile(handle)
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
    // Time and text of the same inode, even if the name was replaced. A file gets its name whole, and never grows.
    const { mtimeMs, size } = await handle.stat()
    const text = (await readRange(handle, 0, size)).toString('utf8')
    return { text, writtenAt: mtimeMs }
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
export async function readRange(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start)
  let filled = 0
  while (filled < bytes.byteLength) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.byteLength - filled, start + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/** In bytes; `undefined` when it is no regular file, as a symlink is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const stat = await lstat(path)
    return stat.isFile() ? stat.size : undefined
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (!isAbsent(error)) throw error
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

/** The names of the folders in a folder; links are not followed. None when it is not there. */
export async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}

/** What the disk refused, as one of our errors. */
export function folderError(error: unknown, key: string): LadingError {
  if (error instanceof LadingError) return error
  const code = codeOf(error)
  const subject = printable(key)
  const why = code === '' ? printable(String(error)) : `the disk answered ${code}`
  const facts = { subject, why, cause: error }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new LadingError('E_ACCESS_DENIED', `the folder store may not be used for "${subject}"`, {
      ...facts,
      subject: pathOf(error) ?? subject,
      hint: 'Check the owner and the mode of this path, or name another folder.',
    })
  }
  if (code === 'ENAMETOOLONG') return new LadingError('E_KEY_TOO_LONG', `"${subject}" is too long a name here`, facts)
  return new LadingError('E_STORE', `the folder store failed at "${subject}"`, {
    ...facts,
    hint: HINTS[code],
    retryable: PASSING.has(code),
  })
}

/** The path that the system refused. */
function pathOf(error: unknown): string | undefined {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? printable(error.path) : undefined
}

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'Make room on the disk, then run again.',
  EDQUOT: 'Make room on the disk, then run again.',
  ENOTDIR: 'A file lies where the folder should be: name a folder with --to.',
}

export function isPresent(error: unknown): boolean {
  return codeOf(error) === 'EEXIST'
}

/** Transient errors: too many open files, a file locked by Windows or a virus scanner, a slow network disk. */
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
