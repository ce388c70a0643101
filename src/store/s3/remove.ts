import { LadingError, printable } from '../../words/errors.ts'
import type { ETag, Key } from '../../words/model.ts'
import { CHANGED, type RemoveFailure, type RemoveOptions } from '../store.ts'
import { ask } from './ask.ts'
import type { Bucket } from './client.ts'
import { isNoObject, isPreconditionFailed, notS3 } from './errors.ts'
import { headObject } from './head.ts'
import { quotedEtag } from './objects.ts'

/** Keys in one DeleteObjects. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const DELETE_BATCH = 1000

/** Requests for single keys at once. */
const LANES = 16

const ACTION = 's3:DeleteObject'

/** See `Store.remove`. */
export async function removeObjects(
  bucket: Bucket,
  keys: readonly Key[],
  options: RemoveOptions = {},
): Promise<RemoveFailure[]> {
  const failures: RemoveFailure[] = []
  for (let at = 0; at < keys.length; at += DELETE_BATCH) {
    const batch = keys.slice(at, at + DELETE_BATCH)
    const [single, together] = await divided(bucket, batch, { options, failures })
    if (together.length > 0) failures.push(...(await removeBatch(bucket, together, options)))
    failures.push(...(await eachOf(single, (row) => removeOne(bucket, row, options))))
  }
  return failures
}

type Row = readonly [key: Key, etag: ETag]

/** Splits keys: those removed conditionally, one by one, and a batch, whose ETags we check if the store cannot. */
async function divided(
  bucket: Bucket,
  keys: readonly Key[],
  { options, failures }: { readonly options: RemoveOptions; readonly failures: RemoveFailure[] },
): Promise<readonly [single: readonly Row[], together: readonly Key[]]> {
  const rows = keys.flatMap((key): Row[] => {
    const etag = options.etags?.get(key)
    return etag === undefined ? [] : [[key, etag]]
  })
  const free = keys.filter((key) => options.etags?.get(key) === undefined)
  if (bucket.profile.conditionalRemove) return [rows, free]
  const changed = await eachOf(rows, async ([key, etag]) => {
    const found = await headObject(bucket, key, options.signal)
    return found && found.etag !== etag ? { key, reason: CHANGED } : undefined
  })
  failures.push(...changed)
  const stays = new Set(changed.map(({ key }) => key))
  return [[], keys.filter((key) => !stays.has(key))]
}

/** A few at once. When one fails, those in flight end before the error is thrown. */
async function eachOf(
  rows: readonly Row[],
  call: (row: Row) => Promise<RemoveFailure | undefined>,
): Promise<RemoveFailure[]> {
  const failures: RemoveFailure[] = []
  for (let at = 0; at < rows.length; at += LANES) {
    const settled = await Promise.allSettled(rows.slice(at, at + LANES).map(call))
    for (const result of settled) {
      if (result.status === 'rejected') throw result.reason
      if (result.value) failures.push(result.value)
    }
  }
  return failures
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html */
async function removeOne(
  bucket: Bucket,
  [key, etag]: Row,
  { signal, guard }: RemoveOptions,
): Promise<RemoveFailure | undefined> {
  try {
    const answer = await ask(bucket, { action: ACTION, key, signal, guard }, (call) =>
      call('DeleteObject', { Bucket: bucket.name, Key: key, IfMatch: quotedEtag(etag) }),
    )
    // S3 says 204. A proxy may say 200.
    const isSure = answer.$metadata.httpStatusCode === 204
    if (!isSure && (await headObject(bucket, key, signal))?.etag === etag) {
      throw notS3({ action: ACTION, bucket: bucket.name, key }, 'it says 200, and the object is still there')
    }
    return undefined
  } catch (error) {
    if (isNoObject(error)) return undefined
    if (isPreconditionFailed(error)) return { key, reason: CHANGED }
    // Concerns this key alone, like an error row of DeleteObjects.
    if (error instanceof LadingError && error.code === 'E_ACCESS_DENIED') return { key, reason: error.message }
    throw error
  }
}

/** Every key has to be in the answer, as removed or as failed: a 200 alone says nothing. */
async function removeBatch(
  bucket: Bucket,
  keys: readonly Key[],
  { signal, guard }: RemoveOptions,
): Promise<RemoveFailure[]> {
  const answer = await ask(bucket, { action: ACTION, signal, guard }, (call) =>
    call('DeleteObjects', {
      Bucket: bucket.name,
      Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: false },
    }),
  )
  const wanted = new Set(keys)
  const failures: RemoveFailure[] = []
  for (const { Key, Code, Message } of answer.Errors ?? []) {
    if (Key === undefined || !wanted.delete(Key)) continue
    if (Code !== 'NoSuchKey') failures.push({ key: Key, reason: printable(`${Code}: ${Message ?? ''}`).slice(0, 200) })
  }
  for (const { Key } of answer.Deleted ?? []) if (Key !== undefined) wanted.delete(Key)
  if (wanted.size === 0) return failures
  throw notS3({ action: ACTION, bucket: bucket.name }, `it says nothing of ${wanted.size} of ${keys.length} keys`)
}
