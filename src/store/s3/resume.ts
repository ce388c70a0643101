import { LadingError } from '../../words/errors.ts'
import type { Bucket } from './client.ts'
import { isNoUpload } from './errors.ts'
import { etagOf } from './objects.ts'
import { digestOf, type S3Put } from './proof.ts'
import { abortUpload, type OpenUpload, openUploads, type UploadedParts, uploadedParts } from './uploads.ts'

/** An unfinished upload of the same bytes. */
export interface Resumable extends UploadedParts {
  readonly id: string
}

/** How long somebody may need for the first part of an upload, in milliseconds. */
const FIRST_PART_MS = 15 * 60_000

/**
 * An open upload of the same bytes, left by a dead process or still being sent by another. All others of the key are
 * aborted: they would be paid for and never completed. Without the permission to look, a new one is begun.
 *
 * S3 does not tell which headers and digest an upload will have. Usually a HEAD afterwards corrects that; but when an
 * existing object is to be replaced, nothing is resumed: it must not have wrong headers even for a moment.
 */
export async function findResumable(bucket: Bucket, put: S3Put, partBytes: number): Promise<Resumable | undefined> {
  const { key, condition } = put
  const signal = condition?.signal
  const uploads = await unlessRefused(() => openUploads(bucket, key, signal))
  const own = (uploads ?? []).filter((upload) => upload.key === key).toSorted((a, b) => a.ageMs - b.ageMs)
  const mayJoin = typeof condition?.when !== 'object'
  let found: Resumable | undefined
  for (const upload of own) {
    if (mayJoin) found ??= await resumableOf(bucket, { put, upload, partBytes })
    if (found?.id !== upload.id) await unlessRefused(() => abortUpload(bucket, upload, signal))
  }
  return found
}

/**
 * Its first part has to equal ours. One without parts is joined while it is young: two writers that abort each other's
 * uploads would never finish.
 */
async function resumableOf(
  bucket: Bucket,
  { put, upload, partBytes }: { readonly put: S3Put; readonly upload: OpenUpload; readonly partBytes: number },
): Promise<Resumable | undefined> {
  const listed = await unlessRefused(() => uploadedParts(bucket, upload, put.condition?.signal))
  if (!listed || listed.hasChecksums !== (bucket.profile.checksum === 'sha256')) return undefined
  const found = { ...listed, id: upload.id }
  if (listed.parts.size === 0) return upload.ageMs < FIRST_PART_MS ? found : undefined
  const first = await put.body.read(0, Math.min(partBytes, put.body.size))
  return hasPart(bucket, listed, { number: 1, bytes: first }) ? found : undefined
}

/** Whether the store has exactly this part already. */
export function hasPart(
  { profile }: Bucket,
  { parts, hasChecksums }: UploadedParts,
  { number, bytes }: { readonly number: number; readonly bytes: Uint8Array },
): boolean {
  const part = parts.get(number)
  if (part?.Size !== bytes.byteLength) return false
  if (hasChecksums) return part.ChecksumSHA256 === digestOf('sha256', bytes, 'base64')
  return profile.etagIsMd5 && etagOf(part.ETag) === digestOf('md5', bytes, 'hex')
}

/** `undefined` when the store refuses for good; retryable failures are thrown. */
async function unlessRefused<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call()
  } catch (error) {
    const isFinal = error instanceof LadingError && REFUSALS.has(error.code) && !error.retryable
    if (isFinal || isNoUpload(error)) return undefined
    throw error
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['E_ACCESS_DENIED', 'E_STORE', 'E_NOT_S3'])
