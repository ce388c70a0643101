import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { isAbsent } from '../../words/system-error.ts'
import { throwIfAborted } from '../abort.ts'
import { createFile, filesBelow, removeFile } from './files.ts'
import { folderOfPrefix, keyOfFile } from './names.ts'
import { metaOf, objectPath, type Place, temporaryPath } from './place.ts'

/** Random digits behind the name of a key's file, see `newObjectFile`. */
const SUFFIX = /[0-9a-f]{16}$/

/** See `Store.sweep`. Removes bytes that no object names, and temporary files. */
export async function sweep(place: Place, prefix: string, signal: AbortSignal | undefined): Promise<number> {
  let swept = 0
  let limit: number | undefined
  for await (const path of leftOver(place, prefix)) {
    throwIfAborted(signal)
    limit ??= (await clockOf(place)) - place.leftoverMs
    if ((await touchedAt(path)) >= limit) continue
    await removeFile(path)
    swept += 1
  }
  return swept
}

/** Paths of files that no object names. Names are used once, so no later write will name them either. */
async function* leftOver(place: Place, prefix: string): AsyncGenerator<string, void> {
  // All of them, because a temporary file does not tell its key.
  for await (const file of filesBelow(join(place.root, 'tmp'))) yield join(place.root, 'tmp', file)
  const folder = prefix === '' ? '' : `${folderOfPrefix(prefix.slice(0, -1))}/`
  for await (const below of filesBelow(join(place.root, 'objects', folder))) {
    const file = folder + below
    const key = SUFFIX.test(file) ? keyOfFile(file.replace(SUFFIX, '')) : undefined
    if (key !== undefined && (await metaOf(place, key))?.body !== file) yield objectPath(place, file)
  }
}

/** A copy is a hard link, so its mtime is the original's; but linking updates the ctime. */
async function touchedAt(path: string): Promise<number> {
  try {
    const { mtimeMs, ctimeMs } = await lstat(path)
    return Math.max(mtimeMs, ctimeMs)
  } catch (error) {
    if (isAbsent(error)) return Number.POSITIVE_INFINITY
    throw error
  }
}

/** Now, as the file system itself would stamp a file. */
async function clockOf(place: Place): Promise<number> {
  const path = await temporaryPath(place)
  await createFile(path, async () => undefined)
  try {
    return (await lstat(path)).mtimeMs
  } finally {
    await removeFile(path)
  }
}
