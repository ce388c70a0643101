import { etagOf, keptHeaders, refuseAcl, requireChecksum, verifyBody, verifyCondition } from './s3-checks.ts'
import {
  document,
  element,
  folded,
  header,
  isoDate,
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
  verifyCondition(call, state.objects.get(call.key), state.kin)
  const headers = keptHeaders(call, state)
  const etag = etagOf(call.body, state)
  const object: S3Object = { bytes: call.body, etag, headers, checksum, lastModified: state.now() }
  state.objects.set(call.key, object)
  return { status: 200, headers: { etag: `"${object.etag}"`, ...echo(checksum) } }
}

export function getObject(state: S3State, call: S3Call): S3Answer {
  const object = state.objects.get(call.key)
  if (!object) throw new S3Refusal(404, 'NoSuchKey')
  const headers = {
    ...object.headers,
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.lastModified).toUTCString(),
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
  const from = folded(named.slice(state.bucket.length + 1), state)
  const source = state.objects.get(from)
  if (!source) throw new S3Refusal(404, 'NoSuchKey')
  const sourceIfMatch = header(call, 'x-amz-copy-source-if-match')
  const looks = state.kin.copySource !== 'ignored'
  if (looks && sourceIfMatch !== undefined && sourceIfMatch !== `"${source.etag}"`) {
    throw new S3Refusal(412, 'PreconditionFailed')
  }
  const { copy } = state.kin
  verifyCondition(call, state.objects.get(call.key), { create: copy, replace: copy })
  const replaces = header(call, 'x-amz-metadata-directive') === 'REPLACE'
  if (!replaces && from === call.key) throw new S3Refusal(400, 'InvalidRequest', 'a copy onto itself changes nothing')
  const kept = state.kin.onReplace === 'keeps' ? source.headers : {}
  const headers = replaces ? { ...kept, ...keptHeaders(call, state) } : source.headers
  // A copy is one object whatever its source was uploaded as.
  const object: S3Object = { ...source, headers, etag: etagOf(source.bytes, state), lastModified: state.now() }
  state.objects.set(call.key, object)
  const inner = element('LastModified', isoDate(object.lastModified)) + element('ETag', `"${object.etag}"`)
  return { status: 200, headers: XML, body: document('CopyObjectResult', inner) }
}

export function deleteObjects(state: S3State, call: S3Call): S3Answer {
  requireChecksum(call)
  verifyBody(call, state)
  const keys = textsOf(call.body.toString(), 'Key').map((key) => folded(key, state))
  if (keys.length === 0 || keys.length > 1000) throw new S3Refusal(400, 'MalformedXML')
  for (const key of keys) state.objects.delete(key)
  const rows = keys.map((key) => `<Deleted>${element('Key', key)}</Deleted>`)
  return { status: 200, headers: XML, body: document('DeleteResult', rows.join('')) }
}

export function deleteObject(state: S3State, call: S3Call): S3Answer {
  const { remove } = state.kin
  verifyCondition(call, state.objects.get(call.key), { create: remove, replace: remove })
  state.objects.delete(call.key)
  return { status: 204 }
}

export function echo(checksum: string | undefined): Record<string, string> {
  return checksum === undefined ? {} : { 'x-amz-checksum-sha256': checksum }
}

function answerWith(status: number, headers: Record<string, string>, body: Buffer): S3Answer {
  return { status, headers: { ...headers, 'content-length': String(body.byteLength) }, body }
}
