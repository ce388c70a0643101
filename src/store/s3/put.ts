import { LadingError, printable } from '../../words/errors.ts'
import type { ETag, Key } from '../../words/model.ts'
import { bytesOf, checkBytes } from '../body-reader.ts'
import { type Loan, lend, once, slice } from '../buffer-pool.ts'
import { conditionHolds } from '../condition.ts'
import type { WriteCondition, WriteResult } from '../store.ts'
import { ask } from './ask.ts'
import type { Bucket } from './client.ts'
import { isNoObject, isPreconditionFailed, isRefusedBody, isUnsupported } from './errors.ts'
import { headObject } from './head.ts'
import { fieldsOf, quotedEtag } from './objects.ts'
import type { Operations } from './operations.ts'
import { ACTION, type Checksums, checksumFields, provedBy, provedByHead, type S3Put } from './proof.ts'
import { LARGE_BODY } from './transport/connections.ts'

/** A body in one request. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putWhole(bucket: Bucket, put: S3Put): Promise<WriteResult> {
  const { key, body, condition } = put
  const { signal, guard } = condition ?? {}
  const loan = body.size < LARGE_BODY ? undefined : lend(body.size)
  // it was hashed when it was planned, and the store hashes what it receives
  const isUnchecked = bucket.checksBodies
  const bytes = await bytesOf(key, body, { into: loan?.bytes ?? slice(body.size), signal, isUnchecked })
  if (hasToLook(bucket, condition) && !(await holdsByLook(bucket, key, condition))) return NOT_MET
  const checksums = checksumFields(bucket, { bytes, sha256: body.sha256 })
  const input = inputOf(bucket, put, { bytes, checksums })
  const use = loan && useOf(loan)
  try {
    const asked = { action: ACTION, key, signal, guard, bytes: body.size, onLeft: use?.left }
    const answer = await ask(bucket, asked, (call) => call('PutObject', input))
    bucket.line.tellsChecksums = answer.ChecksumSHA256 !== undefined
    if (isUnchecked && !bucket.line.tellsChecksums) checkBytes(key, body, bytes)
    const etag = provedBy(answer, { bytes, sha256: body.sha256, sent: checksums }, { bucket, key })
    if (etag === undefined) return { status: 'stored', etag: await provedByHead(bucket, put) }
    use?.proved()
    return { status: 'stored', etag }
  } catch (error) {
    // as for the probe: not every store says what is wrong with a body
    if (isUnchecked && (isRefusedBody(error) || isUnsupported(error))) checkBytes(key, body, bytes)
    return answeredBy(error, condition)
  }
}

/** Gives memory back once the body was sent and proved: a request aborted, or answered early, may still read it. */
function useOf(loan: Loan): { left(): void; proved(): void } {
  let hasBoth = false
  const one = (): void => {
    if (hasBoth) loan.giveBack()
    hasBoth = true
  }
  return { left: once(one), proved: once(one) }
}

/** Field by field: spreading costs a hundred times as much, and this is done for every file. */
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
    // Never a stream: the SDK cannot resend one, and frames it as `aws-chunked`, which some stores keep.
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

/**
 * Runs a conditional write; a failed condition is a result, not an error. To `If-Match` on a key that does not exist,
 * stores answer 404.
 */
export async function conditionally(
  write: () => Promise<ETag>,
  condition: WriteCondition | undefined,
): Promise<WriteResult> {
  try {
    return { status: 'stored', etag: await write() }
  } catch (error) {
    return answeredBy(error, condition)
  }
}

const NOT_MET: WriteResult = { status: 'precondition-failed' }

function answeredBy(error: unknown, condition: WriteCondition | undefined): WriteResult {
  const isAnswer = isPreconditionFailed(error) || (typeof condition?.when === 'object' && isNoObject(error))
  if (condition?.when !== undefined && isAnswer) return NOT_MET
  throw error
}

export interface ConditionFields {
  readonly IfNoneMatch?: string
  readonly IfMatch?: string
}

/** Without the conditions that the store does not support: they would be ignored, or refused. */
export function conditionFields(bucket: Bucket, condition: WriteCondition | undefined): ConditionFields {
  const when = condition?.when
  if (when === undefined || hasToLook(bucket, condition)) return {}
  return when === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: quotedEtag(when.etag) }
}

/** Whether we have to check the condition, because the store does not. */
function hasToLook({ profile }: Bucket, condition: WriteCondition | undefined): boolean {
  if (condition?.when === undefined) return false
  const { conditionalWrites } = profile
  return conditionalWrites === 'none' || (conditionalWrites === 'create' && condition.when !== 'absent')
}

/** Checks the condition for the store, just before the write. Not atomic; the deploy's lock has to do the rest. */
export async function holdsByLook(bucket: Bucket, key: Key, condition: WriteCondition | undefined): Promise<boolean> {
  if (!hasToLook(bucket, condition)) return true
  return conditionHolds(condition, (await headObject(bucket, key, condition?.signal))?.etag)
}

/** Another object is there by now than the one we looked at. */
export function changedMeanwhile(key: Key): LadingError {
  return new LadingError('E_STORE', `"${printable(key)}" changed while it was being copied`, {
    subject: printable(key),
    why: 'somebody else wrote it in between',
    retryable: true,
  })
}
