import { throwIfAborted } from '../abort.ts'
import { assertKey, assertListPrefix, isKey, type KeyRules, MAX_KEY_BYTES } from '../key.ts'
import { mostOpen } from '../open-files.ts'
import type { Store, StoreFacts } from '../store.ts'
import { type Bucket, openBucket, type S3Options } from './client.ts'
import { copyObject } from './copy.ts'
import { getObject } from './get.ts'
import { headObject } from './head.ts'
import { listFolders, listPages } from './list.ts'
import { replaceHeaders } from './reheader.ts'
import { removeObjects } from './remove.ts'
import { sweepUploads } from './uploads.ts'
import { writeObject } from './write.ts'

export type { S3Options } from './client.ts'

/** Bytes of the system-defined headers and user metadata together. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const HEADER_BYTES = 8192

/** Keys of one ListObjectsV2. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const LIST_PAGE = 1000

/**
 * A bucket of S3 or of a service that speaks its protocol, by requests of our own for what is asked often, and by the AWS
 * SDK for the rest. What differs between services stands in `profiles.ts`. The store is the whole bucket; `withPrefix`
 * makes it a part.
 *
 * @throws E_ENDPOINT
 */
export function createS3Store(options: S3Options): Store {
  const concurrency = Math.min(options.concurrency, mostOpen())
  const bucket = openBucket({ ...options, concurrency })
  const rules: KeyRules = { allowControl: options.allowControl }

  return {
    label: `s3://${options.bucket}/`,
    limits: {
      keyBytes: MAX_KEY_BYTES,
      objectBytes: bucket.profile.objectBytes,
      headerBytes: HEADER_BYTES,
      callsAtOnce: concurrency,
    },
    facts: liveFacts(bucket),

    async get(key, given) {
      assertKey(key, rules)
      throwIfAborted(given?.signal)
      return getObject(bucket, key, given)
    },
    // Not `async`, nor is what it calls: in thousands of calls each extra promise costs.
    put(key, body, headers, condition) {
      try {
        assertKey(key, rules)
        throwIfAborted(condition?.signal)
        return writeObject(bucket, { key, body, headers, condition })
      } catch (error) {
        return Promise.reject(error)
      }
    },
    async copy(from, to, given) {
      assertKey(from, rules)
      assertKey(to, rules)
      throwIfAborted(given?.signal)
      return copyObject(bucket, { from, to }, given)
    },
    async reheader(key, headers, given) {
      assertKey(key, rules)
      throwIfAborted(given?.signal)
      return replaceHeaders(bucket, { key, headers }, given)
    },
    async head(key, given) {
      assertKey(key, rules)
      throwIfAborted(given?.signal)
      return headObject(bucket, key, given?.signal)
    },
    async *list(prefix, given) {
      assertListPrefix(prefix, rules)
      throwIfAborted(given?.signal)
      for await (const page of listPages(bucket, prefix, given ?? {})) {
        // Drops keys such as a console's `folder/`: never ours, and no other method accepts them.
        const named = page.filter(({ key }) => isKey(key, rules))
        if (named.length > 0) yield named
      }
    },
    async folders(prefix, given) {
      assertListPrefix(prefix, rules)
      throwIfAborted(given?.signal)
      return listFolders(bucket, prefix, given?.signal)
    },
    async remove(keys, given) {
      for (const key of keys) assertKey(key, rules)
      throwIfAborted(given?.signal)
      return removeObjects(bucket, keys, given)
    },
    async sweep(given = {}) {
      assertListPrefix(given.prefix ?? '', rules)
      throwIfAborted(given.signal)
      return sweepUploads(bucket, given)
    },
    warmUp: (requests) => bucket.line.wire.warmUp?.(requests),
  }
}

/** Wrappers keep a reference to the facts, so getters look up the current ones. */
function liveFacts(bucket: Bucket): StoreFacts {
  return {
    get conditionalWrites() {
      return bucket.profile.conditionalWrites
    },
    get foldsUnicode() {
      return bucket.profile.foldsUnicode
    },
    get reheader() {
      return bucket.profile.reheader
    },
    get forgets() {
      return bucket.profile.forgets
    },
    get listPage() {
      return bucket.listing.startsAnywhere ? LIST_PAGE : undefined
    },
  }
}
