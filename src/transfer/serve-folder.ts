import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { contentTypeOf } from '../site/content-type/content-type.ts'
import type { Resource } from './serve-resource.ts'

/** What a path of a folder turned out to be. */
export type FolderEntry = Resource | 'folder' | undefined

/**
 * A file below `root` as a web server would serve it. Names that lead out of the folder, by `..` or by a link, are
 * not there; nor are dotfiles, which `sync` as a rule does not send: the folder may be one with `.env` and `.git` in it.
 */
export async function fileResource(root: string, path: string): Promise<FolderEntry> {
  const segments = path.split('/')
  // With a doubled slash in it, a redirect to a folder would name another host.
  if (segments.slice(0, -1).includes('') || segments.some(isHidden)) return undefined
  const base = await realpath(root)
  const file = await realpathOf(join(base, path))
  if (file === undefined || (file !== base && !file.startsWith(base.endsWith(sep) ? base : base + sep)))
    return undefined
  if (file.slice(base.length).split(sep).some(isHidden)) return undefined
  const handle = await openedFile(file)
  if (!handle) return undefined
  const stats = await handle.stat()
  if (stats.isFile()) return resourceOf(handle, stats, path)
  await handle.close()
  return stats.isDirectory() ? 'folder' : undefined
}

/** `..` and `.` too. */
const isHidden = (segment: string): boolean =>
  (segment.startsWith('.') && segment !== '.well-known') || /[\0\\]/.test(segment)

function resourceOf(handle: FileHandle, stats: Stats, path: string): Resource {
  // Without a charset: in the header it would override the one that a page declares.
  const { value, encoding } = contentTypeOf(path, { utf8: false, magic: undefined })
  return {
    size: stats.size,
    // Strong, although a file can change twice in a millisecond: who needs better serves a store.
    etag: `"${stats.size.toString(36)}-${Math.floor(stats.mtimeMs).toString(36)}"`,
    headers: {
      'content-type': value,
      'cache-control': 'no-cache',
      ...(encoding && { 'content-encoding': encoding }),
    },
    async read(start, end) {
      const bytes = Buffer.alloc(end - start)
      const { bytesRead } = await handle.read(bytes, 0, bytes.byteLength, start)
      if (bytesRead !== bytes.byteLength) throw new Error('the file got shorter')
      return bytes
    },
    close: () => handle.close(),
  }
}

async function realpathOf(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined)
}

/** Non-blocking, so that a named pipe does not hold us up; it is no file and is refused then. */
async function openedFile(file: string): Promise<FileHandle | undefined> {
  return open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined)
}
