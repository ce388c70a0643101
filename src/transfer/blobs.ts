import type { Store, WriteCondition } from '../store/store.ts'
import { LadingError } from '../words/errors.ts'
import type { Body, Digest, ETag, Key } from '../words/model.ts'
import { hexBorders, listInParts } from './list-in-parts.ts'

/** An object of the site that is about to be overwritten or removed. */
export interface Kept {
  readonly key: Key
  readonly sha256: Digest
  readonly etag: ETag | undefined
}

/** The part of a held deploy that a write needs. */
export type Holding = Pick<WriteCondition, 'guard' | 'signal'>

/** `blobs/<sha256>`: contents that a release named and that lie nowhere else any more, so that rollback finds them. */
export interface Blobs {
  /**
   * Keeps the object at a key of the site, by a server-side copy where the state lies in the same store.
   * @param held of the deploy: a run that has lost it could bring back what a takedown has removed since
   */
  keep(object: Kept, held: Holding): Promise<void>
  /** Keeps bytes that are in hand. @param held of the deploy, where it happens under one */
  put(body: Body, held?: Holding): Promise<void>
  /** The content as something to send; `undefined` when it is not kept. */
  find(sha256: Digest): Promise<Body | undefined>
  /** The digests of all that is kept. */
  list(): Promise<Digest[]>
  keyOf(sha256: Digest): Key
}

const BLOBS = 'blobs/'

/** Up to this size an object is read with one request, in bytes. */
const WHOLE_BYTES = 16 * 2 ** 20

export interface BlobsOptions {
  readonly site: Store
  readonly store: Store
  readonly folder: string
  readonly signal: AbortSignal | undefined
}

export function openBlobs({ site, store, folder, signal }: BlobsOptions): Blobs {
  const keyOf = (sha256: Digest): Key => `${folder}${BLOBS}${sha256}`
  const headers = { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' }
  const put = async (body: Body, held: Holding = { signal }): Promise<void> => {
    await store.put(keyOf(body.sha256), body, headers, { ...held, when: 'absent', mayRepeat: true })
  }

  return {
    keyOf,
    put,
    async keep({ key, sha256, etag }, held) {
      if (site === store && etag !== undefined) {
        // the object may have been replaced by now: then the write that follows fails, or keeps what it finds
        await site.copy(key, keyOf(sha256), { ...held, source: etag }).catch(ignoreTooLarge)
        return
      }
      const found = await site.head(key, { signal: held.signal })
      if (found?.sha256 === sha256) await put(storedBody(site, { ...found, sha256 }, held.signal), held)
    },
    async find(sha256) {
      const found = await store.head(keyOf(sha256), { signal })
      return found && storedBody(store, { ...found, sha256 }, signal)
    },
    async list() {
      const prefix = `${folder}${BLOBS}`
      const digests: Digest[] = []
      for await (const page of listInParts(store, prefix, { expected: () => hexBorders(prefix), signal })) {
        for (const { key } of page) digests.push(key.slice(prefix.length))
      }
      return digests
    },
  }
}

/** Too large for a single copy request: only a rollback would miss it, and says so then, so the deploy goes on. */
function ignoreTooLarge(error: unknown): void {
  if (!(error instanceof LadingError && error.code === 'E_TOO_LARGE')) throw error
}

/** An object in a store as a body. The reader compares the digest, so that a damaged one is never sent on. */
export function storedBody(
  store: Store,
  { key, size, sha256 }: { readonly key: Key; readonly size: number; readonly sha256: Digest },
  signal: AbortSignal | undefined,
): Body {
  let whole: Promise<Uint8Array> | undefined
  const fetch = async (range?: { readonly start: number; readonly end: number }): Promise<Uint8Array> => {
    const found = await store.get(key, { range, signal })
    if (found !== undefined) return found.bytes
    throw new LadingError('E_INTEGRITY', 'An object went away while it was being read', {
      subject: `${store.label}${key}`,
      hint: 'Run the same command again.',
      retryable: true,
    })
  }
  return {
    size,
    sha256,
    async read(start, end) {
      if (size > WHOLE_BYTES) return fetch({ start, end })
      whole ??= fetch()
      const bytes = (await whole).subarray(start, end)
      if (end >= size) whole = undefined // read in order: nothing of it is needed again
      return bytes
    },
  }
}
