import { CopyObjectCommand, type CopyObjectCommandInput } from '@aws-sdk/client-s3'
import { LadingError, printable } from '../errors.ts'
import type { ETag, HeaderSet, Key } from '../model.ts'
import { ask, type Bucket } from './s3-client.ts'
import { isNoObject, isPreconditionFailed, notS3 } from './s3-errors.ts'
import { headObject } from './s3-head.ts'
import { etagOf, fieldsOf, quotedEtag } from './s3-objects.ts'
import { ACTION, conditionFields, notWhatWasSent } from './s3-put.ts'
import type { StoredObject, WriteCondition, WriteResult } from './store.ts'
import { conditionHolds } from './with-condition.ts'

const PRECONDITION_FAILED: WriteResult = { status: 'precondition-failed' }

/** Bytes that one CopyObject can copy. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const MAX_COPY_BYTES = 5 * 2 ** 30

/** See `Store.copy`. The target's condition is the store's to judge where it can, else we look just before. */
export async function copyObject(
  bucket: Bucket,
  { from, to }: { readonly from: Key; readonly to: Key },
  condition: WriteCondition | undefined,
): Promise<WriteResult> {
  const signal = condition?.signal
  const source = await headObject(bucket, from, signal)
  if (!source)
    throw new LadingError('E_STORE', `there is no "${printable(from)}" to copy`, { subject: printable(from) })
  if (condition?.when !== undefined) {
    const target = await headObject(bucket, to, signal)
    if (!conditionHolds(condition, target?.etag)) return PRECONDITION_FAILED
  }
  try {
    const etag = await sendCopy(
      bucket,
      { source, to, headers: source.headers, signal },
      bucket.profile.conditionalCopy ? conditionFields(condition) : {},
    )
    return { status: 'stored', etag }
  } catch (error) {
    if (!(isPreconditionFailed(error) || isNoObject(error))) throw error
    // Either condition may have failed; which one shows in what is there now.
    if ((await headObject(bucket, from, signal))?.etag !== source.etag) throw changedMeanwhile(from)
    return PRECONDITION_FAILED
  }
}

/** See `Store.reheader`. A copy onto itself, for which S3 wants everything said again that is to stay. */
export async function replaceHeaders(
  bucket: Bucket,
  { key, headers }: { readonly key: Key; readonly headers: HeaderSet },
  condition: WriteCondition | undefined,
): Promise<WriteResult> {
  const signal = condition?.signal
  const source = await headObject(bucket, key, signal)
  if (!(source && conditionHolds(condition, source.etag))) return PRECONDITION_FAILED
  try {
    const etag = await sendCopy(bucket, { source, to: key, headers, signal }, {})
    if (hasOthers(source.headers, headers)) await assertGone(bucket, { key, headers, etag, signal })
    return { status: 'stored', etag }
  } catch (error) {
    if (!(isPreconditionFailed(error) || isNoObject(error))) throw error
    if (condition?.when === undefined) throw changedMeanwhile(key)
    return PRECONDITION_FAILED
  }
}

/**
 * Where headers were to go, a look shows whether they did: versitygw leaves what is not said again, and says 200.
 *
 * @throws E_INTEGRITY when they are still there
 */
async function assertGone(
  bucket: Bucket,
  { key, headers, etag, signal }: { key: Key; headers: HeaderSet; etag: ETag; signal: AbortSignal | undefined },
): Promise<void> {
  const found = await headObject(bucket, key, signal)
  // Another ETag is another writer's object, of which this says nothing.
  if (found?.etag === etag && hasOthers(found.headers, headers)) {
    throw notWhatWasSent(key, 'the store kept headers that it was told to replace')
  }
}

/** Whether `headers` has names that `wanted` has not. */
function hasOthers(headers: HeaderSet, wanted: HeaderSet): boolean {
  return Object.keys(headers).some((name) => wanted[name] === undefined)
}

interface Copy {
  readonly source: StoredObject
  readonly to: Key
  readonly headers: HeaderSet
  readonly signal: AbortSignal | undefined
}

/** Copies exactly the object that was looked at: `CopySourceIfMatch` fails the request if it changed since. */
async function sendCopy(
  bucket: Bucket,
  { source, to, headers, signal }: Copy,
  fields: Pick<CopyObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>,
): Promise<ETag> {
  if (source.size > MAX_COPY_BYTES) {
    throw new LadingError('E_TOO_LARGE', `"${printable(source.key)}" is too large to be copied inside the store`, {
      subject: printable(source.key),
      why: 'a copy can have 5 GiB',
      hint: 'Upload it again.',
    })
  }
  const request = { action: ACTION, key: to, signal }
  const answer = await ask(bucket, { ...request, bytes: source.size }, (options) =>
    bucket.client.send(
      new CopyObjectCommand({
        Bucket: bucket.name,
        Key: to,
        CopySource: `${bucket.name}/${encodedKey(source.key)}`,
        CopySourceIfMatch: quotedEtag(source.etag),
        MetadataDirective: 'REPLACE',
        ...fieldsOf(headers, source.sha256),
        ...fields,
      }),
      options,
    ),
  )
  const etag = etagOf(answer.CopyObjectResult?.ETag)
  if (etag === undefined) throw notS3({ ...request, bucket: bucket.name }, 'it has no ETag of the copy')
  return etag
}

/** The SDK sends CopySource as it is given; the store reads it as part of a URL, where a bare `+` may be a space. */
function encodedKey(key: Key): string {
  return key.split('/').map(encodeURIComponent).join('/')
}

function changedMeanwhile(key: Key): LadingError {
  return new LadingError('E_STORE', `"${printable(key)}" changed while it was being copied`, {
    subject: printable(key),
    why: 'somebody else wrote it in between',
    retryable: true,
  })
}
