import { randomBytes } from 'node:crypto'
import { digest, etagOf, keptHeaders, md5, refuseAcl, verifyBody, verifyCondition } from './s3-checks.ts'
import { echo } from './s3-objects.ts'
import {
  document,
  element,
  header,
  type S3Answer,
  type S3Call,
  type S3Part,
  S3Refusal,
  type S3State,
  type S3Upload,
  textsOf,
  XML,
} from './s3-protocol.ts'

export function createUpload(state: S3State, call: S3Call): S3Answer {
  refuseAcl(call)
  const id = randomBytes(8).toString('hex')
  const hasChecksums = header(call, 'x-amz-checksum-algorithm') === 'SHA256'
  const headers = keptHeaders(call, state)
  state.uploads.set(id, { key: call.key, initiated: state.now(), headers, hasChecksums, parts: new Map() })
  const inner = element('Bucket', state.bucket) + element('Key', call.key) + element('UploadId', id)
  return { status: 200, headers: XML, body: document('InitiateMultipartUploadResult', inner) }
}

export function uploadPart(state: S3State, call: S3Call): S3Answer {
  const { id, upload } = uploadOf(state, call)
  const number = Number(call.query.get('partNumber'))
  if (!(number >= 1 && number <= state.kin.maxParts)) throw new S3Refusal(400, 'InvalidArgument')
  const checksum = verifyBody(call, state)
  if (upload.hasChecksums && checksum === undefined) throw new S3Refusal(400, 'InvalidRequest', 'no part checksum')
  const part: S3Part = { bytes: call.body, etag: etagOf(call.body, state), checksum, lastModified: state.now() }
  state.uploads.set(id, { ...upload, parts: new Map(upload.parts).set(number, part) })
  return { status: 200, headers: { etag: `"${part.etag}"`, ...echo(checksum) } }
}

export function completeUpload(state: S3State, call: S3Call): S3Answer {
  const { id, upload } = uploadOf(state, call)
  const parts = chosenParts(upload, call.body.toString())
  verifySizes(parts, state)
  verifyCondition(call, state.objects.get(call.key), state.kin)
  const bytes = Buffer.concat(parts.map((part) => part.bytes))
  const etag = etagOfParts(parts, state)
  const sums = Buffer.concat(parts.map((part) => Buffer.from(part.checksum ?? '', 'base64')))
  const checksum = upload.hasChecksums ? `${digest('sha256', sums)}-${parts.length}` : undefined
  state.objects.set(call.key, { bytes, etag, headers: upload.headers, checksum, lastModified: state.now() })
  state.uploads.delete(id)
  const inner = [
    element('Bucket', state.bucket),
    element('Key', call.key),
    element('ETag', `"${etag}"`),
    checksum === undefined ? '' : element('ChecksumSHA256', checksum),
  ]
  return { status: 200, headers: XML, body: document('CompleteMultipartUploadResult', inner.join('')) }
}

export function abortUpload(state: S3State, call: S3Call): S3Answer {
  state.uploads.delete(uploadOf(state, call).id)
  return { status: 204 }
}

export function uploadOf(state: S3State, call: S3Call): { readonly id: string; readonly upload: S3Upload } {
  const id = call.query.get('uploadId') ?? ''
  const upload = state.uploads.get(id)
  if (upload?.key !== call.key) throw new S3Refusal(404, 'NoSuchUpload')
  return { id, upload }
}

function chosenParts(upload: S3Upload, xml: string): S3Part[] {
  const numbers = textsOf(xml, 'PartNumber').map(Number)
  const etags = textsOf(xml, 'ETag')
  const sums = textsOf(xml, 'ChecksumSHA256')
  return numbers.map((number, index) => {
    const part = upload.parts.get(number)
    if (number <= (numbers[index - 1] ?? 0)) throw new S3Refusal(400, 'InvalidPartOrder')
    if (!part || etags[index] !== `"${part.etag}"`) throw new S3Refusal(400, 'InvalidPart')
    if (upload.hasChecksums && sums[index] !== part.checksum) throw new S3Refusal(400, 'InvalidPart')
    return part
  })
}

function verifySizes(parts: readonly S3Part[], { kin }: S3State): void {
  if (parts.length === 0) throw new S3Refusal(400, 'MalformedXML')
  for (const { bytes } of parts.slice(0, -1)) {
    if (bytes.byteLength < kin.minPartBytes) throw new S3Refusal(400, 'EntityTooSmall')
    if (kin.equalParts && bytes.byteLength !== parts[0]?.bytes.byteLength) throw new S3Refusal(400, 'InvalidPart')
  }
}

function etagOfParts(parts: readonly S3Part[], { kin }: S3State): string {
  if (kin.multipartEtag === 'random') return randomBytes(16).toString('hex')
  return `${md5(Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, 'hex'))))}-${parts.length}`
}
