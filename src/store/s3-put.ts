import { hash } from 'node:crypto'
import { LadingError, printable } from '../errors.ts'
import type { Body, Digest, ETag, HeaderSet, Key } from '../model.ts'
import { ask } from './s3-ask.ts'
import type { Bucket } from './s3-client.ts'
import { LARGE_BODY } from './s3-connections.ts'
import { isNoObject, isPreconditionFailed, notS3 } from './s3-errors.ts'
import { headObject } from './s3-head.ts'
import { etagOf, fieldsOf, quotedEtag } from './s3-objects.ts'
import type { Operations } from './s3-operations.ts'
import type { StoredObject, WriteCondition, WriteResult } from './store.ts'
import { conditionHolds } from './with-condition.ts'
import { bytesOf } from './with-digest.ts'
import { lend, slice } from './with-lent-memory.ts'

/** One write, as asked of the port. */
export interface S3Put {
  readonly key: Key
  readonly body: Body
  readonly headers: HeaderSet
  readonly condition: WriteCondition | undefined
}

export const ACTION = 's3:PutObject'

/** A body in one request. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putWhole(bucket: Bucket, put: S3Put): Promise<WriteResult> {
  const { key, body, condition } = put
  const { signal, guard } = condition ?? {}
  const loan = body.size < LARGE_BODY ? undefined : lend(body.size)
  const bytes = await bytesOf(key, body, { into: loan?.bytes ?? slice(body.size), signal })
  if (hasToLook(bucket, condition) && !(await holdsByLook(bucket, key, condition)))
    return { status: 'precondition-failed' }
  const checksums = checksumFields(bucket, { bytes, sha256: body.sha256 })
  const write = async (): Promise<ETag> => {
    let [hasLeft, isProved] = [false, false]
    // In any other case a request that was given up, or answered too early, may still be reading.
    const giveBack = (): void => {
      if (hasLeft && isProved) loan?.giveBack()
    }
    const onLeft = (): void => {
      hasLeft = true
      giveBack()
    }
    const input = inputOf(bucket, put, { bytes, checksums })
    const answer = await ask(bucket, { action: ACTION, key, signal, guard, bytes: body.size, onLeft }, (call) =>
      call('PutObject', input),
    )
    const etag = provedBy(answer, { bytes, sha256: body.sha256, sent: checksums }, { bucket, key })
    if (etag === undefined) return provedByHead(bucket, put)
    isProved = true
    giveBack()
    return etag
  }
  return conditionally(write, condition)
}

/** Named one by one: what is spread into the rest costs a hundred times as much, and this is made for every file. */
function inputOf(
  bucket: Bucket,
  { key, body, headers, condition }: S3Put,
  { bytes, checksums }: { readonly bytes: Buffer; readonly checksums: Checksums },
): Operations['PutObject']['input'] {
  const fields = fieldsOf(headers, body.sha256)
  const { IfMatch, IfNoneMatch } = conditionFields(bucket, condition)
  return {
    Bucket: bucket.name,
    Key: key,
    // Never a stream: the SDK cannot send one again and frames it in chunks that some stores keep.
    Body: bytes,
    sha256: body.sha256,
    ContentLength: body.size,
    ContentType: fields.ContentType,
    CacheControl: fields.CacheControl,
    ContentDisposition: fields.ContentDisposition,
    ContentEncoding: fields.ContentEncoding,
    ContentLanguage: fields.ContentLanguage,
    Metadata: fields.Metadata,
    ChecksumSHA256: checksums.ChecksumSHA256,
    ContentMD5: checksums.ContentMD5,
    IfMatch,
    IfNoneMatch,
  }
}

/** Bytes and their digest, which is known by the time they are sent: they are hashed while they are read. */
export interface Hashed {
  readonly bytes: Uint8Array
  readonly sha256: Digest
}

/** What the store says of bytes that it received. */
export interface Receipt {
  readonly ETag?: string | undefined
  readonly ChecksumSHA256?: string | undefined
}

/**
 * The ETag of what was stored, if the answer proves that it is what was sent: by its SHA-256, else by its MD5.
 *
 * @throws E_INTEGRITY when it proves the opposite
 */
export function provedBy(
  answer: Receipt,
  { bytes, sha256, sent: { ChecksumSHA256, ContentMD5 } }: Hashed & { readonly sent: Checksums },
  { bucket, key }: { readonly bucket: Bucket; readonly key: Key },
): ETag | undefined {
  const etag = etagOf(answer.ETag)
  if (etag === undefined) return undefined
  if (answer.ChecksumSHA256 !== undefined) {
    if (answer.ChecksumSHA256 === (ChecksumSHA256 ?? base64Of(sha256))) return etag
    throw notWhatWasSent(key, "the store's checksum is another one")
  }
  if (!bucket.profile.etagIsMd5) return undefined
  // What was sent along is not reckoned twice.
  const md5 =
    ContentMD5 === undefined ? digestOf('md5', bytes, 'hex') : Buffer.from(ContentMD5, 'base64').toString('hex')
  return etag === md5 ? etag : undefined
}

/**
 * The last proof: the object says that it has our size, our digest and our headers.
 *
 * @throws E_NOT_S3 when it does not
 */
export async function provedByHead(bucket: Bucket, put: S3Put): Promise<ETag> {
  const { key, body, condition } = put
  const found = await headObject(bucket, key, condition?.signal)
  if (found && isWhatWasSent(found, put, bucket.profile.forgets)) return found.etag
  if (found?.sha256 === body.sha256 && found.size !== body.size) {
    throw notWhatWasSent(key, `it has ${found.size} bytes in the store; ${body.size} were sent`)
  }
  throw notS3(
    { action: ACTION, bucket: bucket.name, key },
    'it holds neither a checksum nor the ETag of what was sent, and the object is not there as it should be',
  )
}

/** Whether an object has size, digest and headers of what was sent, but for headers that the store does not keep. */
export function isWhatWasSent(
  found: StoredObject,
  { body, headers }: Pick<S3Put, 'body' | 'headers'>,
  forgets: readonly string[],
): boolean {
  return (
    found.size === body.size &&
    found.sha256 === body.sha256 &&
    Object.entries(headers).every(([name, value]) => found.headers[name] === value || forgets.includes(name))
  )
}

/**
 * Runs a write that has a condition: that it does not hold is an answer. A store that has nothing under the key says
 * so with a 404 when an ETag was to be matched.
 */
export async function conditionally(
  write: () => Promise<ETag>,
  condition: WriteCondition | undefined,
): Promise<WriteResult> {
  try {
    return { status: 'stored', etag: await write() }
  } catch (error) {
    const isAnswer = isPreconditionFailed(error) || (typeof condition?.when === 'object' && isNoObject(error))
    if (condition?.when !== undefined && isAnswer) return { status: 'precondition-failed' }
    throw error
  }
}

export interface ConditionFields {
  readonly IfNoneMatch?: string
  readonly IfMatch?: string
}

/** Nothing of what the store does not obey: it would be ignored, or refused. */
export function conditionFields(bucket: Bucket, condition: WriteCondition | undefined): ConditionFields {
  const when = condition?.when
  if (when === undefined || hasToLook(bucket, condition)) return {}
  return when === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: quotedEtag(when.etag) }
}

/** Whether the store does not judge the condition itself. */
function hasToLook({ profile }: Bucket, condition: WriteCondition | undefined): boolean {
  if (condition?.when === undefined) return false
  const { conditionalWrites } = profile
  return conditionalWrites === 'none' || (conditionalWrites === 'create' && condition.when !== 'absent')
}

/** Judges in the store's stead, just before the write. That is not atomic; the lock of a deploy has to do the rest. */
export async function holdsByLook(bucket: Bucket, key: Key, condition: WriteCondition | undefined): Promise<boolean> {
  if (!hasToLook(bucket, condition)) return true
  return conditionHolds(condition, (await headObject(bucket, key, condition?.signal))?.etag)
}

/** The header by which the store itself checks what it receives. */
export interface Checksums {
  readonly ChecksumSHA256?: string
  readonly ContentMD5?: string
}

export function checksumFields(bucket: Bucket, { bytes, sha256 }: Hashed): Checksums {
  return bucket.profile.checksum === 'sha256'
    ? { ChecksumSHA256: base64Of(sha256) }
    : { ContentMD5: digestOf('md5', bytes, 'base64') }
}

function base64Of(digest: Digest): string {
  return Buffer.from(digest, 'hex').toString('base64')
}

export function digestOf(algorithm: 'sha256' | 'md5', bytes: Uint8Array, encoding: 'hex' | 'base64'): string {
  return hash(algorithm, bytes, encoding)
}

export function notWhatWasSent(key: Key, why: string): LadingError {
  return new LadingError('E_INTEGRITY', `"${printable(key)}" was not stored as it was sent`, {
    subject: printable(key),
    why,
    hint: 'Run again; if it stays, something between here and the store changes what is sent.',
  })
}

/** What was looked at is another object by now. */
export function changedMeanwhile(key: Key): LadingError {
  return new LadingError('E_STORE', `"${printable(key)}" changed while it was being copied`, {
    subject: printable(key),
    why: 'somebody else wrote it in between',
    retryable: true,
  })
}
