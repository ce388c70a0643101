import {
  document,
  element,
  folded,
  isoDate,
  type S3Answer,
  type S3Call,
  type S3Object,
  S3Refusal,
  type S3State,
  XML,
} from './s3-protocol.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjects(state: S3State, { query }: S3Call): S3Answer {
  if (query.get('list-type') !== '2') throw new S3Refusal(501, 'NotImplemented', 'only ListObjectsV2')
  const { listingLagMs } = state.kin
  const prefix = folded(query.get('prefix') ?? '', state)
  const token = query.get('continuation-token')
  const start = query.get('start-after')
  const begin = start === null ? undefined : Buffer.from(folded(start, state))
  const after = token === null ? begin : Buffer.from(token, 'base64url')
  const { isEncoded, shown } = encodingOf(state, query)
  const size = Math.min(Number(query.get('max-keys') ?? state.maxKeys), state.maxKeys)

  const isListed = ({ lastModified }: S3Object): boolean =>
    listingLagMs === 0 || lastModified + listingLagMs <= state.now()

  const rest = [...state.objects]
    .filter(([key, object]) => key.startsWith(prefix) && isListed(object))
    .map(([key, object]) => ({ key, object, bytes: Buffer.from(key) }))
    .filter(({ bytes }) => !after || Buffer.compare(bytes, after) > 0)
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
  const entries = entriesOf(rest, prefix, query.get('delimiter'))
  const page = entries.slice(0, size)
  const last = page.at(-1)
  const isTruncated = entries.length > page.length
  const rows = page.map(({ key, object }) =>
    object ? row(shown(key), object) : `<CommonPrefixes>${element('Prefix', shown(key))}</CommonPrefixes>`,
  )
  const inner = [
    element('Name', state.bucket),
    element('Prefix', shown(prefix)),
    element('KeyCount', page.length),
    element('MaxKeys', size),
    element('IsTruncated', isTruncated),
    isEncoded ? element('EncodingType', 'url') : '',
    isTruncated && last ? element('NextContinuationToken', last.bytes.toString('base64url')) : '',
    ...rows,
  ]
  return { status: 200, headers: XML, body: document('ListBucketResult', inner.join('')) }
}

interface Found {
  readonly key: string
  /** Absent on a common prefix, which stands for all that it holds. */
  readonly object?: S3Object
  /** Of the last key that it stands for. */
  readonly bytes: Buffer
}

/** What is listed below a prefix: objects, and in their order what several have up to the next delimiter. */
function entriesOf(found: readonly Found[], prefix: string, delimiter: string | null): readonly Found[] {
  const entries = new Map<string, Found>()
  for (const one of found) {
    const end = delimiter ? one.key.indexOf(delimiter, prefix.length) : -1
    const key = end < 0 ? one.key : one.key.slice(0, end + 1)
    entries.set(key, end < 0 ? one : { key, bytes: one.bytes })
  }
  return [...entries.values()]
}

function row(shown: string, { etag, bytes, lastModified }: S3Object): string {
  const inner = [
    element('Key', shown),
    element('LastModified', isoDate(lastModified)),
    element('ETag', `"${etag}"`),
    element('Size', bytes.byteLength),
    element('StorageClass', 'STANDARD'),
  ]
  return `<Contents>${inner.join('')}</Contents>`
}

/** How a listing writes its keys: encoded when that was asked for and the server knows how. */
export function encodingOf(
  { kin }: S3State,
  query: URLSearchParams,
): { readonly isEncoded: boolean; readonly shown: (key: string) => string } {
  const isEncoded = query.get('encoding-type') === 'url' && kin.listEncoding === 'honoured'
  return { isEncoded, shown: (key) => (isEncoded ? urlEncoded(key) : key) }
}

/** As S3 does it: a space is `+`, and `/` stays. */
function urlEncoded(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/')
}
