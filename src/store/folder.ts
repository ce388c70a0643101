import { resolve } from 'node:path'
import type { Key } from '../model.ts'
import { folderError } from './folder-files.ts'
import { described, metaOf, type Place } from './folder-place.ts'
import { get, list } from './folder-reads.ts'
import { copy, put, remove, replace } from './folder-writes.ts'
import { assertKey, assertListPrefix, type KeyRules, MAX_KEY_BYTES } from './key.ts'
import type { Store } from './store.ts'
import { throwIfAborted } from './with-signal.ts'

export interface FolderStoreOptions {
  /** The store's folder; made at the first write. */
  readonly path: string
  /** @default the path */
  readonly label?: string | undefined
  /** Control characters in keys. @default false */
  readonly allowControl?: boolean | undefined
  /** Objects on a page of a listing. @default 1000 */
  readonly pageSize?: number | undefined
  /** After how long a lock counts as left behind by a dead process, in milliseconds. @default 10_000 */
  readonly lockStaleMs?: number | undefined
}

/**
 * A store in a folder, for use without an account and for tests. It is not a web root.
 *
 *   objects/img/logo.png~3f2a…   bytes; written under a fresh name, synced, never changed
 *   meta/img/logo.png~           what makes the object: see {@link Meta}
 *   locks/  tmp/                 of writers
 *
 * A new object appears by link(2) of its meta file, which fails when there is one: creating is atomic without a lock.
 * Replacing and removing take the key's lock. Readers take none: they read the meta file, open the bytes it names,
 * and begin again should these have gone in between.
 */
export function createFolderStore(options: FolderStoreOptions): Store {
  const place: Place = { root: resolve(options.path), lockStaleMs: options.lockStaleMs ?? 10_000 }
  const rules: KeyRules = { allowControl: options.allowControl }

  /** Every call goes through here: keys are checked first, and the disk's errors become ours. */
  const call = async <T>(keys: readonly Key[], signal: AbortSignal | undefined, deed: () => Promise<T>): Promise<T> => {
    for (const key of keys) assertKey(key, rules)
    throwIfAborted(signal)
    try {
      return await deed()
    } catch (error) {
      throw folderError(error, keys[0] ?? '')
    }
  }

  return {
    label: options.label ?? options.path,
    limits: { keyBytes: MAX_KEY_BYTES, objectBytes: 5 * 2 ** 40, headerBytes: 8192 },
    facts: { conditionalWrites: 'full', foldsUnicode: false, reheader: true },
    get: (key, given) => call([key], given?.signal, () => get(place, key, given)),
    head: (key, given) =>
      call([key], given?.signal, async () => {
        const meta = await metaOf(place, key)
        return meta && described(meta)
      }),
    put: (key, body, headers, condition) =>
      call([key], condition?.signal, () => put(place, { key, body, headers, condition })),
    copy: (from, to, condition) => call([from, to], condition?.signal, () => copy(place, from, to, condition)),
    reheader: (key, headers, condition) =>
      call([key], condition?.signal, () =>
        replace(place, key, condition, async (current) => ({ ...current, headers: { ...headers } })),
      ),
    remove: (keys, given) => call(keys, given?.signal, () => remove(place, keys, given?.signal)),
    async *list(prefix, given) {
      assertListPrefix(prefix, rules)
      try {
        yield* list(place, prefix, { pageSize: options.pageSize ?? 1000, signal: given?.signal })
      } catch (error) {
        throw folderError(error, prefix)
      }
    },
  }
}
