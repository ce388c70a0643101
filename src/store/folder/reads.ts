import { join } from 'node:path'
import { compareKeys, isWithin } from '../../words/key-order.ts'
import type { Key } from '../../words/model.ts'
import { throwIfAborted } from '../abort.ts'
import type { GetOptions, ListedObject, ListOptions, Store } from '../store.ts'
import { filesBelow, foldersIn, openFile, readRange, sizeOf } from './files.ts'
import { folderOfPrefix, keyOfFile, keyOfFolder } from './names.ts'
import { described, lostBytes, metaOf, objectPath, type Place, stampedMetaOf } from './place.ts'

/** Meta files read at once while listing. */
const LIST_LANES = 32

/** See `Store.get`. */
export async function get(place: Place, key: Key, options: GetOptions = {}): ReturnType<Store['get']> {
  let missing: string | undefined
  for (;;) {
    const found = await stampedMetaOf(place, key)
    if (!found) return undefined
    const { meta } = found
    const handle = await openFile(objectPath(place, meta.body))
    if (!handle) {
      // Replaced since we read the meta file; but if that still names the same file, the bytes are lost.
      if (missing === meta.body) throw lostBytes(key)
      missing = meta.body
      continue
    }
    try {
      if ((await handle.stat()).size !== meta.size) throw lostBytes(key)
      const start = Math.min(options.range?.start ?? 0, meta.size)
      const end = Math.max(start, Math.min(options.range?.end ?? meta.size, meta.size))
      return { ...described(found), bytes: await readRange(handle, start, end) }
    } finally {
      await handle.close()
    }
  }
}

/** See `Store.head`. An object whose bytes are lost or cut has the size of what is left, and no digest. */
export async function head(place: Place, key: Key): ReturnType<Store['head']> {
  let missing: string | undefined
  for (;;) {
    const found = await stampedMetaOf(place, key)
    if (!found) return undefined
    const { body, size } = found.meta
    const left = await sizeOf(objectPath(place, body))
    if (left === size) return described(found)
    // perhaps replaced since the meta file was read
    if (missing === body) return { ...described(found), size: left ?? 0, sha256: undefined }
    missing = body
  }
}

/** See `Store.list`. */
export async function* list(
  place: Place,
  prefix: string,
  { pageSize, signal, ...bounds }: ListOptions & { readonly pageSize: number },
): AsyncGenerator<readonly ListedObject[], void> {
  const folder = prefix === '' ? '' : `${folderOfPrefix(prefix.slice(0, -1))}/`
  const keys: Key[] = []
  for await (const file of filesBelow(join(place.root, 'meta', folder))) {
    const key = keyOfFile(folder + file)
    if (key !== undefined && isWithin(key, bounds)) keys.push(key)
  }
  keys.sort(compareKeys)
  for (let at = 0; at < keys.length; at += pageSize) {
    const page: ListedObject[] = []
    const wanted = keys.slice(at, at + pageSize)
    for (let lane = 0; lane < wanted.length; lane += LIST_LANES) {
      throwIfAborted(signal)
      const metas = await Promise.all(wanted.slice(lane, lane + LIST_LANES).map((key) => metaOf(place, key)))
      for (const meta of metas) if (meta) page.push({ key: meta.key, size: meta.size, etag: meta.etag })
    }
    yield page
  }
}

/** See `Store.folders`. One whose objects were removed may still be named. */
export async function folders(place: Place, prefix: string): Promise<readonly string[]> {
  const folder = folderOfPrefix(prefix.slice(0, -1))
  const names = await foldersIn(join(place.root, 'meta', folder))
  return names.flatMap((name) => keyOfFolder(`${folder}/${name}`)?.slice(prefix.length) ?? [])
}
