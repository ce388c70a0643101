import type { Key } from '../../words/model.ts'
import type { StoredObject } from '../store.ts'
import { ask } from './ask.ts'
import type { Bucket } from './client.ts'
import { isBadRequest, isNoObject, notS3 } from './errors.ts'
import { assertNotFramed, storedObject } from './objects.ts'
import type { ReceivedObject } from './operations.ts'

const ACTION = 's3:GetObject'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
export async function headObject(
  bucket: Bucket,
  key: Key,
  signal: AbortSignal | undefined,
): Promise<StoredObject | undefined> {
  const request = { action: ACTION, key, signal }
  const object = { Bucket: bucket.name, Key: key }
  const answer = await orAbsent(async () => {
    try {
      return await ask(bucket, request, (call) => call('HeadObject', object))
    } catch (error) {
      // It came without words. Expired credentials and a wrong region are a 400, too; an answer to GET says which.
      if (isBadRequest(error))
        await ask(bucket, request, (call) => call('GetObject', { ...object, Range: 'bytes=0-0' }).then(discarded))
      throw error
    }
  })
  if (!answer) return undefined
  const found = storedObject(key, answer.ContentLength, answer)
  if (!found) throw notS3({ action: ACTION, bucket: bucket.name, key }, 'it has no ETag')
  assertNotFramed(found, bucket.name)
  return found
}

const discarded = (answer: ReceivedObject): void => answer.discard()

/** `undefined`, not an error, when there is no object. */
export async function orAbsent<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call()
  } catch (error) {
    if (isNoObject(error)) return undefined
    throw error
  }
}
