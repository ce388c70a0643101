import { createHash } from 'node:crypto'
import { LadingError } from '../errors.ts'
import type { Digest, ETag } from '../model.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import type { DesiredObject } from '../plan/plan.ts'
import type { Store, StoredObject } from '../store/store.ts'
import type { Outcome } from './upload.ts'

interface MutableOptions {
  readonly store: Store
  readonly signal?: AbortSignal | undefined
}

/** One piece of a foreign object that is compared with ours, in bytes. */
const PIECE = 8 * 1024 * 1024

/**
 * Writes a key whose bytes change over time, conditional on what we know of it: the ETag of the last publish, or that
 * nothing is there. Where that no longer holds, the object decides: one of ours is replaced, a foreign one is adopted
 * when its bytes are the ones we would write, and otherwise left alone.
 * @throws E_FOREIGN
 */
export async function putMutable(
  object: DesiredObject,
  known: ManifestRow | undefined,
  options: MutableOptions,
): Promise<Outcome> {
  const { store, signal } = options
  const when = known?.etag === undefined ? 'absent' : { etag: known.etag }
  const result = await store.put(object.key, object.body, object.headers, { when, signal })
  if (result.status === 'stored') return { etag: result.etag, sent: true }
  return replaceFound(object, known, options)
}

async function replaceFound(
  object: DesiredObject,
  known: ManifestRow | undefined,
  options: MutableOptions,
): Promise<Outcome> {
  const { store, signal } = options
  const found = await store.head(object.key, { signal })
  if (found === undefined) return insist(object, 'absent', options)
  const holds = found.sha256 ?? (await digestOf(store, found, object, signal))
  if (holds === object.body.sha256) {
    const result = await store.reheader(object.key, object.headers, { when: { etag: found.etag }, signal })
    if (result.status === 'stored') return { etag: result.etag, sent: false }
    return insist(object, { etag: found.etag }, options)
  }
  if (found.sha256 === undefined && known === undefined) throw foreign(store, object)
  return insist(object, { etag: found.etag }, options)
}

async function insist(
  object: DesiredObject,
  when: 'absent' | { etag: ETag },
  { store, signal }: MutableOptions,
): Promise<Outcome> {
  const result = await store.put(object.key, object.body, object.headers, { when, signal })
  if (result.status === 'stored') return { etag: result.etag, sent: true }
  throw contested(store, object)
}

/** The digest of an object that somebody else put, as far as it can equal ours at all. */
async function digestOf(
  store: Store,
  found: StoredObject,
  object: DesiredObject,
  signal: AbortSignal | undefined,
): Promise<Digest | undefined> {
  if (found.size !== object.body.size) return undefined
  const digest = createHash('sha256')
  for (let start = 0; start < found.size; start += PIECE) {
    const piece = await store.get(found.key, { range: { start, end: Math.min(start + PIECE, found.size) }, signal })
    if (piece === undefined || piece.etag !== found.etag) return undefined
    digest.update(piece.bytes)
  }
  return digest.digest('hex')
}

/** Changes headers alone; falls back to a whole write where the object is not what the manifest says. */
export async function reheaderMutable(
  object: DesiredObject,
  known: ManifestRow,
  options: MutableOptions,
): Promise<Outcome> {
  const { store, signal } = options
  const when = known.etag === undefined ? undefined : { etag: known.etag }
  const result = await store.reheader(object.key, object.headers, { when, signal })
  if (result.status === 'stored') return { etag: result.etag, sent: false }
  return replaceFound(object, known, options)
}

function foreign(store: Store, object: DesiredObject): LadingError {
  return new LadingError('E_FOREIGN', 'Somebody else’s object lies where a file of the site belongs', {
    subject: `${store.label}${object.key}`,
    why: 'Lading did not put it and its bytes differ from yours, so it was not overwritten.',
    hint: 'Remove or move that object, or choose a prefix of your own.',
  })
}

function contested(store: Store, object: DesiredObject): LadingError {
  return new LadingError('E_POINTER_MOVED', 'Somebody else is writing the same object', {
    subject: `${store.label}${object.key}`,
    why: 'It changed twice while this run tried to write it.',
    hint: 'Let the other deploy finish, then run the same command again.',
    retryable: true,
  })
}
