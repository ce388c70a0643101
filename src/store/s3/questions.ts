import { LadingError, printable } from '../../words/errors.ts'
import type { ETag, HeaderSet, Key } from '../../words/model.ts'
import type { ProbedFacts, StoredObject } from '../store.ts'
import { headObject } from './head.ts'
import { listPages } from './list.ts'
import { DIGEST_HEADER, quotedEtag } from './objects.ts'
import {
  bodyMd5,
  bodySha256,
  checksBodies,
  copy,
  FEWER_HEADERS,
  FULL_HEADERS,
  type Outcome,
  type Place,
  type PutFields,
  put,
  removeIf,
  replaceHeadersOf,
} from './trials.ts'

/** An ETag that no object has. */
const STALE: ETag = '0'.repeat(32)

/** Different tests use different objects, so that they can run at once. */
export interface Objects {
  /** Created once, replaced under a condition, and copied from. Listings and signatures often get its name wrong. */
  readonly first: Key
  /** Put with its checksum, and copied onto. */
  readonly checked: Key
  /** Its headers are replaced. */
  readonly described: Key
  /** Removed under a condition. */
  readonly removed: Key
  /** Replaced under a condition that cannot hold: it is never there. */
  readonly missing: Key
}

/** What the store does with these objects, each question asked of its own. */
export async function factsOf(place: Place, objects: Objects): Promise<ProbedFacts> {
  const created = create(place, objects.first)
  const [ofFirst, ofChecked, reheader, conditionalRemove] = await all([
    askFirst(place, objects, created),
    askChecked(place, objects, created),
    replacesHeaders(place, objects.described),
    removesOnce(place, objects.removed),
    created.then(() => place.tried(() => assertListed(place, objects))),
  ])
  const { forgets, ...conditions } = ofFirst
  return { ...conditions, ...ofChecked, forgets, reheader: reheader(forgets), conditionalRemove }
}

async function askFirst(
  place: Place,
  { first, missing }: Objects,
  created: Promise<boolean>,
): Promise<Pick<ProbedFacts, 'conditionalWrites' | 'etagIsMd5' | 'forgets'>> {
  const isCreated = await created
  // A store that creates it again all the same writes the same.
  const [isKept, found] = await all([refuses(place, first, { IfNoneMatch: '*' }), look(place, first)])
  const createsOnce = isCreated && isKept
  if (!found) throw new LadingError('E_STORE', 'the store does not give back what was just put', { subject: first })
  const lost = Object.keys(FULL_HEADERS).filter((name) => found.headers[name] !== FULL_HEADERS[name])
  const forgets = found.sha256 === bodySha256('hex') ? lost : [...lost, DIGEST_HEADER]
  const etagIsMd5 = found.etag === bodyMd5()
  if (!createsOnce) return { conditionalWrites: 'none', etagIsMd5, forgets }
  // A store may obey a condition for objects that exist, and ignore it for those that do not.
  const stale = { IfMatch: quotedEtag(STALE) }
  const refused = await all([refuses(place, first, stale), refuses(place, missing, stale)])
  // A store that refuses every `If-Match` would look the same so far.
  const replacesOnce = refused.every(Boolean) && (await replaces(place, first, found.etag))
  return { conditionalWrites: replacesOnce ? 'full' : 'create', etagIsMd5, forgets }
}

async function askChecked(
  place: Place,
  { first, checked }: Objects,
  created: Promise<boolean>,
): Promise<Pick<ProbedFacts, 'checksum' | 'conditionalCopy' | 'conditionalSource'>> {
  const [checksum] = await all([checksumOf(place, checked), created])
  const copied = { from: first, to: checked }
  // If a condition is ignored, no harm is done: the same bytes are copied.
  const conditionalCopy = (await copy(place, copied, { IfNoneMatch: '*' })) === 'condition-failed'
  const stale = { CopySourceIfMatch: quotedEtag(STALE) }
  return { checksum, conditionalCopy, conditionalSource: (await copy(place, copied, stale)) === 'condition-failed' }
}

/** Waits for all, also after a failure: no request is still running when the error is thrown. */
export async function all<const T extends readonly unknown[]>(
  asked: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(asked)
  return Promise.all(asked)
}

function look({ bucket, signal, tried }: Place, key: Key): Promise<StoredObject | undefined> {
  return tried(() => headObject(bucket, key, signal))
}

/** Creates the object in any case. @returns whether it can be created under a condition */
async function create(place: Place, key: Key): Promise<boolean> {
  const created = await put(place, key, { IfNoneMatch: '*' })
  // Nobody else knows the name: an object that is there already is that of an attempt whose answer was lost.
  const isThere = created === 'done' || (created === 'condition-failed' && (await look(place, key)) !== undefined)
  if (!isThere) await put(place, key)
  return isThere
}

async function refuses(
  place: Place,
  key: Key,
  condition: Pick<PutFields, 'IfMatch' | 'IfNoneMatch'>,
): Promise<boolean> {
  return (await put(place, key, condition)) === 'condition-failed'
}

async function replaces(place: Place, key: Key, etag: ETag): Promise<boolean> {
  return (await put(place, key, { IfMatch: quotedEtag(etag) })) === 'done'
}

/** Leaves the object there. */
async function checksumOf(place: Place, key: Key): Promise<ProbedFacts['checksum']> {
  const isTaken = (await put(place, key, { ChecksumSHA256: bodySha256('base64') })) === 'done'
  if (!isTaken) await put(place, key)
  // A checksum that is not verified proves nothing; every service takes Content-MD5.
  return isTaken && (await checksBodies(place, key)) ? 'sha256' : 'md5'
}

/** @returns whether all headers that are not forgotten are replaced, and no others left */
async function replacesHeaders(place: Place, key: Key): Promise<(forgets: readonly string[]) => boolean> {
  await put(place, key)
  const isDone = (await replaceHeadersOf(place, key)) === 'done'
  const headers: HeaderSet = (isDone ? await look(place, key) : undefined)?.headers ?? {}
  return (forgets) => {
    const wanted = Object.entries(FEWER_HEADERS).filter(([name]) => !forgets.includes(name))
    const isAsWanted = wanted.every(([name, value]) => headers[name] === value)
    return isDone && isAsWanted && Object.keys(headers).length === wanted.length
  }
}

/** A store that ignores the condition removes the object. */
async function removesOnce(place: Place, key: Key): Promise<boolean> {
  await put(place, key)
  let outcome: Outcome
  try {
    outcome = await removeIf(place, key, STALE)
  } catch (error) {
    if (isDenied(error)) return false
    throw error
  }
  // An earlier attempt, whose answer was lost, may have removed it nevertheless.
  return outcome === 'condition-failed' && (await look(place, key)) !== undefined
}

/** Keys have to be listed exactly as they were put: listings decide what is removed. */
async function assertListed({ bucket, signal }: Place, objects: Objects): Promise<void> {
  const folder = objects.first.slice(0, objects.first.lastIndexOf('/') + 1)
  const names = new Set<Key>(Object.values(objects))
  for await (const page of listPages(bucket, folder, { signal })) {
    const odd = page.find(({ key }) => !names.has(key))
    if (!odd) continue
    throw new LadingError('E_LISTING', `the listing of the bucket "${bucket.name}" shows other names than were put`, {
      subject: bucket.name,
      why: `it shows "${printable(odd.key.slice(folder.length))}"`,
      hint: 'Tell the provider: names with a space or a plus sign come back changed.',
    })
  }
}

export function isDenied(error: unknown): boolean {
  return error instanceof LadingError && error.code === 'E_ACCESS_DENIED'
}
