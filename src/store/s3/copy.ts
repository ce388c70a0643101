import { LadingError, printable } from '../../words/errors.ts'
import type { ETag, HeaderSet, Key } from '../../words/model.ts'
import { conditionHolds } from '../condition.ts'
import type { CopyOptions, StoredObject, WriteResult } from '../store.ts'
import { ask } from './ask.ts'
import type { Bucket } from './client.ts'
import { isNoObject, isPreconditionFailed, notS3 } from './errors.ts'
import { headObject } from './head.ts'
import { etagOf, fieldsOf, quotedEtag } from './objects.ts'
import type { CopyInput } from './operations.ts'
import { ACTION, notWhatWasSent } from './proof.ts'
import { changedMeanwhile, conditionFields } from './put.ts'
import { resend } from './resend.ts'

const PRECONDITION_FAILED: WriteResult = { status: 'precondition-failed' }

/** Bytes that one CopyObject can copy. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const MAX_COPY_BYTES = 5 * 2 ** 30

interface Route {
  readonly from: Key
  readonly to: Key
}

/** See `Store.copy`. The store checks the target's condition where it can; else we do, just before. */
export async function copyObject(bucket: Bucket, route: Route, options: CopyOptions = {}): Promise<WriteResult> {
  const { source, headers, when } = options
  // The store does all of it by itself, bytes, headers and condition.
  const isSimple = headers === undefined && when === undefined && bucket.profile.conditionalSource
  if (source !== undefined && isSimple) {
    return copyKnown(bucket, { ...route, source }, options)
  }
  return copyFound(bucket, route, options)
}

/** Copies the object with this ETag, in one request. */
async function copyKnown(
  bucket: Bucket,
  { from, to, source }: Route & { readonly source: ETag },
  options: CopyOptions,
): Promise<WriteResult> {
  try {
    const etag = await sendCopy(bucket, { from, to, source, options, fields: { MetadataDirective: 'COPY' } })
    if (bucket.profile.etagIsMd5 && etag === source && !source.includes('-')) return { status: 'stored', etag }
    const original = await headObject(bucket, from, options.signal)
    if (original?.etag !== source) throw changedMeanwhile(from)
    return { status: 'stored', etag: await provedCopy(bucket, { original, to, etag }, options.signal) }
  } catch (error) {
    if (isPreconditionFailed(error) || isNoObject(error)) return PRECONDITION_FAILED
    throw error
  }
}

/** Looks at what there is first, because headers or conditions depend on it. */
async function copyFound(bucket: Bucket, { from, to }: Route, options: CopyOptions): Promise<WriteResult> {
  const { signal } = options
  const original = await headObject(bucket, from, signal)
  if (options.source !== undefined && original?.etag !== options.source) return PRECONDITION_FAILED
  if (!original)
    throw new LadingError('E_STORE', `there is no "${printable(from)}" to copy`, { subject: printable(from) })
  if (options.when !== undefined) {
    const target = await headObject(bucket, to, signal)
    if (!conditionHolds(options, target?.etag)) return PRECONDITION_FAILED
  }
  return copyLookedAt(bucket, { original, to }, options)
}

async function copyLookedAt(bucket: Bucket, { original, to }: Copy, options: CopyOptions): Promise<WriteResult> {
  const { headers, signal } = options
  if (headers && !bucket.profile.reheader && hasOthers(original.headers, headers)) {
    return resend(bucket, { original, to, headers, condition: options })
  }
  try {
    const etag = await copyAs(bucket, { original, to }, options)
    return { status: 'stored', etag }
  } catch (error) {
    if (!(isPreconditionFailed(error) || isNoObject(error))) throw error
    if (options.source !== undefined) return PRECONDITION_FAILED
    // Either condition may have failed; which one shows in what is there now.
    if ((await headObject(bucket, original.key, signal))?.etag !== original.etag) throw changedMeanwhile(original.key)
    return PRECONDITION_FAILED
  }
}

interface Copy {
  /** As last seen. */
  readonly original: StoredObject
  readonly to: Key
}

/** Copies what was looked at, repeating every header that is to stay: S3 requires that where anything changes. */
export async function copyAs(bucket: Bucket, { original, to }: Copy, options: CopyOptions): Promise<ETag> {
  if (original.size > MAX_COPY_BYTES) throw tooLarge(original)
  const fields = {
    MetadataDirective: 'REPLACE' as const,
    ...fieldsOf(options.headers ?? original.headers, original.sha256),
    ...(bucket.profile.conditionalCopy && conditionFields(bucket, options)),
  }
  const { key: from, etag: source, size: bytes } = original
  const etag = await sendCopy(bucket, { from, to, source, options, fields, bytes })
  const copy = { original, to, etag }
  await assertGone(bucket, copy, options)
  return provedCopy(bucket, copy, options.signal)
}

interface Copied extends Copy {
  readonly etag: ETag
}

/**
 * Where headers were to be removed, a HEAD shows whether they were: versitygw keeps those not repeated, and says 200.
 *
 * @throws E_INTEGRITY when they are still there
 */
async function assertGone(bucket: Bucket, { original, to, etag }: Copied, options: CopyOptions): Promise<void> {
  const wanted = options.headers ?? original.headers
  if (!hasOthers(original.headers, wanted)) return
  const found = await headObject(bucket, to, options.signal)
  // Another ETag is another writer's object, of which this says nothing.
  if (found?.etag === etag && hasOthers(found.headers, wanted)) {
    throw notWhatWasSent(to, 'the store kept headers that it was told to replace')
  }
}

/** Whether `headers` has names that `wanted` has not. */
function hasOthers(headers: HeaderSet, wanted: HeaderSet): boolean {
  return Object.keys(headers).some((name) => wanted[name] === undefined)
}

/**
 * Proves a copy: by its ETag, if that is the MD5 and equals the original's. Where an ETag proves nothing (multipart,
 * KMS keys) by a HEAD of the copy.
 *
 * @throws E_INTEGRITY
 */
async function provedCopy(
  bucket: Bucket,
  { original, to, etag }: Copied,
  signal: AbortSignal | undefined,
): Promise<ETag> {
  if (bucket.profile.etagIsMd5 && etag === original.etag && !etag.includes('-')) return etag
  const found = await headObject(bucket, to, signal)
  // Another ETag is another writer's object, of which this says nothing.
  if (found?.etag !== etag) return etag
  if (found.size === original.size && (original.sha256 ?? found.sha256) === found.sha256) return etag
  // A store that ignores the condition on the source copies what is there by then.
  if ((await headObject(bucket, original.key, signal))?.etag !== original.etag) throw changedMeanwhile(original.key)
  throw notWhatWasSent(to, `it is not the same as "${printable(original.key)}", of which it is a copy`)
}

interface CopyRequest extends Route {
  readonly source: ETag
  readonly options: CopyOptions
  readonly fields: Omit<CopyInput, 'Bucket' | 'Key' | 'CopySource'>
  readonly bytes?: number
}

/** Copies exactly the object with that ETag: `CopySourceIfMatch` fails the request if there is another one by now. */
async function sendCopy(bucket: Bucket, { from, to, source, options, fields, bytes = 0 }: CopyRequest): Promise<ETag> {
  const request = { action: ACTION, key: to, signal: options.signal, guard: options.guard, bytes }
  const answer = await ask(bucket, request, (call) =>
    call('CopyObject', {
      Bucket: bucket.name,
      Key: to,
      CopySource: `${bucket.name}/${encodedKey(from)}`,
      CopySourceIfMatch: quotedEtag(source),
      ...fields,
    }),
  )
  const etag = etagOf(answer.CopyObjectResult?.ETag)
  if (etag === undefined) throw notS3({ ...request, bucket: bucket.name }, 'it has no ETag of the copy')
  return etag
}

/** CopySource is sent as it is given; the store reads it as part of a URL, where a bare `+` may be a space. */
export function encodedKey(key: Key): string {
  return key.split('/').map(encodeURIComponent).join('/')
}

function tooLarge({ key }: StoredObject): LadingError {
  return new LadingError('E_TOO_LARGE', `"${printable(key)}" is too large to be copied inside the store`, {
    subject: printable(key),
    why: 'a copy can have 5 GiB',
    hint: 'Upload it again.',
  })
}
