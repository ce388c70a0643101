import { LadingError, printable } from '../../words/errors.ts'
import type { WriteResult } from '../store.ts'
import type { Bucket } from './client.ts'
import { putInParts } from './multipart.ts'
import type { S3Put } from './proof.ts'
import { putWhole } from './put.ts'

/** Largest body that is sent in one request, in bytes. */
const WHOLE_BYTES = 16 * 2 ** 20

/** See `Store.put`. */
export function writeObject(bucket: Bucket, put: S3Put): Promise<WriteResult> {
  const { objectBytes } = bucket.profile
  if (put.body.size > objectBytes) return Promise.reject(tooLarge(put, objectBytes))
  return put.body.size <= WHOLE_BYTES ? putWhole(bucket, put) : putInParts(bucket, put)
}

function tooLarge({ key, body }: S3Put, limit: number): LadingError {
  return new LadingError('E_TOO_LARGE', `"${printable(key)}" is too large for this store`, {
    subject: printable(key),
    why: `it has ${body.size} bytes; an object may have ${limit}`,
  })
}
