import { DeleteObjectsCommand } from '@aws-sdk/client-s3'
import { printable } from '../errors.ts'
import type { Key } from '../model.ts'
import { ask, type Bucket } from './s3-client.ts'
import { notS3 } from './s3-errors.ts'
import type { RemoveFailure } from './store.ts'

/** Keys in one DeleteObjects. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const DELETE_BATCH = 1000

const ACTION = 's3:DeleteObject'

/** See `Store.remove`. */
export async function removeObjects(
  bucket: Bucket,
  keys: readonly Key[],
  signal: AbortSignal | undefined,
): Promise<RemoveFailure[]> {
  const failures: RemoveFailure[] = []
  for (let at = 0; at < keys.length; at += DELETE_BATCH) {
    failures.push(...(await removeBatch(bucket, keys.slice(at, at + DELETE_BATCH), signal)))
  }
  return failures
}

/** Every key has to be in the answer, as removed or as failed: a 200 alone says nothing. */
async function removeBatch(
  bucket: Bucket,
  keys: readonly Key[],
  signal: AbortSignal | undefined,
): Promise<RemoveFailure[]> {
  const answer = await ask(bucket, { action: ACTION, signal }, (options) =>
    bucket.client.send(
      new DeleteObjectsCommand({
        Bucket: bucket.name,
        Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: false },
      }),
      options,
    ),
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
