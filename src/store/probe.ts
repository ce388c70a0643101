import { randomBytes } from 'node:crypto'
import { LadingError, printable } from '../errors.ts'
import type { ETag, HeaderSet, Key } from '../model.ts'
import { openBucket, type S3Options } from './s3-client.ts'
import { headObject } from './s3-head.ts'
import { listPages } from './s3-list.ts'
import { DIGEST_HEADER, quotedEtag } from './s3-objects.ts'
import {
  bodyMd5,
  bodySha256,
  checksBodies,
  copyOnto,
  copyStale,
  FEWER_HEADERS,
  FULL_HEADERS,
  type Outcome,
  type Place,
  put,
  remove,
  removeIf,
  replaceHeadersOf,
} from './s3-trials.ts'
import type { ProbedFacts, StoredObject } from './store.ts'
import { type RetryOptions, retried } from './with-retry.ts'

export interface ProbeOptions extends S3Options {
  /** Where it may write; empty, or ending with `/`. @default everywhere */
  readonly prefix?: string | undefined
  /** How requests that fail for a passing reason are tried again. */
  readonly retry?: RetryOptions | undefined
}

/** No object has it. */
const STALE: ETag = '0'.repeat(32)

/**
 * Finds out what a store does rather than what is said of it: a few objects are written below `.lading/`, looked at
 * and removed again. Every question goes to the store as it is, without what the adapter does in its stead. An answer
 * that is lost is asked for again, so every question is put so that it can be asked twice. Never two writes of one
 * object at a time: stores refuse that, or take one of them for the other.
 *
 * @throws E_NOT_S3, E_INTEGRITY, E_LISTING when it is no store that could be used, and whatever a request fails with
 */
export async function probeS3(options: ProbeOptions): Promise<ProbedFacts> {
  const bucket = openBucket({ ...options, learnt: undefined })
  const folder = `${options.prefix ?? ''}.lading/probe-${randomBytes(8).toString('hex')}/`
  const place: Place = {
    bucket,
    // Spaces and plus signs are what listings and signatures go wrong with.
    first: `${folder}a b+c.txt`,
    second: `${folder}second`,
    tried: (call) => retried(folder, options.retry ?? {}, call),
  }
  let facts: ProbedFacts
  try {
    facts = await factsOf(place)
  } catch (error) {
    await clean(place).catch(() => undefined)
    throw error
  }
  await clean(place)
  return facts
}

async function factsOf(place: Place): Promise<ProbedFacts> {
  const createsOnce = await createsOnceOf(place)
  const found = await look(place)
  if (!found)
    throw new LadingError('E_STORE', 'the store does not give back what was just put', { subject: place.first })
  const lost = Object.keys(FULL_HEADERS).filter((name) => found.headers[name] !== FULL_HEADERS[name])
  const forgets = found.sha256 === bodySha256('hex') ? lost : [...lost, DIGEST_HEADER]
  const obeysMissing = createsOnce ? refusesStale(place, place.second) : Promise.resolve(false)
  const [ofFirst, ofSecond] = await both(
    askFirst(place, { createsOnce, etag: found.etag, forgets, obeysMissing }),
    askSecond(place, obeysMissing),
  )
  // The last question: a store that does not look at the condition removes the object.
  const [conditionalRemove] = await both(
    removesOnce(place),
    place.tried(() => assertListed(place)),
  )
  const etagIsMd5 = found.etag === bodyMd5()
  return { ...ofFirst, ...ofSecond, conditionalRemove, etagIsMd5, forgets }
}

interface Before {
  readonly createsOnce: boolean
  readonly etag: ETag
  readonly forgets: readonly string[]
  /** Whether a condition is looked at where there is nothing. */
  readonly obeysMissing: Promise<boolean>
}

async function askFirst(
  place: Place,
  { createsOnce, etag, forgets, obeysMissing }: Before,
): Promise<Pick<ProbedFacts, 'conditionalWrites' | 'reheader'>> {
  const obeysStale = createsOnce && (await refusesStale(place, place.first))
  // One that refuses everything would look the same so far.
  const replacesOnce = obeysStale && (await obeysMissing) && (await replaces(place, etag))
  const conditionalWrites = createsOnce ? (replacesOnce ? 'full' : 'create') : 'none'
  return { conditionalWrites, reheader: await replacesHeaders(place, forgets) }
}

/** @param isFree when there is nothing more to be asked of the second object while it is not there */
async function askSecond(
  place: Place,
  isFree: Promise<unknown>,
): Promise<Pick<ProbedFacts, 'checksum' | 'conditionalCopy' | 'conditionalSource'>> {
  await isFree
  const checksum = await checksumOf(place)
  // Whichever condition is not looked at, the same bytes are copied.
  const conditionalCopy = (await copyOnto(place)) === 'condition-failed'
  return { checksum, conditionalCopy, conditionalSource: (await copyStale(place, STALE)) === 'condition-failed' }
}

/** Questions about different objects, at once. None is still being asked when the first error is told. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second])
  return Promise.all([first, second])
}

function look({ bucket, first, tried }: Place): Promise<StoredObject | undefined> {
  return tried(() => headObject(bucket, first, undefined))
}

/** Leaves the first object there. */
async function createsOnceOf(place: Place): Promise<boolean> {
  const { first } = place
  const created = await put(place, first, { IfNoneMatch: '*' })
  // Nobody else knows the name: an object that is there already is that of an attempt whose answer was lost.
  const isThere = created === 'done' || (created === 'condition-failed' && (await look(place)) !== undefined)
  if (!isThere) await put(place, first)
  return isThere && (await put(place, first, { IfNoneMatch: '*' })) === 'condition-failed'
}

async function refusesStale(place: Place, key: Key): Promise<boolean> {
  return (await put(place, key, { IfMatch: quotedEtag(STALE) })) === 'condition-failed'
}

async function replaces(place: Place, etag: ETag): Promise<boolean> {
  return (await put(place, place.first, { IfMatch: quotedEtag(etag) })) === 'done'
}

/** Leaves the second object there. */
async function checksumOf(place: Place): Promise<ProbedFacts['checksum']> {
  const { second } = place
  const isTaken = (await put(place, second, { ChecksumSHA256: bodySha256('base64') })) === 'done'
  if (!isTaken) await put(place, second)
  // What is not checked proves nothing; Content-MD5 is what every service takes.
  return isTaken && (await checksBodies(place)) ? 'sha256' : 'md5'
}

async function replacesHeaders(place: Place, forgets: readonly string[]): Promise<boolean> {
  if ((await replaceHeadersOf(place)) !== 'done') return false
  const headers: HeaderSet = (await look(place))?.headers ?? {}
  const wanted = Object.entries(FEWER_HEADERS).filter(([name]) => !forgets.includes(name))
  return wanted.every(([name, value]) => headers[name] === value) && Object.keys(headers).length === wanted.length
}

async function removesOnce(place: Place): Promise<boolean> {
  let outcome: Outcome
  try {
    outcome = await removeIf(place, STALE)
  } catch (error) {
    if (isDenied(error)) return false
    throw error
  }
  // An attempt before it, whose answer was lost, may have removed it all the same.
  return outcome === 'condition-failed' && (await look(place)) !== undefined
}

/** Names have to come back as they were given: removal is decided by listings. */
async function assertListed({ bucket, first, second }: Place): Promise<void> {
  const folder = first.slice(0, first.lastIndexOf('/') + 1)
  for await (const page of listPages(bucket, folder, {})) {
    const odd = page.find(({ key }) => key !== first && key !== second)
    if (!odd) continue
    throw new LadingError('E_LISTING', `the listing of the bucket "${bucket.name}" shows other names than were put`, {
      subject: bucket.name,
      why: `it shows "${printable(odd.key.slice(folder.length))}"`,
      hint: 'Tell the provider: names with a space or a plus sign come back changed.',
    })
  }
}

/** Who may not remove leaves two small objects behind, in a folder that nobody reads. */
async function clean(place: Place): Promise<void> {
  try {
    await both(remove(place, place.first), remove(place, place.second))
  } catch (error) {
    if (!isDenied(error)) throw error
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof LadingError && error.code === 'E_ACCESS_DENIED'
}
