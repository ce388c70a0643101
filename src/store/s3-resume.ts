import { LadingError } from '../errors.ts'
import type { Bucket } from './s3-client.ts'
import { isNoUpload } from './s3-errors.ts'
import { etagOf } from './s3-objects.ts'
import { digestOf, type S3Put } from './s3-put.ts'
import { abortUpload, type OpenUpload, openUploads, type UploadedParts, uploadedParts } from './s3-uploads.ts'

/** An upload that somebody began with the same bytes and did not end. */
export interface Resumable extends UploadedParts {
  readonly id: string
}

/**
 * What a process that died has left of the same upload. Whatever else is open under the key is given up: it would be
 * paid for and never ended. Who may not look begins anew.
 */
export async function findResumable(bucket: Bucket, put: S3Put, partBytes: number): Promise<Resumable | undefined> {
  const { key, condition } = put
  const signal = condition?.signal
  const uploads = await unlessRefused(() => openUploads(bucket, key, signal))
  const own = (uploads ?? []).filter((upload) => upload.key === key).toSorted((a, b) => b.begunAt - a.begunAt)
  let found: Resumable | undefined
  for (const upload of own) {
    found ??= await resumableOf(bucket, { put, upload, partBytes })
    if (found?.id !== upload.id) await unlessRefused(() => abortUpload(bucket, upload, signal))
  }
  return found
}

/**
 * It has to begin with our bytes. Which headers it will have cannot be asked, so that much likeness is wanted before
 * anything is added to it.
 */
async function resumableOf(
  bucket: Bucket,
  { put, upload, partBytes }: { readonly put: S3Put; readonly upload: OpenUpload; readonly partBytes: number },
): Promise<Resumable | undefined> {
  const listed = await unlessRefused(() => uploadedParts(bucket, upload, put.condition?.signal))
  if (!listed || listed.hasChecksums !== (bucket.profile.checksum === 'sha256') || !listed.parts.has(1))
    return undefined
  const first = await put.body.read(0, Math.min(partBytes, put.body.size))
  return hasPart(bucket, listed, { number: 1, bytes: first }) ? { ...listed, id: upload.id } : undefined
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

/** `undefined` when the store does not do it, now or ever; what may pass is tried again from the start. */
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
