import { hash } from 'node:crypto'
import { MOST_PACKED_BYTES } from '../plan/compression.ts'
import type { DesiredObject } from '../plan/plan.ts'
import { unpack } from '../site/compress/pack.ts'
import type { StoredObject } from '../store/store.ts'
import { LadingError } from '../words/errors.ts'
import { sameHeaders } from '../words/headers.ts'
import type { Digest } from '../words/model.ts'
import { digestOfForeign } from './foreign.ts'
import type { Outcome, WriteOptions } from './upload.ts'

/** Creates only: an object that is there already and holds the same is as good; anything else is never overwritten. */
export async function putImmutable(object: DesiredObject, options: WriteOptions): Promise<Outcome> {
  const { store, signal, guard } = options
  const result = await store.put(object.key, object.body, object.headers, {
    when: 'absent',
    mayRepeat: true,
    guard,
    signal,
  })
  if (result.status === 'stored') return { etag: result.etag, sent: true }
  const there = await isThere(object, options, store.facts.forgets)
  if (there !== undefined) return there
  throw new LadingError('E_IMMUTABLE_CONFLICT', 'Another content lies under a name that carries this content’s hash', {
    subject: `${store.label}${object.key}`,
    why: 'The object was changed by hand or damaged; it was not overwritten, because pages may rely on it.',
    hint: 'Look at the object; `lading sync --repair` puts the right one there.',
  })
}

/**
 * An object that is said to have been sent: accepted after a check, and sent otherwise.
 * @param forgotten headers that the check cannot see @default those that the store forgets
 */
export async function settleImmutable(
  object: DesiredObject,
  options: WriteOptions,
  forgotten: readonly string[] = options.store.facts.forgets,
): Promise<Outcome> {
  return (await isThere(object, options, forgotten)) ?? putImmutable(object, options)
}

/** The stored object, if it holds this content; wrong headers are replaced on the way. */
async function isThere(
  object: DesiredObject,
  options: WriteOptions,
  forgotten: readonly string[],
): Promise<Outcome | undefined> {
  const { store, signal, guard } = options
  const found = await store.head(object.key, { signal })
  const held = found && (await heldBytes(found, object, options))
  if (found === undefined || held === undefined) return undefined
  const { sha256 } = held
  if (found.sha256 !== undefined && sameHeaders(found.headers, object.headers, forgotten)) {
    return { etag: found.etag, sent: false, held }
  }
  const when = { etag: found.etag }
  const result = await store.reheader(object.key, object.headers, { when, sha256, guard, signal })
  return result.status === 'stored' ? { etag: result.etag, sent: false, held } : undefined
}

/** What somebody else put under the name of this content may be this content, or the same compressed otherwise. */
async function heldBytes(
  found: StoredObject,
  object: DesiredObject,
  options: WriteOptions,
): Promise<Outcome['held'] | undefined> {
  const { body } = object
  const sha256 = found.size === body.size ? await digestOf(found, options) : undefined
  if (sha256 === body.sha256) return { size: body.size, sha256 }
  return body.unpacked === undefined ? undefined : packedElsewhere(found, object, options)
}

async function digestOf(found: StoredObject, { store, signal }: WriteOptions): Promise<Digest | undefined> {
  return found.sha256 ?? (await digestOfForeign(store, found, signal))
}

/** Another version of the compressor, on another machine, may have made other bytes of the same content. */
async function packedElsewhere(
  { key, size, headers }: StoredObject,
  object: DesiredObject,
  { store, signal }: WriteOptions,
): Promise<Outcome['held'] | undefined> {
  const encoding = object.headers['content-encoding'] === 'br' ? 'br' : 'gzip'
  if (size > MOST_PACKED_BYTES || headers['content-encoding'] !== encoding) return undefined
  const found = await store.get(key, { signal })
  const content = found && (await unpack(found.bytes, encoding, MOST_PACKED_BYTES))
  if (found === undefined || content === undefined) return undefined
  const isSame = hash('sha256', content) === object.body.unpacked
  return isSame ? { size: found.bytes.byteLength, sha256: hash('sha256', found.bytes) } : undefined
}
