import type { Body, Digest, ETag, HeaderSet, Key } from '../model.ts'

/** What a stored object says of itself. */
export interface StoredObject {
  readonly key: Key
  /** In bytes. */
  readonly size: number
  readonly etag: ETag
  readonly headers: HeaderSet
  /** The digest that the object was put with; absent on objects that somebody else put. */
  readonly sha256: Digest | undefined
}

/** One row of a listing. */
export interface ListedObject {
  readonly key: Key
  readonly size: number
  readonly etag: ETag
}

/** What a conditional write came to. A failed precondition is an answer, not an error. */
export type WriteResult =
  | { readonly status: 'stored'; readonly etag: ETag }
  | { readonly status: 'precondition-failed' }

/** When a write may happen. Without a condition it always may. */
export interface WriteCondition {
  /** `'absent'`: only when there is no such object (`If-None-Match: *`); an ETag: only when the object still has it (`If-Match`). */
  readonly when?: 'absent' | { readonly etag: ETag } | undefined
  readonly signal?: AbortSignal | undefined
}

export interface GetOptions {
  /** From `start` up to but not including `end`, in bytes. An `end` past the object's is cut. */
  readonly range?: { readonly start: number; readonly end: number } | undefined
  readonly signal?: AbortSignal | undefined
}

export interface RemoveFailure {
  readonly key: Key
  readonly reason: string
}

/** What a store can carry. Checked before anything is sent. */
export interface StoreLimits {
  /** UTF-8 bytes of a key, without the prefix's share. */
  readonly keyBytes: number
  /** Bytes of one object. */
  readonly objectBytes: number
  /** Bytes of all stored headers of an object together. */
  readonly headerBytes: number
}

/** What a store does, as data: the core asks for a fact, never for a provider's name. */
export interface StoreFacts {
  /**
   * `full`: both conditions of {@link WriteCondition} hold, atomically. `create`: only `'absent'` does.
   * `none`: neither. `unknown`: nobody has looked yet; conditions are sent and hoped for.
   */
  readonly conditionalWrites: 'full' | 'create' | 'none' | 'unknown'
  /** Whether the store folds keys to one Unicode form, so that NFC and NFD twins are one object. */
  readonly foldsUnicode: boolean
  /** Whether headers can be replaced without sending the bytes again. */
  readonly reheader: boolean
}

/**
 * Where objects live. A handful of methods and these promises:
 *
 * - A reader sees an object whole, before or after a write, never a part of one.
 * - `put`, `copy` and `reheader` that resolve with `stored` are durable and were proved to hold what was sent.
 * - Absence is `undefined` (or `precondition-failed`), never an error; repetition of any call is harmless.
 * - Every method rejects with a `LadingError` only; `retryable` says whether the same call may succeed later.
 * - `signal` ends a call with its reason as soon as possible.
 *
 * An adapter is an object literal without `this`. Retry, pace, prefix, dry run and faults are wrappers: Store -> Store.
 */
export interface Store {
  /** For people and messages: `s3://bucket/prefix/`, a folder's path. Holds no credentials. */
  readonly label: string
  readonly limits: StoreLimits
  readonly facts: StoreFacts

  /** The object and its bytes (or the range's), or `undefined` when there is none. */
  get(key: Key, options?: GetOptions): Promise<(StoredObject & { readonly bytes: Uint8Array }) | undefined>

  /** Creates or replaces `key` as a whole, with exactly these headers; what it had before is gone. */
  put(key: Key, body: Body, headers: HeaderSet, condition?: WriteCondition): Promise<WriteResult>

  /** Copies bytes and headers inside the store, without sending them. Rejects with E_STORE when `from` is absent. */
  copy(from: Key, to: Key, condition?: WriteCondition): Promise<WriteResult>

  /** Replaces the headers of `key` by exactly these, leaving the bytes. `when: 'absent'` makes no sense here. */
  reheader(key: Key, headers: HeaderSet, condition?: WriteCondition): Promise<WriteResult>

  head(key: Key, options?: { readonly signal?: AbortSignal | undefined }): Promise<StoredObject | undefined>

  /** Pages of objects whose key starts with `prefix`, in UTF-8 byte order. A broken listing rejects: it never ends short. */
  list(prefix: string, options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<readonly ListedObject[]>

  /** Removes the keys; absent ones count as removed. What could not be removed comes back. */
  remove(
    keys: readonly Key[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly RemoveFailure[]>
}
