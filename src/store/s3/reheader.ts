import { LadingError, printable } from '../../words/errors.ts'
import type { HeaderSet, Key } from '../../words/model.ts'
import { conditionHolds } from '../condition.ts'
import type { ReheaderOptions, StoredObject, WriteResult } from '../store.ts'
import type { Bucket } from './client.ts'
import { copyAs } from './copy.ts'
import { isNoObject, isPreconditionFailed } from './errors.ts'
import { headObject } from './head.ts'
import { changedMeanwhile } from './put.ts'
import { resend } from './resend.ts'

const PRECONDITION_FAILED: WriteResult = { status: 'precondition-failed' }

export interface Reheader {
  readonly key: Key
  readonly headers: HeaderSet
}

/** See `Store.reheader`. A copy onto itself, where the store does that well. */
export async function replaceHeaders(
  bucket: Bucket,
  { key, headers }: Reheader,
  options: ReheaderOptions = {},
): Promise<WriteResult> {
  const known = knownObject(bucket, key, options)
  const found = known ?? (await headObject(bucket, key, options.signal))
  if (!(found && conditionHolds(options, found.etag))) return PRECONDITION_FAILED
  const original = { ...found, sha256: options.sha256 ?? found.sha256 }
  const result = await replaced(bucket, { original, headers, options })
  // The caller gave no condition, so the one that failed was ours.
  if (result.status !== 'stored' && options.when === undefined) throw changedMeanwhile(key)
  if (result.status === 'stored' && known !== undefined && result.etag !== known.etag) throw anotherOne(key)
  return result
}

/**
 * A known object needs no HEAD: the copy fails where another one is there by now, and the copy's ETag proves that this
 * one was copied.
 */
function knownObject({ profile }: Bucket, key: Key, { when, known }: ReheaderOptions): StoredObject | undefined {
  if (known === undefined || typeof when !== 'object') return undefined
  const isShown = profile.conditionalSource && profile.etagIsMd5 && !when.etag.includes('-')
  return isShown ? { ...known, key, etag: when.etag } : undefined
}

/** The store ignored the condition, contrary to what we know of it: the object now has our digest and other bytes. */
function anotherOne(key: Key): LadingError {
  return new LadingError('E_INTEGRITY', `"${printable(key)}" is not the object that was published there`, {
    subject: printable(key),
    why: 'somebody else replaced it, and the store changed its headers although it was asked not to',
    hint: 'Run `lading sync --repair --download`, which compares bytes and sends what differs.',
  })
}

interface Work {
  readonly original: StoredObject
  readonly headers: HeaderSet
  readonly options: ReheaderOptions
}

async function replaced(bucket: Bucket, { original, headers, options }: Work): Promise<WriteResult> {
  const { signal, guard } = options
  const { key: to, etag } = original
  if (!bucket.profile.reheader) {
    return resend(bucket, { original, to, headers, condition: { when: { etag }, signal, guard } })
  }
  try {
    return { status: 'stored', etag: await copyAs(bucket, { original, to }, { headers, signal, guard }) }
  } catch (error) {
    if (isPreconditionFailed(error) || isNoObject(error)) return PRECONDITION_FAILED
    throw error
  }
}
