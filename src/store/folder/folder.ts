import { resolve } from 'node:path'
import type { Key } from '../../words/model.ts'
import { throwIfAborted } from '../abort.ts'
import { assertKey, assertListPrefix, type KeyRules, MAX_KEY_BYTES } from '../key.ts'
import { mostOpen } from '../open-files.ts'
import type { Store } from '../store.ts'
import { folderError } from './files.ts'
import type { Place } from './place.ts'
import { folders, get, head, list } from './reads.ts'
import { remove } from './remove.ts'
import { sweep } from './sweep.ts'
import { copy, put, replace } from './writes.ts'

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
  /** After how long an unfinished write counts as left behind by a dead process, in milliseconds. @default a day */
  readonly leftoverMs?: number | undefined
  /**
   * Reads at once, and writes; the others wait in line.
   * @default two thirds of what a store may have open: a copy asks and writes here while it reads, perhaps elsewhere
   */
  readonly linePlaces?: number | undefined
}

/** A disk has no round trips to hide. */
const CALLS_AT_ONCE = 64
const DAY_MS = 24 * 60 * 60 * 1000

/** Runs a deed once it is its turn. */
type Line = <T>(deed: () => Promise<T>) => Promise<T>

/** Lets so many run at once, in the order in which they came. */
function createLine(most: number): Line {
  const waiting: (() => void)[] = []
  let running = 0
  return async (deed) => {
    if (running < most) running += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await deed()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
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
  const { lockStaleMs = 10_000, leftoverMs = DAY_MS, linePlaces = Math.ceil((mostOpen() * 2) / 3) } = options
  const place: Place = { root: resolve(options.path), lockStaleMs, leftoverMs }
  const rules: KeyRules = { allowControl: options.allowControl }

  /** Every call goes through here: keys are checked first, and the disk's errors become ours. */
  const callsIn = (line: Line) => {
    return async <T>(keys: readonly Key[], signal: AbortSignal | undefined, deed: () => Promise<T>): Promise<T> => {
      for (const key of keys) assertKey(key, rules)
      try {
        return await line(() => {
          throwIfAborted(signal)
          return deed()
        })
      } catch (error) {
        throw folderError(error, keys[0] ?? '')
      }
    }
  }
  // two lines: a write may wait for what it reads from here, and a read waits for no other call
  const [read, write] = [callsIn(createLine(linePlaces)), callsIn(createLine(linePlaces))]

  return {
    label: options.label ?? options.path,
    limits: {
      keyBytes: MAX_KEY_BYTES,
      objectBytes: 5 * 2 ** 40,
      headerBytes: 8192,
      // one less: a deploy is renewed while its files are sent
      callsAtOnce: Math.max(1, Math.min(CALLS_AT_ONCE, linePlaces - 1)),
    },
    facts: { conditionalWrites: 'full', foldsUnicode: false, reheader: true, forgets: [] },
    get: (key, given) => read([key], given?.signal, () => get(place, key, given)),
    head: (key, given) => read([key], given?.signal, () => head(place, key)),
    put: (key, body, headers, condition) =>
      write([key], condition?.signal, () => put(place, { key, body, headers, condition })),
    copy: (from, to, given) => write([from, to], given?.signal, () => copy(place, { from, to }, given)),
    reheader: (key, headers, given) =>
      write([key], given?.signal, () =>
        replace(place, key, given, async (current) => ({
          ...current,
          headers: { ...headers },
          sha256: given?.sha256 ?? current.sha256,
        })),
      ),
    remove: (keys, given) => write(keys, given?.signal, () => remove(place, keys, given)),
    sweep: async ({ prefix = '', signal } = {}) => {
      assertListPrefix(prefix, rules)
      return write([], signal, () => sweep(place, prefix, signal))
    },
    async folders(prefix, given) {
      assertListPrefix(prefix, rules)
      return read([], given?.signal, () => folders(place, prefix))
    },
    async *list(prefix, given) {
      assertListPrefix(prefix, rules)
      try {
        yield* list(place, prefix, { ...given, pageSize: options.pageSize ?? 1000 })
      } catch (error) {
        throw folderError(error, prefix)
      }
    },
  }
}
