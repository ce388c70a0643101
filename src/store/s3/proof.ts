import { hash } from 'node:crypto'
import { LadingError, printable } from '../../words/errors.ts'
import { hasHeaders } from '../../words/headers.ts'
import type { Body, Digest, ETag, HeaderSet, Key } from '../../words/model.ts'
import type { StoredObject, WriteCondition } from '../store.ts'
import type { Bucket } from './client.ts'
import { notS3 } from './errors.ts'
import { headObject } from './head.ts'
import { etagOf } from './objects.ts'

/** One write, as asked of the port. */
export interface S3Put {
  readonly key: Key
  readonly body: Body
  readonly headers: HeaderSet
  readonly condition: WriteCondition | undefined
}

export const ACTION = 's3:PutObject'

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
  // An MD5 that was sent along is not computed twice.
  const md5 =
    ContentMD5 === undefined ? digestOf('md5', bytes, 'hex') : Buffer.from(ContentMD5, 'base64').toString('hex')
  return etag === md5 ? etag : undefined
}

/**
 * The last proof: a HEAD shows that the object has our size, our digest and our headers.
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
  return found.size === body.size && found.sha256 === body.sha256 && hasHeaders(found.headers, headers, forgets)
}

export function notWhatWasSent(key: Key, why: string): LadingError {
  return new LadingError('E_INTEGRITY', `"${printable(key)}" was not stored as it was sent`, {
    subject: printable(key),
    why,
    hint: 'Run again; if it stays, something between here and the store changes what is sent.',
  })
}
