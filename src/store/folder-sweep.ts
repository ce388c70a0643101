import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { isAbsent } from '../system-error.ts'
import { throwIfAborted } from './abort.ts'
import { createFile, filesBelow, removeFile } from './folder-files.ts'
import { folderOfPrefix, keyOfFile } from './folder-names.ts'
import { metaOf, objectPath, type Place, temporaryPath } from './folder-place.ts'

/** Random digits behind the name of a key's file, see `newObjectFile`. */
const SUFFIX = /[0-9a-f]{16}$/

/** See `Store.sweep`. Removes bytes that no object names, and files that were to become one. */
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

/** Paths of what no object names. A name is used once, so none of them will ever be named by a writer of today. */
async function* leftOver(place: Place, prefix: string): AsyncGenerator<string, void> {
  // Nobody can tell for which key they were.
  for await (const file of filesBelow(join(place.root, 'tmp'))) yield join(place.root, 'tmp', file)
  const folder = prefix === '' ? '' : `${folderOfPrefix(prefix.slice(0, -1))}/`
  for await (const below of filesBelow(join(place.root, 'objects', folder))) {
    const file = folder + below
    const key = SUFFIX.test(file) ? keyOfFile(file.replace(SUFFIX, '')) : undefined
    if (key !== undefined && (await metaOf(place, key))?.body !== file) yield objectPath(place, file)
  }
}

/** A copy shares its bytes with the original, whose times say nothing of it; but linking changes the ctime. */
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
