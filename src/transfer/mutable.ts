import type { ManifestRow } from '../plan/manifest.ts'
import type { DesiredObject } from '../plan/plan.ts'
import type { Store, StoredObject } from '../store/store.ts'
import { LadingError } from '../words/errors.ts'
import type { ETag } from '../words/model.ts'
import { digestOfForeign } from './foreign.ts'
import type { Outcome, WriteOptions } from './upload.ts'

/**
 * Writes a key whose bytes change over time, conditional on what we know of it: the ETag of the last publish, or that
 * nothing is there. What it overwrites is kept first. Where the condition no longer holds, the object decides: one of
 * ours is replaced, a foreign one is adopted when its bytes are the ones we would write, and otherwise left alone.
 * @throws E_FOREIGN
 */
export async function putMutable(
  object: DesiredObject,
  known: ManifestRow | undefined,
  options: WriteOptions,
): Promise<Outcome> {
  const { store, blobs, guard, signal } = options
  if (known !== undefined && known.sha256 !== object.body.sha256) await blobs.keep(known, { guard, signal })
  const when = known?.etag === undefined ? 'absent' : { etag: known.etag }
  const result = await store.put(object.key, object.body, object.headers, { when, guard, signal })
  if (result.status === 'stored') return { etag: result.etag, sent: true }
  return replaceFound(object, known, options)
}

async function replaceFound(
  object: DesiredObject,
  known: ManifestRow | undefined,
  options: WriteOptions,
): Promise<Outcome> {
  const { store, blobs, guard, signal } = options
  const found = await store.head(object.key, { signal })
  if (found === undefined) {
    await options.confirm?.()
    return insist(object, 'absent', options)
  }
  const { sha256 } = object.body
  if ((await digestAtMost(found, object, options)) === sha256) {
    const when = { etag: found.etag }
    const result = await store.reheader(object.key, object.headers, { when, sha256, guard, signal })
    if (result.status === 'stored') return { etag: result.etag, sent: false }
    return insist(object, when, options)
  }
  if (found.sha256 === undefined && known === undefined) throw foreign(store, object)
  await options.confirm?.()
  if (found.sha256 !== undefined) await blobs.keep({ ...found, sha256: found.sha256 }, { guard, signal })
  return insist(object, { etag: found.etag }, options)
}

/** Writes an object after a check; fails if it changed in between. */
export async function insist(
  object: DesiredObject,
  when: 'absent' | { etag: ETag },
  { store, guard, signal }: WriteOptions,
): Promise<Outcome> {
  const result = await store.put(object.key, object.body, object.headers, { when, guard, signal })
  if (result.status === 'stored') return { etag: result.etag, sent: true }
  throw contested(store, object)
}

/** The digest of the stored object; one put by somebody else is read only if its size equals ours. */
async function digestAtMost(
  found: StoredObject,
  object: DesiredObject,
  { store, signal }: WriteOptions,
): Promise<string | undefined> {
  if (found.sha256 !== undefined || found.size !== object.body.size) return found.sha256
  return digestOfForeign(store, found, signal)
}

/** Makes an object of somebody else, whose bytes were compared, one of ours. */
export async function adopt(object: DesiredObject, etag: ETag, options: WriteOptions): Promise<Outcome> {
  const { store, guard, signal } = options
  const { sha256 } = object.body
  const result = await store.reheader(object.key, object.headers, { when: { etag }, sha256, guard, signal })
  return result.status === 'stored' ? { etag: result.etag, sent: false } : replaceFound(object, undefined, options)
}

/** Changes headers alone; falls back to a whole write where the object is not what the manifest says. */
export async function reheaderMutable(
  object: DesiredObject,
  known: ManifestRow,
  options: WriteOptions,
): Promise<Outcome> {
  const { store, guard, signal } = options
  const when = known.etag === undefined ? undefined : { etag: known.etag }
  const result = await store.reheader(object.key, object.headers, { when, known, guard, signal })
  if (result.status === 'stored') return { etag: result.etag, sent: false }
  return replaceFound(object, known, options)
}

function foreign(store: Store, { key }: Pick<DesiredObject, 'key'>): LadingError {
  return new LadingError('E_FOREIGN', 'Somebody else’s object lies where a file of the site belongs', {
    subject: `${store.label}${key}`,
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
