import type { Part } from '@aws-sdk/client-s3'
import type { HalfDone, SweepOptions } from '../store.ts'
import { ask } from './ask.ts'
import type { Bucket } from './client.ts'
import { isNoUpload, isUnsupported, notS3 } from './errors.ts'
import { decoded } from './list.ts'
import type { Operations } from './operations.ts'
import { agoIn } from './transport/wire.ts'

/** An upload in parts that was begun and not ended. */
export interface OpenUpload extends HalfDone {
  readonly id: string
}

type Page = Operations['ListMultipartUploads']['output']

const LIST = 's3:ListBucketMultipartUploads'
const ABORT = 's3:AbortMultipartUpload'

/**
 * Every open upload of a key that starts with `prefix`; none where the store has no such request.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
 */
export async function openUploads(
  bucket: Bucket,
  prefix: string,
  signal: AbortSignal | undefined,
): Promise<readonly OpenUpload[]> {
  const found: OpenUpload[] = []
  let at: { readonly key: string; readonly id: string | undefined } | undefined
  do {
    let page: Page
    try {
      page = await uploadsPage(bucket, { prefix, at, signal })
    } catch (error) {
      // gofakes3 answers NoSuchUpload for a bucket without any.
      if (at === undefined && (isUnsupported(error) || isNoUpload(error))) return []
      throw error
    }
    found.push(...uploadsOf(page).filter(({ key }) => key.startsWith(prefix)))
    at = nextOf(page, at?.key)
  } while (at !== undefined)
  return found
}

interface UploadsRequest {
  readonly prefix: string
  readonly at: { readonly key: string; readonly id: string | undefined } | undefined
  readonly signal: AbortSignal | undefined
}

async function uploadsPage(bucket: Bucket, { prefix, at, signal }: UploadsRequest): Promise<Page> {
  const page = await ask(bucket, { action: LIST, signal }, (call) =>
    call('ListMultipartUploads', {
      Bucket: bucket.name,
      Prefix: prefix,
      KeyMarker: at?.key,
      UploadIdMarker: at?.id,
      EncodingType: 'url',
    }),
  )
  if (page.Bucket === bucket.name) return page
  throw notS3({ action: LIST, bucket: bucket.name }, 'it does not name the bucket that was listed')
}

function uploadsOf(page: Page): OpenUpload[] {
  return (page.Uploads ?? []).flatMap(({ Key, UploadId, Initiated }) => {
    const key = Key === undefined ? undefined : decoded(Key, page.EncodingType)
    if (key === undefined || UploadId === undefined) return []
    return [{ key, id: UploadId, ageMs: agoIn(page, Initiated) ?? Number.POSITIVE_INFINITY }]
  })
}

/** Where the listing goes on. It ends where a page leads back: missing an upload does no harm. */
function nextOf(page: Page, before: string | undefined): UploadsRequest['at'] {
  const { IsTruncated, NextKeyMarker, NextUploadIdMarker: id, EncodingType } = page
  const key = NextKeyMarker === undefined ? undefined : decoded(NextKeyMarker, EncodingType)
  if (!IsTruncated || key === undefined || (key === before && id === page.UploadIdMarker)) return undefined
  return { key, id }
}

/** What an upload has so far, and whether it wants a SHA-256 with every part. */
export interface UploadedParts {
  readonly parts: ReadonlyMap<number, Part>
  readonly hasChecksums: boolean
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export async function uploadedParts(
  bucket: Bucket,
  { key, id }: OpenUpload,
  signal: AbortSignal | undefined,
): Promise<UploadedParts> {
  const parts = new Map<number, Part>()
  let marker: string | undefined
  let hasChecksums = false
  for (;;) {
    const page = await ask(bucket, { action: 's3:ListMultipartUploadParts', key, signal }, (call) =>
      call('ListParts', { Bucket: bucket.name, Key: key, UploadId: id, PartNumberMarker: marker }),
    )
    hasChecksums ||= page.ChecksumAlgorithm === 'SHA256'
    for (const part of page.Parts ?? []) if (part.PartNumber !== undefined) parts.set(part.PartNumber, part)
    const next = page.NextPartNumberMarker
    if (!page.IsTruncated || next === undefined || next === marker) return { parts, hasChecksums }
    marker = next
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export async function abortUpload(
  bucket: Bucket,
  { key, id }: Pick<OpenUpload, 'key' | 'id'>,
  signal?: AbortSignal | undefined,
): Promise<void> {
  await ask(bucket, { action: ABORT, key, signal }, (call) =>
    call('AbortMultipartUpload', { Bucket: bucket.name, Key: key, UploadId: id }),
  )
}

/** See `Store.sweep`. */
export async function sweepUploads(
  bucket: Bucket,
  { prefix = '', isOver = () => true, signal }: SweepOptions,
): Promise<number> {
  let swept = 0
  for (const upload of (await openUploads(bucket, prefix, signal)).filter(isOver)) {
    try {
      await abortUpload(bucket, upload, signal)
      swept += 1
    } catch (error) {
      // Ended meanwhile: by its writer, or by another sweep.
      if (!isNoUpload(error)) throw error
    }
  }
  return swept
}
