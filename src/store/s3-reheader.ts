import { createHash } from 'node:crypto'
import type { Body, Digest, ETag, HeaderSet, Key } from '../model.ts'
import type { Bucket } from './s3-client.ts'
import { changedMeanwhile, copyAs } from './s3-copy.ts'
import { isNoObject, isPreconditionFailed } from './s3-errors.ts'
import { getObject } from './s3-get.ts'
import { headObject } from './s3-head.ts'
import { notWhatWasSent } from './s3-put.ts'
import { writeObject } from './s3-write.ts'
import type { ReheaderOptions, StoredObject, WriteResult } from './store.ts'
import { conditionHolds } from './with-condition.ts'

/** Bytes read at once where they have to be sent again. */
const PIECE_BYTES = 8 * 2 ** 20

export interface Reheader {
  readonly key: Key
  readonly headers: HeaderSet
}

/** See `Store.reheader`. A copy onto itself, for which S3 wants everything said again that is to stay. */
export async function replaceHeaders(
  bucket: Bucket,
  { key, headers }: Reheader,
  options: ReheaderOptions = {},
): Promise<WriteResult> {
  const { signal } = options
  const found = await headObject(bucket, key, signal)
  if (!(found && conditionHolds(options, found.etag))) return { status: 'precondition-failed' }
  const original = { ...found, sha256: options.sha256 ?? found.sha256 }
  const result = await (bucket.profile.reheader ? copyOver : sendAgain)(bucket, { original, headers, options })
  if (result === undefined && options.when === undefined) throw changedMeanwhile(key)
  return result === undefined ? { status: 'precondition-failed' } : { status: 'stored', etag: result }
}

interface Work {
  readonly original: StoredObject
  readonly headers: HeaderSet
  readonly options: ReheaderOptions
}

/** The new ETag; `undefined` when the object is another one by now. */
async function copyOver(bucket: Bucket, { original, headers, options }: Work): Promise<ETag | undefined> {
  const { signal, guard } = options
  try {
    const etag = await copyAs(bucket, { original, to: original.key }, { headers, signal, guard })
    if (hasOthers(original.headers, headers)) await assertGone(bucket, { key: original.key, headers, etag, signal })
    return etag
  } catch (error) {
    if (isPreconditionFailed(error) || isNoObject(error)) return undefined
    throw error
  }
}

/** For stores that cannot replace headers: the bytes are read and put again, on top of the same object. */
async function sendAgain(bucket: Bucket, { original, headers, options }: Work): Promise<ETag | undefined> {
  const { signal, guard } = options
  const { key, size, etag } = original
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    const found = await getObject(bucket, key, { range: { start, end }, signal })
    if (found?.etag !== etag) throw changedMeanwhile(key)
    return found.bytes
  }
  const sha256 = original.sha256 ?? (await digestOf({ size, read }))
  return resultOf(
    await writeObject(bucket, {
      key,
      body: { size, sha256, read },
      headers,
      condition: { when: { etag }, signal, guard },
    }),
  )
}

const resultOf = (result: WriteResult): ETag | undefined => (result.status === 'stored' ? result.etag : undefined)

async function digestOf({ size, read }: Pick<Body, 'size' | 'read'>): Promise<Digest> {
  const hash = createHash('sha256')
  for (let start = 0; start < size; start += PIECE_BYTES)
    hash.update(await read(start, Math.min(start + PIECE_BYTES, size)))
  return hash.digest('hex')
}

/**
 * Where headers were to go, a look shows whether they did: versitygw leaves what is not said again, and says 200.
 *
 * @throws E_INTEGRITY when they are still there
 */
async function assertGone(
  bucket: Bucket,
  { key, headers, etag, signal }: Reheader & { readonly etag: ETag; readonly signal: AbortSignal | undefined },
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
