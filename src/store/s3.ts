// First, and alone: it has to run before the SDK is loaded.
import './s3-quiet.ts'

import { LadingError, printable } from '../errors.ts'
import { assertKey, assertListPrefix, isKey, type KeyRules, MAX_KEY_BYTES } from './key.ts'
import { openBucket, type S3Options } from './s3-client.ts'
import { copyObject, replaceHeaders } from './s3-copy.ts'
import { getObject } from './s3-get.ts'
import { headObject } from './s3-head.ts'
import { listPages } from './s3-list.ts'
import { putInParts } from './s3-multipart.ts'
import { putWhole, type S3Put } from './s3-put.ts'
import { removeObjects } from './s3-remove.ts'
import type { Store } from './store.ts'
import { throwIfAborted } from './with-signal.ts'

export type { S3Options } from './s3-client.ts'

/** Largest body that is sent in one request, in bytes. */
const WHOLE_BYTES = 16 * 2 ** 20

/** Bytes of the system-defined headers and user metadata together. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const HEADER_BYTES = 8192

/**
 * A bucket of S3 or of a service that speaks its protocol, through the AWS SDK. What differs between services stands
 * in `profiles.ts`. The store is the whole bucket; `withPrefix` makes it a part.
 *
 * @throws E_ENDPOINT
 */
export function createS3Store(options: S3Options): Store {
  const bucket = openBucket(options)
  const { profile } = bucket
  const rules: KeyRules = { allowControl: options.allowControl }

  return {
    label: `s3://${options.bucket}/`,
    limits: { keyBytes: MAX_KEY_BYTES, objectBytes: profile.objectBytes, headerBytes: HEADER_BYTES },
    facts: { conditionalWrites: profile.conditionalWrites, foldsUnicode: profile.foldsUnicode, reheader: true },

    async get(key, given) {
      assertKey(key, rules)
      throwIfAborted(given?.signal)
      return getObject(bucket, key, given)
    },
    async put(key, body, headers, condition) {
      assertKey(key, rules)
      throwIfAborted(condition?.signal)
      const put: S3Put = { key, body, headers, condition }
      if (body.size > profile.objectBytes) throw tooLarge(put, profile.objectBytes)
      return body.size <= WHOLE_BYTES ? putWhole(bucket, put) : putInParts(bucket, put)
    },
    async copy(from, to, condition) {
      assertKey(from, rules)
      assertKey(to, rules)
      throwIfAborted(condition?.signal)
      return copyObject(bucket, { from, to }, condition)
    },
    async reheader(key, headers, condition) {
      assertKey(key, rules)
      throwIfAborted(condition?.signal)
      return replaceHeaders(bucket, { key, headers }, condition)
    },
    async head(key, given) {
      assertKey(key, rules)
      throwIfAborted(given?.signal)
      return headObject(bucket, key, given?.signal)
    },
    async *list(prefix, given) {
      assertListPrefix(prefix, rules)
      throwIfAborted(given?.signal)
      for await (const page of listPages(bucket, prefix, given?.signal)) {
        // Such as a console's `folder/`: never ours, and no other method could name it.
        const named = page.filter(({ key }) => isKey(key, rules))
        if (named.length > 0) yield named
      }
    },
    async remove(keys, given) {
      for (const key of keys) assertKey(key, rules)
      throwIfAborted(given?.signal)
      return removeObjects(bucket, keys, given?.signal)
    },
  }
}

function tooLarge({ key, body }: S3Put, limit: number): LadingError {
  return new LadingError('E_TOO_LARGE', `"${printable(key)}" is too large for this store`, {
    subject: printable(key),
    why: `it has ${body.size} bytes; an object may have ${limit}`,
  })
}
