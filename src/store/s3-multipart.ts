import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { ETag, Key } from '../model.ts'
import { partBytesOf } from './profiles.ts'
import { ask, type Bucket } from './s3-client.ts'
import { notS3 } from './s3-errors.ts'
import { headObject } from './s3-head.ts'
import { etagOf, fieldsOf } from './s3-objects.ts'
import {
  ACTION,
  checksumFields,
  conditionally,
  conditionFields,
  digestOf,
  notWhatWasSent,
  provedBy,
  provedByHead,
  type S3Put,
} from './s3-put.ts'
import type { WriteResult } from './store.ts'
import { conditionHolds } from './with-condition.ts'
import { piecesOf } from './with-digest.ts'

interface Upload {
  readonly bucket: Bucket
  readonly put: S3Put
  readonly id: string
}

interface SentPart extends CompletedPart {
  readonly md5: string
}

/**
 * A body in parts of equal size. What began is given up when anything fails, the digest of the whole included, so
 * that no parts stay behind to be paid for. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export async function putInParts(bucket: Bucket, put: S3Put): Promise<WriteResult> {
  const { key, condition } = put
  if (condition?.when !== undefined) {
    // The store judges the condition at the end; a look now may save sending everything.
    const found = await headObject(bucket, key, condition.signal)
    if (!conditionHolds(condition, found?.etag)) return { status: 'precondition-failed' }
  }
  const upload: Upload = { bucket, put, id: await begin(bucket, put) }
  try {
    const parts = await sendParts(upload)
    const result = await conditionally(() => complete(upload, parts), condition)
    if (result.status !== 'stored') await giveUp(upload)
    return result
  } catch (error) {
    await giveUp(upload)
    throw error
  }
}

async function begin(bucket: Bucket, { key, body, headers, condition }: S3Put): Promise<string> {
  const answer = await ask(bucket, { action: ACTION, key, signal: condition?.signal }, (options) =>
    bucket.client.send(
      new CreateMultipartUploadCommand({
        Bucket: bucket.name,
        Key: key,
        ...fieldsOf(headers, body.sha256),
        ...(bucket.profile.checksum === 'sha256' && { ChecksumAlgorithm: 'SHA256' as const }),
      }),
      options,
    ),
  )
  if (answer.UploadId && answer.Bucket === bucket.name) return answer.UploadId
  throw notS3({ action: ACTION, bucket: bucket.name, key }, 'it names no upload')
}

/** Reads in order, sends a few at once. */
async function sendParts(upload: Upload): Promise<SentPart[]> {
  const { bucket, put } = upload
  const pieceBytes = partBytesOf(put.body.size, bucket.profile)
  const sent: Promise<SentPart>[] = []
  const busy = new Set<Promise<void>>()
  let hasFailed = false
  try {
    for await (const piece of piecesOf(put.key, put.body, { pieceBytes, signal: put.condition?.signal })) {
      const part = sendPart(upload, sent.length + 1, piece)
      sent.push(part)
      // Never rejects: a part may fail while the next piece is being read, when nobody is looking.
      const lane: Promise<void> = part
        .then(
          () => undefined,
          () => {
            hasFailed = true
          },
        )
        .then(() => void busy.delete(lane))
      busy.add(lane)
      if (busy.size >= bucket.profile.partsInFlight) await Promise.race(busy)
      if (hasFailed) break
    }
    return await Promise.all(sent)
  } finally {
    // Parts that are still on their way must have ended before the upload can be given up.
    await Promise.all(busy)
  }
}

async function sendPart({ bucket, put, id }: Upload, number: number, bytes: Uint8Array): Promise<SentPart> {
  const { key, condition } = put
  const request = { action: ACTION, key, signal: condition?.signal, bytes: bytes.byteLength }
  const checksums = checksumFields(bucket, bytes)
  const answer = await ask(bucket, request, (options) =>
    bucket.client.send(
      new UploadPartCommand({
        Bucket: bucket.name,
        Key: key,
        UploadId: id,
        PartNumber: number,
        Body: bytes,
        ContentLength: bytes.byteLength,
        ...checksums,
      }),
      options,
    ),
  )
  const etag = etagOf(answer.ETag)
  if (etag === undefined) throw notS3({ ...request, bucket: bucket.name }, 'a part has no ETag')
  // A part's ETag need not be its MD5; the whole is looked at in the end.
  provedBy(answer, bytes, { bucket, key })
  const { ChecksumSHA256 } = checksums
  return { PartNumber: number, ETag: answer.ETag, ChecksumSHA256, md5: digestOf('md5', bytes, 'hex') }
}

async function complete({ bucket, put, id }: Upload, parts: readonly SentPart[]): Promise<ETag> {
  const { key, condition } = put
  const request = { action: ACTION, key, signal: condition?.signal, bytes: put.body.size }
  const answer = await ask(bucket, request, (options) =>
    bucket.client.send(
      new CompleteMultipartUploadCommand({
        Bucket: bucket.name,
        Key: key,
        UploadId: id,
        MultipartUpload: { Parts: parts.map(({ md5: _, ...part }) => part) },
        ...conditionFields(condition),
      }),
      options,
    ),
  )
  const etag = etagOf(answer.ETag)
  if (etag !== undefined && provedByParts(key, answer.ChecksumSHA256, parts)) return etag
  if (etag !== undefined && etag === etagOfParts(parts)) return etag
  return provedByHead(bucket, put)
}

/** The checksum of the parts' checksums, with their number behind it. */
function provedByParts(key: Key, checksum: string | undefined, parts: readonly SentPart[]): boolean {
  if (checksum === undefined || !checksum.includes('-')) return false
  const all = Buffer.concat(parts.map(({ ChecksumSHA256 = '' }) => Buffer.from(ChecksumSHA256, 'base64')))
  if (checksum === `${digestOf('sha256', all, 'base64')}-${parts.length}`) return true
  throw notWhatWasSent(key, "the store's checksum of the parts is another one")
}

function etagOfParts(parts: readonly SentPart[]): string {
  const hash = createHash('md5')
  for (const { md5 } of parts) hash.update(md5, 'hex')
  return `${hash.digest('hex')}-${parts.length}`
}

/** Best effort, also after an abort: what stays is the business of the bucket's lifecycle rule for broken uploads. */
async function giveUp({ bucket, put, id }: Upload): Promise<void> {
  const { key } = put
  try {
    await ask(bucket, { action: 's3:AbortMultipartUpload', key }, (options) =>
      bucket.client.send(new AbortMultipartUploadCommand({ Bucket: bucket.name, Key: key, UploadId: id }), options),
    )
  } catch {
    // The failure that led here is the one to report.
  }
}
