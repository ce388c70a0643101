import type { Body, Digest, ETag, HeaderSet, Key } from '../words/model.ts'

/** What a stored object says of itself. */
export interface StoredObject {
  readonly key: Key
  /** In bytes. */
  readonly size: number
  readonly etag: ETag
  readonly headers: HeaderSet
  /** The digest that the object was put with; absent on objects that somebody else put. */
  readonly sha256: Digest | undefined
  /**
   * How long ago it was written, by the store's own clock alone, in milliseconds; to the second on most. Clocks of
   * different machines are never compared. Absent where the store does not tell both times.
   */
  readonly ageMs?: number | undefined
  /** What time it was by the store's own clock when it answered, in milliseconds since 1970. Absent where it does not tell. */
  readonly toldAtMs?: number | undefined
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
  /**
   * Called immediately before the write is sent, at every attempt; what it throws ends the call. It lets the holder of
   * a lease notice that it has expired. On S3 it is called once there is a connection; where the AWS SDK sends
   * (`transport: 'sdk'`, the completion of a multipart upload), before the SDK opens one, if none is free.
   */
  readonly guard?: (() => void) | undefined
  /**
   * May be sent twice at once, because the key contains the hash of the bytes, so that nothing else is ever written
   * there. Never for leases that others take over, or pointers to the newest of something. @default false
   */
  readonly mayRepeat?: boolean | undefined
  /** Skips the queue of calls while the store throttles: for what others wait for, or a lease depends on. */
  readonly isUrgent?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export interface CopyOptions extends WriteCondition {
  /** Copies only the object that has this ETag; otherwise the result is `precondition-failed`. @default whatever is there */
  readonly source?: ETag | undefined
  /** Headers of the copy. @default those of the source */
  readonly headers?: HeaderSet | undefined
}

export interface ReheaderOptions extends WriteCondition {
  /** The digest to record with an object that somebody else put, whose bytes were looked at. @default the one it has */
  readonly sha256?: Digest | undefined
  /**
   * What is known of the object with the ETag of `when` by whoever wrote it. Saves a HEAD, where the store itself
   * ensures that no other object is copied.
   */
  readonly known?: Pick<StoredObject, 'size' | 'headers' | 'sha256'> | undefined
}

export interface RemoveOptions {
  /**
   * Removes a key only while its object has this ETag; a key that has another one comes back with the reason
   * {@link CHANGED}. Where the store knows no such condition we look first, which is not atomic.
   */
  readonly etags?: ReadonlyMap<Key, ETag> | undefined
  /** See {@link WriteCondition.guard}. */
  readonly guard?: (() => void) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface SweepOptions {
  /** Only what was begun below it; empty, or ending with `/`. @default everything in the store */
  readonly prefix?: string | undefined
  /**
   * Whether this one is to be aborted; other programs write to a bucket too. Not called in a folder store, where
   * unfinished writes have no key and all are ours. @default all are
   */
  readonly isOver?: ((left: HalfDone) => boolean) | undefined
  readonly signal?: AbortSignal | undefined
}

/** An unfinished write. */
export interface HalfDone {
  readonly key: Key
  /** How long ago it was begun, by the store's clock, in milliseconds; Infinity where it does not say. */
  readonly ageMs: number
}

/** Why a conditional removal did not happen. */
export const CHANGED = 'it has changed meanwhile'

export interface GetOptions {
  /** From `start` up to but not including `end`, in bytes. An `end` past the object's is cut. */
  readonly range?: { readonly start: number; readonly end: number } | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ListOptions {
  /** Only keys after this text, which need not be one of them, in UTF-8 byte order. @default all */
  readonly after?: string | undefined
  /** Only keys up to this text, itself included. @default all */
  readonly until?: string | undefined
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
  /** Useful number of concurrent calls. More would only wait, and occupy memory. @default any number */
  readonly callsAtOnce?: number | undefined
}

/** What a store does, as data: the core asks for a fact, never for a provider's name. */
export interface StoreFacts {
  /**
   * `full`: both conditions of {@link WriteCondition} hold, atomically. `create`: only `'absent'` does.
   * `none`: neither. `unknown`: not probed yet; conditions are sent, but may be ignored.
   */
  readonly conditionalWrites: 'full' | 'create' | 'none' | 'unknown'
  /** Whether the store folds keys to one Unicode form, so that NFC and NFD twins are one object. */
  readonly foldsUnicode: boolean
  /** Whether headers can be replaced without sending the bytes again. */
  readonly reheader: boolean
  /** Headers that the store accepts but does not return, by lower-case name. */
  readonly forgets: readonly string[]
  /**
   * Keys on a full page of a listing, where pages have to be requested one after the other and a listing may begin
   * after any key: then parts of it can be listed in parallel. @default a listing is read as one
   */
  readonly listPage?: number | undefined
}

/** What a probe found out about a store, as `profiles.ts` would say it. Kept in the state; it outranks the profile. */
export interface ProbedFacts {
  readonly conditionalWrites: 'full' | 'create' | 'none'
  /** Whether CopyObject obeys `If-Match` and `If-None-Match` for its target. */
  readonly conditionalCopy: boolean
  /** Whether CopyObject obeys `x-amz-copy-source-if-match`. Absent in facts from older versions. */
  readonly conditionalSource?: boolean
  /** Whether a removal obeys `If-Match`. */
  readonly conditionalRemove: boolean
  /** What proves a request's body to the store, which refuses a wrong one. */
  readonly checksum: 'sha256' | 'md5'
  readonly etagIsMd5: boolean
  /** Whether a copy onto itself leaves exactly the headers that it names. */
  readonly reheader: boolean
  /** See {@link StoreFacts.forgets}. */
  readonly forgets: readonly string[]
}

/**
 * Where an adapter finds facts learnt after it was opened: they are kept in the state, which itself lies in a store.
 * Read at every request.
 */
export interface Learnt {
  facts: ProbedFacts | undefined
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
  copy(from: Key, to: Key, options?: CopyOptions): Promise<WriteResult>

  /** Replaces the headers of `key` by exactly these, leaving the bytes. `when: 'absent'` makes no sense here. */
  reheader(key: Key, headers: HeaderSet, options?: ReheaderOptions): Promise<WriteResult>

  head(key: Key, options?: { readonly signal?: AbortSignal | undefined }): Promise<StoredObject | undefined>

  /** Pages of objects whose key starts with `prefix`, in UTF-8 byte order. A broken listing rejects: it never ends short. */
  list(prefix: string, options?: ListOptions): AsyncIterable<readonly ListedObject[]>

  /**
   * The names of the folders directly below `prefix`, which ends with `/`, in any order: for `b/x/1` and `b/x/2` below
   * `b/`, `x`. Optional, for stores that find them without walking through what they hold.
   * @default whoever needs them lists
   */
  folders?(prefix: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly string[]>

  /** Removes the keys; absent ones count as removed. What could not be removed comes back. */
  remove(keys: readonly Key[], options?: RemoveOptions): Promise<readonly RemoveFailure[]>

  /**
   * Aborts what dead writers have left unfinished, such as multipart uploads. If the writer is still alive, it costs
   * that writer a new attempt, nothing else.
   *
   * @returns how many were aborted
   */
  sweep(options?: SweepOptions): Promise<number>

  /**
   * Announces that so many requests will soon be made at once, so that connections can be opened meanwhile. Best
   * effort; fails silently. @default there is nothing to open
   */
  warmUp?(requests: number): void
}
