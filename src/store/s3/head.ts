import type { Key } from '../../model.ts'
import type { StoredObject } from '../store.ts'
import { ask } from './ask.ts'
import type { Bucket } from './client.ts'
import { isNoObject, notS3 } from './errors.ts'
import { assertNotFramed, storedObject } from './objects.ts'

const ACTION = 's3:GetObject'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
export async function headObject(
  bucket: Bucket,
  key: Key,
  signal: AbortSignal | undefined,
): Promise<StoredObject | undefined> {
  const answer = await orAbsent(() =>
    ask(bucket, { action: ACTION, key, signal }, (call) => call('HeadObject', { Bucket: bucket.name, Key: key })),
  )
  if (!answer) return undefined
  const found = storedObject(key, answer.ContentLength, answer)
  if (!found) throw notS3({ action: ACTION, bucket: bucket.name, key }, 'it has no ETag')
  assertNotFramed(found, bucket.name)
  return found
}

/** `undefined`, not an error, when there is no object. */
export async function orAbsent<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call()
  } catch (error) {
    if (isNoObject(error)) return undefined
    throw error
  }
}
