import { createHash } from 'node:crypto'
import type { Body, Digest, HeaderSet, Key } from '../../words/model.ts'
import type { StoredObject, WriteCondition, WriteResult } from '../store.ts'
import type { Bucket } from './client.ts'
import { getObject } from './get.ts'
import { changedMeanwhile } from './put.ts'
import { writeObject } from './write.ts'

/** Bytes read at once. */
const PIECE_BYTES = 8 * 2 ** 20

export interface Resend {
  /** As last seen. */
  readonly original: StoredObject
  readonly to: Key
  readonly headers: HeaderSet
  readonly condition: WriteCondition
}

/** For stores whose copies keep headers that are not repeated: the bytes are read, and put again. */
export async function resend(bucket: Bucket, { original, to, headers, condition }: Resend): Promise<WriteResult> {
  const { key, size, etag } = original
  const { signal } = condition
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    const found = await getObject(bucket, key, { range: { start, end }, signal })
    if (found?.etag !== etag) throw changedMeanwhile(key)
    return found.bytes
  }
  const sha256 = original.sha256 ?? (await digestOf({ size, read }))
  return writeObject(bucket, { key: to, body: { size, sha256, read }, headers, condition })
}

async function digestOf({ size, read }: Pick<Body, 'size' | 'read'>): Promise<Digest> {
  const hash = createHash('sha256')
  for (let start = 0; start < size; start += PIECE_BYTES) {
    hash.update(await read(start, Math.min(start + PIECE_BYTES, size)))
  }
  return hash.digest('hex')
}
