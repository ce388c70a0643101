import { keptHeaders, md5, refuseAcl, requireChecksum, verifyBody, verifyCondition } from './s3-checks.ts'
import {
  document,
  element,
  header,
  type S3Answer,
  type S3Call,
  type S3Object,
  S3Refusal,
  type S3State,
  textsOf,
  XML,
} from './s3-protocol.ts'

export function putObject(state: S3State, call: S3Call): S3Answer {
  refuseAcl(call)
  const checksum = verifyBody(call, state)
  verifyCondition(call, state.objects.get(call.key))
  const object: S3Object = { bytes: call.body, etag: md5(call.body), headers: keptHeaders(call), checksum }
  state.objects.set(call.key, object)
  return { status: 200, headers: { etag: `"${object.etag}"`, ...echo(checksum) } }
}

export function getObject(state: S3State, call: S3Call): S3Answer {
  const object = state.objects.get(call.key)
  if (!object) throw new S3Refusal(404, 'NoSuchKey')
  const headers = {
    ...object.headers,
    etag: `"${object.etag}"`,
    'last-modified': new Date(0).toUTCString(),
    'accept-ranges': 'bytes',
  }
  const { bytes } = object
  const range = header(call, 'range')
  if (range === undefined) return answerWith(200, headers, bytes)
  const [, from = '', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? []
  const start = Number(from)
  if (from === '' || start >= bytes.byteLength) throw new S3Refusal(416, 'InvalidRange')
  const end = to === '' ? bytes.byteLength : Math.min(Number(to) + 1, bytes.byteLength)
  const contentRange = { 'content-range': `bytes ${start}-${end - 1}/${bytes.byteLength}` }
  return answerWith(206, { ...headers, ...contentRange }, bytes.subarray(start, end))
}

export function copyObject(state: S3State, call: S3Call): S3Answer {
  refuseAcl(call)
  const named = decodeURIComponent((header(call, 'x-amz-copy-source') ?? '').replaceAll('+', ' ')).replace(/^\//, '')
  if (!named.startsWith(`${state.bucket}/`)) throw new S3Refusal(404, 'NoSuchBucket')
  const from = named.slice(state.bucket.length + 1)
  const source = state.objects.get(from)
  if (!source) throw new S3Refusal(404, 'NoSuchKey')
  const sourceIfMatch = header(call, 'x-amz-copy-source-if-match')
  if (sourceIfMatch !== undefined && sourceIfMatch !== `"${source.etag}"`) {
    throw new S3Refusal(412, 'PreconditionFailed')
  }
  if (state.provider === 'aws') verifyCondition(call, state.objects.get(call.key))
  const replaces = header(call, 'x-amz-metadata-directive') === 'REPLACE'
  if (!replaces && from === call.key) throw new S3Refusal(400, 'InvalidRequest', 'a copy onto itself changes nothing')
  const headers = replaces ? keptHeaders(call) : source.headers
  // A copy is one object whatever its source was uploaded as.
  const object: S3Object = { ...source, headers, etag: md5(source.bytes) }
  state.objects.set(call.key, object)
  return { status: 200, headers: XML, body: document('CopyObjectResult', element('ETag', `"${object.etag}"`)) }
}

export function deleteObjects(state: S3State, call: S3Call): S3Answer {
  requireChecksum(call)
  verifyBody(call, state)
  const keys = textsOf(call.body.toString(), 'Key')
  if (keys.length === 0 || keys.length > 1000) throw new S3Refusal(400, 'MalformedXML')
  for (const key of keys) state.objects.delete(key)
  const rows = keys.map((key) => `<Deleted>${element('Key', key)}</Deleted>`)
  return { status: 200, headers: XML, body: document('DeleteResult', rows.join('')) }
}

export function deleteObject(state: S3State, call: S3Call): S3Answer {
  verifyCondition(call, state.objects.get(call.key))
  state.objects.delete(call.key)
  return { status: 204 }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjects(state: S3State, { query }: S3Call): S3Answer {
  if (query.get('list-type') !== '2') throw new S3Refusal(501, 'NotImplemented', 'only ListObjectsV2')
  const prefix = query.get('prefix') ?? ''
  const token = query.get('continuation-token')
  const after = token === null ? undefined : Buffer.from(token, 'base64url')
  const isEncoded = query.get('encoding-type') === 'url'
  const shown = (key: string): string => (isEncoded ? urlEncoded(key) : key)
  const size = Math.min(Number(query.get('max-keys') ?? state.maxKeys), state.maxKeys)

  const rest = [...state.objects]
    .map(([key, object]) => ({ key, object, bytes: Buffer.from(key) }))
    .filter(({ key, bytes }) => key.startsWith(prefix) && (!after || Buffer.compare(bytes, after) > 0))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
  const page = rest.slice(0, size)
  const last = page.at(-1)
  const isTruncated = rest.length > page.length
  const rows = page.map(
    ({ key, object }) =>
      `<Contents>${element('Key', shown(key))}${element('LastModified', '1970-01-01T00:00:00.000Z')}${element(
        'ETag',
        `"${object.etag}"`,
      )}${element('Size', object.bytes.byteLength)}${element('StorageClass', 'STANDARD')}</Contents>`,
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

export function echo(checksum: string | undefined): Record<string, string> {
  return checksum === undefined ? {} : { 'x-amz-checksum-sha256': checksum }
}

function answerWith(status: number, headers: Record<string, string>, body: Buffer): S3Answer {
  return { status, headers: { ...headers, 'content-length': String(body.byteLength) }, body }
}

/** As S3 does it: a space is `+`, and `/` stays. */
function urlEncoded(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/')
}
