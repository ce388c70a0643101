import { LadingError } from '../errors.ts'
import { sameHeaders } from '../plan/header-table.ts'
import type { DesiredObject } from '../plan/plan.ts'
import type { StoredObject } from '../store/store.ts'
import { digestOfForeign } from './foreign.ts'
import type { Outcome, WriteOptions } from './upload.ts'

/** Creates only: an object that is there already and holds the same is as good; anything else is never overwritten. */
export async function putImmutable(object: DesiredObject, options: WriteOptions): Promise<Outcome> {
  const { store, signal, guard } = options
  const result = await store.put(object.key, object.body, object.headers, { when: 'absent', guard, signal })
  if (result.status === 'stored') return { etag: result.etag, sent: true }
  const there = await isThere(object, options)
  if (there !== undefined) return there
  throw new LadingError('E_IMMUTABLE_CONFLICT', 'Another content lies under a name that carries this content’s hash', {
    subject: `${store.label}${object.key}`,
    why: 'The object was changed by hand or damaged; it was not overwritten, because pages may rely on it.',
    hint: 'Look at the object; `lading sync --repair` puts the right one there.',
  })
}

/** An object that somebody says to have sent: believed after a look, and sent otherwise. */
export async function settleSent(object: DesiredObject, options: WriteOptions): Promise<Outcome> {
  return (await isThere(object, options)) ?? putImmutable(object, options)
}

export async function reheaderImmutable(object: DesiredObject, options: WriteOptions): Promise<Outcome> {
  return (await isThere(object, options)) ?? putImmutable(object, options)
}

/** The object as it lies there, if it holds these bytes; its headers are put right on the way. */
async function isThere(object: DesiredObject, options: WriteOptions): Promise<Outcome | undefined> {
  const { store, signal, guard } = options
  const found = await store.head(object.key, { signal })
  if (found === undefined || !(await holds(found, object, options))) return undefined
  const { sha256 } = object.body
  if (found.sha256 !== undefined && sameHeaders(found.headers, object.headers)) return { etag: found.etag, sent: false }
  const when = { etag: found.etag }
  const result = await store.reheader(object.key, object.headers, { when, sha256, guard, signal })
  return result.status === 'stored' ? { etag: result.etag, sent: false } : undefined
}

/** What somebody else put under the name of this content may be this content. */
async function holds(found: StoredObject, object: DesiredObject, { store, signal }: WriteOptions): Promise<boolean> {
  if (found.size !== object.body.size) return false
  return (found.sha256 ?? (await digestOfForeign(store, found, signal))) === object.body.sha256
}
