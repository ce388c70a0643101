import { LadingError, printable } from '../words/errors.ts'
import { compareKeys, isWithin } from '../words/key-order.ts'
import type { Digest, ETag, HeaderSet, Key } from '../words/model.ts'
import { throwIfAborted } from './abort.ts'
import { bytesOf } from './body-reader.ts'
import { conditionHolds } from './condition.ts'
import { assertKey, assertListPrefix, type KeyRules, MAX_KEY_BYTES } from './key.ts'
import {
  CHANGED,
  type RemoveFailure,
  type Store,
  type StoredObject,
  type WriteCondition,
  type WriteResult,
} from './store.ts'

export interface MemoryStoreOptions {
  /** @default 'memory' */
  readonly label?: string | undefined
  /** Control characters in keys. @default false */
  readonly allowControl?: boolean | undefined
  /** Objects on a page of a listing. @default 1000 */
  readonly pageSize?: number | undefined
  /** Its clock, in milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined
}

interface Entry {
  readonly bytes: Uint8Array
  readonly sha256: Digest
  readonly etag: ETag
  readonly headers: HeaderSet
  readonly writtenAt: number
}

const PRECONDITION_FAILED: WriteResult = { status: 'precondition-failed' }

/** A store that lives as long as the process: for tests, and as the simplest implementation. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const objects = new Map<Key, Entry>()
  const rules: KeyRules = { allowControl: options.allowControl }
  const pageSize = options.pageSize ?? 1000
  const now = options.now ?? Date.now

  // No await stands between the check of a condition and the write: that is what makes conditional writes atomic.
  const write = (key: Key, entry: Omit<Entry, 'writtenAt'>, condition: WriteCondition | undefined): WriteResult => {
    condition?.guard?.()
    objects.set(key, { ...entry, writtenAt: now() })
    return { status: 'stored', etag: entry.etag }
  }
  const described = (key: Key, { bytes, sha256, etag, headers, writtenAt }: Entry): StoredObject => ({
    key,
    size: bytes.byteLength,
    etag,
    headers: { ...headers },
    sha256,
    ageMs: Math.max(0, now() - writtenAt),
    toldAtMs: now(),
  })

  return {
    label: options.label ?? 'memory',
    limits: { keyBytes: MAX_KEY_BYTES, objectBytes: 2 ** 31, headerBytes: 8192 },
    facts: { conditionalWrites: 'full', foldsUnicode: false, reheader: true, forgets: [] },

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
      const bytes = await bytesOf(key, body, { signal: condition?.signal })
      if (!conditionHolds(condition, objects.get(key)?.etag)) return PRECONDITION_FAILED
      const { sha256 } = body
      return write(key, { bytes, sha256, etag: etagOf(sha256), headers: { ...headers } }, condition)
    },

    async copy(from, to, options = {}) {
      assertKey(from, rules)
      assertKey(to, rules)
      throwIfAborted(options.signal)
      const source = objects.get(from)
      if (options.source !== undefined && source?.etag !== options.source) return PRECONDITION_FAILED
      if (!source) throw new LadingError('E_STORE', `there is no "${printable(from)}" to copy`, { subject: from })
      if (!conditionHolds(options, objects.get(to)?.etag)) return PRECONDITION_FAILED
      return write(to, { ...source, headers: { ...(options.headers ?? source.headers) } }, options)
    },

    async reheader(key, headers, options = {}) {
      assertKey(key, rules)
      throwIfAborted(options.signal)
      const entry = objects.get(key)
      if (!(entry && conditionHolds(options, entry.etag))) return PRECONDITION_FAILED
      return write(key, { ...entry, headers: { ...headers }, sha256: options.sha256 ?? entry.sha256 }, options)
    },

    async head(key, { signal } = {}) {
      assertKey(key, rules)
      throwIfAborted(signal)
      const entry = objects.get(key)
      return entry && described(key, entry)
    },

    async *list(prefix, { signal, ...bounds } = {}) {
      assertListPrefix(prefix, rules)
      const isAsked = ([key]: readonly [Key, unknown]): boolean => key.startsWith(prefix) && isWithin(key, bounds)
      const found = [...objects].filter(isAsked).sort(([a], [b]) => compareKeys(a, b))
      for (let at = 0; at < found.length; at += pageSize) {
        throwIfAborted(signal)
        yield found
          .slice(at, at + pageSize)
          .map(([key, entry]) => ({ key, size: entry.bytes.byteLength, etag: entry.etag }))
      }
    },

    async remove(keys, { etags, guard, signal } = {}) {
      for (const key of keys) assertKey(key, rules)
      throwIfAborted(signal)
      const failures: RemoveFailure[] = []
      for (const key of keys) {
        const [wanted, current] = [etags?.get(key), objects.get(key)?.etag]
        if (wanted !== undefined && current !== undefined && wanted !== current) {
          failures.push({ key, reason: CHANGED })
          continue
        }
        guard?.()
        objects.delete(key)
      }
      return failures
    },

    async sweep({ prefix = '', signal } = {}) {
      assertListPrefix(prefix, rules)
      throwIfAborted(signal)
      return 0
    },
  }
}

/** Derived from the bytes alone, so that the same bytes always answer with the same ETag. */
function etagOf(sha256: Digest): ETag {
  return sha256.slice(0, 32)
}
