import type { PutObjectCommandInput } from '@aws-sdk/client-s3'
import { LadingError } from '../../words/errors.ts'
import type { ETag, HeaderSet, Key } from '../../words/model.ts'
import { ask } from './ask.ts'
import type { Bucket } from './client.ts'
import { encodedKey } from './copy.ts'
import { isNoObject, isPreconditionFailed, isRefusedBody, isUnsupported, notS3 } from './errors.ts'
import { headObject } from './head.ts'
import { fieldsOf, quotedEtag } from './objects.ts'
import type { CopyInput } from './operations.ts'
import { ACTION, digestOf } from './proof.ts'

/** Where a probe sends its single requests, without the adapter's workarounds. */
export interface Place {
  readonly bucket: Bucket
  readonly signal: AbortSignal | undefined
  /** Retries a request that fails for a transient reason, such as a rate limit for writes to one key. */
  readonly tried: <T>(call: () => Promise<T>) => Promise<T>
}

/** What came of a request. Anything else is an error. */
export type Outcome = 'done' | 'condition-failed' | 'refused'

const BODY = Buffer.from('What does this store do?\n')

export const bodyMd5 = (): string => digestOf('md5', BODY, 'hex')
export const bodySha256 = (encoding: 'hex' | 'base64'): string => digestOf('sha256', BODY, encoding)

export const FULL_HEADERS: HeaderSet = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'public, max-age=60',
  'content-disposition': 'inline; filename="probe.txt"',
  'content-encoding': 'gzip',
  'content-language': 'en',
}

export const FEWER_HEADERS: HeaderSet = { 'content-type': 'text/html; charset=utf-8' }

export type PutFields = Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch' | 'ChecksumSHA256'>

/** Puts the body with its MD5, unless `fields` has another checksum. */
export function put({ bucket, signal, tried }: Place, key: Key, fields: PutFields = {}): Promise<Outcome> {
  const proof = fields.ChecksumSHA256 === undefined ? { ContentMD5: digestOf('md5', BODY, 'base64') } : {}
  return outcomeOf(tried, () =>
    ask(bucket, { action: ACTION, key, signal }, async (call) => {
      const answer = await call('PutObject', {
        Bucket: bucket.name,
        Key: key,
        Body: BODY,
        sha256: bodySha256('hex'),
        ContentLength: BODY.byteLength,
        ...fieldsOf(FULL_HEADERS, bodySha256('hex')),
        ...proof,
        ...fields,
      })
      if (!answer.ETag) throw notS3({ action: ACTION, bucket: bucket.name, key }, 'it has no ETag')
    }),
  )
}

/** Whether the store refuses the body with the checksum of another one. */
export async function checksBodies(place: Place, key: Key): Promise<boolean> {
  const ChecksumSHA256 = digestOf('sha256', Buffer.from('something else'), 'base64')
  return place.tried(async () => {
    try {
      return (await put({ ...place, tried: (call) => call() }, key, { ChecksumSHA256 })) === 'refused'
    } catch (error) {
      // For other requests it means a body damaged in transit.
      if (isRefusedBody(error)) return true
      throw error
    }
  })
}

/** Copies an object onto itself with {@link FEWER_HEADERS}. */
export function replaceHeadersOf(place: Place, key: Key): Promise<Outcome> {
  const fields = { MetadataDirective: 'REPLACE' as const, ...fieldsOf(FEWER_HEADERS, bodySha256('hex')) }
  return copy(place, { from: key, to: key }, fields)
}

export function copy(
  { bucket, signal, tried }: Place,
  { from, to }: { readonly from: Key; readonly to: Key },
  fields: Omit<CopyInput, 'Bucket' | 'Key' | 'CopySource'>,
): Promise<Outcome> {
  return outcomeOf(tried, () =>
    ask(bucket, { action: ACTION, key: to, signal }, async (call) => {
      const CopySource = `${bucket.name}/${encodedKey(from)}`
      const answer = await call('CopyObject', { Bucket: bucket.name, Key: to, CopySource, ...fields })
      if (!answer.CopyObjectResult?.ETag)
        throw notS3({ action: ACTION, bucket: bucket.name, key: to }, 'it has no ETag')
    }),
  )
}

/** Removes an object if it has this ETag. */
export function removeIf({ bucket, signal, tried }: Place, key: Key, etag: ETag): Promise<Outcome> {
  return outcomeOf(tried, () =>
    ask(bucket, { action: 's3:DeleteObject', key, signal }, (call) =>
      call('DeleteObject', { Bucket: bucket.name, Key: key, IfMatch: quotedEtag(etag) }),
    ),
  )
}

/** Removes an object if it is there. Not by DeleteObjects, which is left to the SDK, which is slow. */
export async function remove({ bucket, signal, tried }: Place, key: Key): Promise<void> {
  await outcomeOf(tried, async () => {
    const about = { action: 's3:DeleteObject', key, signal }
    const answer = await ask(bucket, about, (call) => call('DeleteObject', { Bucket: bucket.name, Key: key }))
    // S3 says 204. Anybody may say 200.
    if (answer.$metadata.httpStatusCode === 204 || !(await headObject(bucket, key, signal))) return
    throw notS3({ ...about, bucket: bucket.name }, 'it says 200, and the object is still there')
  })
}

/** Failures that tell nothing of the store's features are retried or thrown; any other answer is the outcome. */
function outcomeOf(tried: Place['tried'], call: () => Promise<unknown>): Promise<Outcome> {
  return tried(async () => {
    try {
      await call()
      return 'done'
    } catch (error) {
      // Stores answer 404 to `If-Match` on a key that does not exist.
      if (isPreconditionFailed(error) || isNoObject(error)) return 'condition-failed'
      const mayPass = error instanceof LadingError && error.retryable
      if (!mayPass && isUnsupported(error)) return 'refused'
      throw error
    }
  })
}
