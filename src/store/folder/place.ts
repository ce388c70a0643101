import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { LadingError, printable } from '../../words/errors.ts'
import type { Key } from '../../words/model.ts'
import type { StoredObject } from '../store.ts'
import { makeFolder } from './files.ts'
import { type StillHeld, withLock } from './lock.ts'
import { type Meta, readMeta, type StampedMeta } from './meta.ts'
import { fileOfKey } from './names.ts'

/** A folder store's own folder, and how it is used. */
export interface Place {
  /** Absolute. */
  readonly root: string
  /** See `FolderStoreOptions.lockStaleMs`. */
  readonly lockStaleMs: number
  /** See `FolderStoreOptions.leftoverMs`. */
  readonly leftoverMs: number
}

export function metaPath(place: Place, key: Key): string {
  return join(place.root, 'meta', fileOfKey(key))
}

/** @param file as {@link Meta.body} names it */
export function objectPath(place: Place, file: string): string {
  return join(place.root, 'objects', file)
}

export async function metaOf(place: Place, key: Key): Promise<Meta | undefined> {
  return (await stampedMetaOf(place, key))?.meta
}

export async function stampedMetaOf(place: Place, key: Key): Promise<StampedMeta | undefined> {
  return readMeta(metaPath(place, key), key)
}

/** A unique file name for new bytes of `key`, in a folder that exists. */
export async function newObjectFile(place: Place, key: Key): Promise<string> {
  const file = fileOfKey(key) + randomBytes(8).toString('hex')
  await makeFolder(place.root, folderOf(`objects/${file}`))
  return file
}

/** A path for a temporary file, on the same file system as its destination. */
export async function temporaryPath(place: Place): Promise<string> {
  await makeFolder(place.root, 'tmp')
  return join(place.root, 'tmp', randomBytes(12).toString('hex'))
}

/** Runs `deed` with the lock of `key`: no other process replaces or removes it meanwhile. */
export async function locked<T>(
  place: Place,
  { key, signal }: { readonly key: Key; readonly signal: AbortSignal | undefined },
  deed: (stillHeld: StillHeld) => Promise<T>,
): Promise<T> {
  await makeFolder(place.root, 'locks')
  // Hashed: keys can be longer than file names.
  const name = createHash('sha256').update(key).digest('hex').slice(0, 40)
  return withLock(join(place.root, 'locks', name), { staleMs: place.lockStaleMs, signal }, deed)
}

/**
 * The age is by this machine's clock, because reading the file system's takes a write. On a network disk, where the
 * server sets the times, it is off by as much as the two clocks differ.
 */
export function described({ meta, writtenAt }: StampedMeta): StoredObject {
  const { key, size, etag, headers, sha256 } = meta
  return { key, size, etag, headers, sha256, ageMs: Math.max(0, Date.now() - Math.round(writtenAt)) }
}

/** For a meta file whose bytes are missing or of another size. */
export function lostBytes(key: Key): LadingError {
  return new LadingError('E_INTEGRITY', `the bytes of "${printable(key)}" are not what was stored`, {
    subject: printable(key),
    why: 'its file below `objects/` was changed from outside, or the disk lost it',
    hint: '`lading sync --repair` puts the site’s own files there again, `lading batch submit --batch NAME` makes a batch anew; else restore the folder from a backup.',
  })
}

/** `a/b/c` -> `a/b` */
export function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/'))
}
