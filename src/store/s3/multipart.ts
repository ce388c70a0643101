import type { ETag } from '../../words/model.ts'
import { conditionHolds } from '../condition.ts'
import type { WriteResult } from '../store.ts'
import { ask } from './ask.ts'
import type { Bucket } from './client.ts'
import { notS3 } from './errors.ts'
import { headObject } from './head.ts'
import { etagOf, fieldsOf } from './objects.ts'
import { etagOfParts, provedByParts, type SentPart, sendParts, type Upload } from './parts.ts'
import { partBytesOf } from './profiles.ts'
import { ACTION, isWhatWasSent, provedByHead, type S3Put } from './proof.ts'
import { conditionally, conditionFields, holdsByLook } from './put.ts'
import { findResumable } from './resume.ts'
import { abortUpload } from './uploads.ts'

/** How long a run that was told to stop may spend on aborting an upload, in milliseconds. */
const GIVE_UP_MS = 1500

const PRECONDITION_FAILED: WriteResult = { status: 'precondition-failed' }

/**
 * A body in parts of equal size. An upload that a dead process has left is resumed. When anything fails, the digest of
 * the whole included, the upload is aborted, so that no parts are left to be paid for.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export async function putInParts(bucket: Bucket, put: S3Put): Promise<WriteResult> {
  const { key, condition } = put
  if (condition?.when !== undefined) {
    // The store judges the condition at the end; a look now may save sending everything.
    const found = await headObject(bucket, key, condition.signal)
    if (!conditionHolds(condition, found?.etag)) return PRECONDITION_FAILED
  }
  const partBytes = partBytesOf(put.body.size, bucket.profile)
  const before = await findResumable(bucket, put, partBytes)
  const upload: Upload = { bucket, put, partBytes, before, id: before?.id ?? (await begin(bucket, put)) }
  const result = await finished(upload)
  return before && result.status === 'stored' ? lookedAt(bucket, put, result.etag) : result
}

async function finished(upload: Upload): Promise<WriteResult> {
  const { bucket, put } = upload
  try {
    const parts = await sendParts(upload)
    const holds = await holdsByLook(bucket, put.key, put.condition)
    const result = holds ? await conditionally(() => complete(upload, parts), put.condition) : PRECONDITION_FAILED
    if (result.status !== 'stored') await giveUp(upload)
    return result
  } catch (error) {
    await giveUp(upload)
    throw error
  }
}

/** A resumed upload has the headers that it was begun with: where they are not ours, the body is sent again. */
async function lookedAt(bucket: Bucket, put: S3Put, etag: ETag): Promise<WriteResult> {
  const { key, condition } = put
  const found = await headObject(bucket, key, condition?.signal)
  // Another ETag is another writer's object, of which this says nothing.
  if (found?.etag !== etag || isWhatWasSent(found, put, bucket.profile.forgets)) return { status: 'stored', etag }
  return putInParts(bucket, { ...put, condition: { ...condition, when: { etag } } })
}

async function begin(bucket: Bucket, { key, body, headers, condition }: S3Put): Promise<string> {
  const request = { action: ACTION, key, signal: condition?.signal, guard: condition?.guard }
  const answer = await ask(bucket, request, (call) =>
    call('CreateMultipartUpload', {
      Bucket: bucket.name,
      Key: key,
      ...fieldsOf(headers, body.sha256),
      ...(bucket.profile.checksum === 'sha256' && { ChecksumAlgorithm: 'SHA256' as const }),
    }),
  )
  if (answer.UploadId && answer.Bucket === bucket.name) return answer.UploadId
  throw notS3({ action: ACTION, bucket: bucket.name, key }, 'it names no upload')
}

async function complete({ bucket, put, id }: Upload, parts: readonly SentPart[]): Promise<ETag> {
  const { key, condition } = put
  const request = { action: ACTION, key, signal: condition?.signal, guard: condition?.guard, bytes: put.body.size }
  const answer = await ask(bucket, request, (call) =>
    call('CompleteMultipartUpload', {
      Bucket: bucket.name,
      Key: key,
      UploadId: id,
      MultipartUpload: { Parts: parts.map(({ md5: _, ...part }) => part) },
      ...conditionFields(bucket, condition),
    }),
  )
  const etag = etagOf(answer.ETag)
  if (etag !== undefined && provedByParts(key, answer.ChecksumSHA256, parts)) return etag
  if (etag !== undefined && etag === etagOfParts(parts)) return etag
  return provedByHead(bucket, put)
}

/** Best effort, also after an abort: what stays is found by the next put of the key, or by a sweep. */
async function giveUp({ bucket, put, id }: Upload): Promise<void> {
  const isStopped = put.condition?.signal?.aborted === true
  try {
    await abortUpload(bucket, { key: put.key, id }, isStopped ? AbortSignal.timeout(GIVE_UP_MS) : undefined)
  } catch {
    // The failure that led here is the one to report.
  }
}
