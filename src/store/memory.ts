import { LadingError, printable } from '../errors.ts'
import type { Digest, ETag, HeaderSet, Key } from '../model.ts'
import { assertKey, assertListPrefix, compareKeys, type KeyRules, MAX_KEY_BYTES } from './key.ts'
import type { Store, StoredObject, WriteResult } from './store.ts'
import { conditionHolds } from './with-condition.ts'
import { bytesOf } from './with-digest.ts'
import { throwIfAborted } from './with-signal.ts'

export interface MemoryStoreOptions {
  /** @default 'memory' */
  readonly label?: string | undefined
  /** Control characters in keys. @default false */
  readonly allowControl?: boolean | undefined
  /** Objects on a page of a listing. @default 1000 */
  readonly pageSize?: number | undefined
}

interface Entry {
  readonly bytes: Uint8Array
  readonly sha256: Digest
  readonly etag: ETag
  readonly headers: HeaderSet
}

const PRECONDITION_FAILED: WriteResult = { status: 'precondition-failed' }

/** A store that lives as long as the process: for tests, and as the plainest reading of the port. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const objects = new Map<Key, Entry>()
  const rules: KeyRules = { allowControl: options.allowControl }
  const pageSize = options.pageSize ?? 1000

  // No await stands between the check of a condition and the write: that is what makes conditional writes atomic.
  const write = (key: Key, entry: Entry): WriteResult => {
    objects.set(key, entry)
    return { status: 'stored', etag: entry.etag }
  }

  return {
    label: options.label ?? 'memory',
    limits: { keyBytes: MAX_KEY_BYTES, objectBytes: 2 ** 31, headerBytes: 8192 },
    facts: { conditionalWrites: 'full', foldsUnicode: false, reheader: true },

    async get(key, { range, signal } = {}) {
      assertKey(key, rules)
      throwIfAborted(signal)
      const entry = objects.get(key)
      // A copy: whoever changes what it was given must not change what is stored.
      return (
        entry && {
          ...described(key, entry),
          bytes: new Uint8Array(entry.bytes.subarray(range?.start ?? 0, range?.end)),
        }
      )
    },

    async put(key, body, headers, condition) {
      assertKey(key, rules)
      const bytes = await bytesOf(key, body, condition?.signal)
      if (!conditionHolds(condition, objects.get(key)?.etag)) return PRECONDITION_FAILED
      return write(key, { bytes, sha256: body.sha256, etag: etagOf(body.sha256), headers: { ...headers } })
    },

    async copy(from, to, condition) {
      assertKey(from, rules)
      assertKey(to, rules)
      throwIfAborted(condition?.signal)
      const source = objects.get(from)
      if (!source) throw new LadingError('E_STORE', `there is no "${printable(from)}" to copy`, { subject: from })
      if (!conditionHolds(condition, objects.get(to)?.etag)) return PRECONDITION_FAILED
      return write(to, source)
    },

    async reheader(key, headers, condition) {
      assertKey(key, rules)
      throwIfAborted(condition?.signal)
      const entry = objects.get(key)
      if (!(entry && conditionHolds(condition, entry.etag))) return PRECONDITION_FAILED
      return write(key, { ...entry, headers: { ...headers } })
    },

    async head(key, { signal } = {}) {
      assertKey(key, rules)
      throwIfAborted(signal)
      const entry = objects.get(key)
      return entry && described(key, entry)
    },

    async *list(prefix, { signal } = {}) {
      assertListPrefix(prefix, rules)
      const found = [...objects].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => compareKeys(a, b))
      for (let at = 0; at < found.length; at += pageSize) {
        throwIfAborted(signal)
        yield found
          .slice(at, at + pageSize)
          .map(([key, entry]) => ({ key, size: entry.bytes.byteLength, etag: entry.etag }))
      }
    },

    async remove(keys, { signal } = {}) {
      for (const key of keys) assertKey(key, rules)
      throwIfAborted(signal)
      for (const key of keys) objects.delete(key)
      return []
    },
  }
}

/** Derived from the bytes alone, so that the same bytes always answer with the same ETag. */
function etagOf(sha256: Digest): ETag {
  return sha256.slice(0, 32)
}

function described(key: Key, entry: Entry): StoredObject {
  return {
    key,
    size: entry.bytes.byteLength,
    etag: entry.etag,
    headers: { ...entry.headers },
    sha256: entry.sha256,
  }
}
