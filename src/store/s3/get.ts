import { LadingError, printable } from '../../words/errors.ts'
import type { Key } from '../../words/model.ts'
import type { GetOptions, Store } from '../store.ts'
import { ask } from './ask.ts'
import type { Bucket } from './client.ts'
import { isPastEnd, notS3 } from './errors.ts'
import { headObject, orAbsent } from './head.ts'
import { storedObject } from './objects.ts'
import type { ReceivedObject } from './operations.ts'

const ACTION = 's3:GetObject'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export async function getObject(bucket: Bucket, key: Key, options: GetOptions = {}): ReturnType<Store['get']> {
  const { range, signal } = options
  // HTTP has no empty ranges.
  if (range && range.end <= range.start) return withoutBytes(bucket, key, signal)
  try {
    return await orAbsent(() => getBytes(bucket, key, options))
  } catch (error) {
    if (range && isPastEnd(error)) return withoutBytes(bucket, key, signal)
    throw error
  }
}

async function getBytes(bucket: Bucket, key: Key, { range, signal }: GetOptions): ReturnType<Store['get']> {
  const request = { action: ACTION, key, signal, bytes: range ? range.end - range.start : 0 }
  return ask(bucket, request, async (call, ends) => {
    const answer = await call('GetObject', {
      Bucket: bucket.name,
      Key: key,
      ...(range && { Range: `bytes=${range.start}-${range.end - 1}` }),
    })
    const whole = wholeSize(answer)
    const found = storedObject(key, whole, answer)
    if (!found) {
      answer.discard()
      throw notS3({ ...request, bucket: bucket.name }, 'it has no ETag')
    }
    const received = await answer.receive(ends)
    if (received.byteLength !== (answer.ContentLength ?? received.byteLength)) throw endedEarly(key)
    // A store that knows no ranges sends everything.
    const bytes = range && answer.ContentRange === undefined ? received.slice(range.start, range.end) : received
    return { ...found, bytes }
  })
}

async function withoutBytes(bucket: Bucket, key: Key, signal: AbortSignal | undefined): ReturnType<Store['get']> {
  const found = await headObject(bucket, key, signal)
  return found && { ...found, bytes: new Uint8Array() }
}

/** Size of the object, of which the answer may be a range (`bytes 0-9/1234`). */
function wholeSize({
  ContentRange,
  ContentLength,
}: Pick<ReceivedObject, 'ContentRange' | 'ContentLength'>): number | undefined {
  const total = /\/(\d+)$/.exec(ContentRange ?? '')?.[1]
  return total === undefined ? ContentLength : Number(total)
}

function endedEarly(key: Key): LadingError {
  return new LadingError('E_STORE', `only a part of "${printable(key)}" arrived`, {
    subject: printable(key),
    why: 'the connection ended early',
    retryable: true,
  })
}
