import { LadingError, printable } from '../../words/errors.ts'
import { compareKeys, isWithin } from '../../words/key-order.ts'
import type { Key } from '../../words/model.ts'
import type { ListedObject, ListOptions } from '../store.ts'
import { ask } from './ask.ts'
import type { Bucket } from './client.ts'
import { notS3 } from './errors.ts'
import { etagOf } from './objects.ts'
import type { Operations } from './operations.ts'

const ACTION = 's3:ListBucket'

type Page = Operations['ListObjectsV2']['output']

/**
 * A listing decides what is removed, so a page counts only when it can be told from a proxy's 200, which the SDK
 * reads as an empty bucket, and when it continues the page before it.
 */
export async function* listPages(
  bucket: Bucket,
  prefix: string,
  { signal, ...bounds }: ListOptions,
): AsyncGenerator<readonly ListedObject[], void> {
  const tokens = new Set<string>()
  let token: string | undefined
  let last: Key | undefined
  do {
    const page = await askPage(bucket, { prefix, token, after: bounds.after, signal })
    const objects = objectsOf(bucket, page, prefix)
    assertOrder(bucket, objects, last)
    last = objects.at(-1)?.key ?? last
    const asked = objects.filter(({ key }) => isWithin(key, bounds))
    if (asked.length < objects.length) noteStart(bucket, objects, bounds.after)
    token = nextToken(bucket, page, tokens)
    if (asked.length > 0) yield asked
    if (last !== undefined && bounds.until !== undefined && compareKeys(last, bounds.until) >= 0) return
  } while (token !== undefined)
}

/** See `Store.folders`. A store that ignores the delimiter lists what they hold instead, which names them as well. */
export async function listFolders(
  bucket: Bucket,
  prefix: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const names = new Set<string>()
  const tokens = new Set<string>()
  let token: string | undefined
  do {
    const page = await askPage(bucket, { prefix, delimiter: '/', token, after: undefined, signal })
    const held = objectsOf(bucket, page, prefix).map(({ key }) => key)
    for (const path of [...foldersOf(bucket, page, prefix), ...held]) {
      const end = path.indexOf('/', prefix.length)
      if (end > prefix.length) names.add(path.slice(prefix.length, end))
    }
    token = nextToken(bucket, page, tokens)
  } while (token !== undefined)
  return [...names]
}

function foldersOf(bucket: Bucket, { CommonPrefixes = [], EncodingType }: Page, prefix: string): readonly Key[] {
  return CommonPrefixes.map(({ Prefix }) => {
    const folder = Prefix === undefined ? undefined : decoded(Prefix, EncodingType)
    if (folder === undefined) throw broken(bucket, 'a row is not complete')
    if (!folder.startsWith(prefix)) throw broken(bucket, `"${printable(folder)}" was not asked for`)
    return folder
  })
}

/** Notes that a store ignores `StartAfter`: from then on it is not asked for parts of a listing any more. */
function noteStart(bucket: Bucket, objects: readonly ListedObject[], after: Key | undefined): void {
  const [first] = objects
  if (after !== undefined && first !== undefined && compareKeys(first.key, after) <= 0) {
    bucket.listing.startsAnywhere = false
  }
}

function assertOrder(bucket: Bucket, objects: readonly ListedObject[], before: Key | undefined): void {
  let last = before
  for (const { key } of objects) {
    if (last !== undefined && compareKeys(last, key) >= 0) throw broken(bucket, `"${printable(key)}" is out of order`)
    last = key
  }
}

/** The token of the next page, if any. `seen` collects those of one listing, against endless loops. */
function nextToken(bucket: Bucket, page: Page, seen: Set<string>): string | undefined {
  const token = page.NextContinuationToken
  // Where a store says neither yes nor no, a token is a yes: a listing that ends short would be believed.
  if (!(page.IsTruncated ?? token)) return undefined
  if (!token) throw broken(bucket, 'a page says that more follows but not where')
  if (seen.has(token)) throw broken(bucket, 'the same page was named twice')
  seen.add(token)
  return token
}

interface PageRequest {
  readonly prefix: string
  readonly delimiter?: string
  readonly token: string | undefined
  readonly after: string | undefined
  readonly signal: AbortSignal | undefined
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
async function askPage(bucket: Bucket, { prefix, delimiter, token, after, signal }: PageRequest): Promise<Page> {
  const page = await ask(bucket, { action: ACTION, signal }, (call) =>
    call('ListObjectsV2', {
      Bucket: bucket.name,
      Prefix: prefix,
      Delimiter: delimiter,
      ContinuationToken: token,
      // On later pages the token implies it.
      StartAfter: token === undefined ? after : undefined,
      // Keys may hold what XML cannot carry.
      EncodingType: 'url',
    }),
  )
  if (page.Name === bucket.name) return page
  throw notS3({ action: ACTION, bucket: bucket.name }, 'it does not name the bucket that was listed')
}

function objectsOf(bucket: Bucket, page: Page, prefix: string): ListedObject[] {
  return (page.Contents ?? []).map(({ Key, Size, ETag }) => {
    const key = Key === undefined ? undefined : decoded(Key, page.EncodingType)
    const etag = etagOf(ETag)
    if (key === undefined || etag === undefined || Size === undefined) throw broken(bucket, 'a row is not complete')
    if (!key.startsWith(prefix)) throw broken(bucket, `"${printable(key)}" was not asked for`)
    return { key, size: Size, etag }
  })
}

/** The SDK does not decode keys. Some stores ignore the encoding we ask for; the answer's `EncodingType` tells. */
export function decoded(key: string, encoding: string | undefined): Key | undefined {
  if (encoding !== 'url') return key
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function broken(bucket: Bucket, why: string): LadingError {
  return new LadingError('E_LISTING', `the listing of the bucket "${bucket.name}" is broken`, {
    subject: bucket.name,
    why,
    hint: 'Nothing was decided by it. Run again; if it stays, tell the provider.',
  })
}
