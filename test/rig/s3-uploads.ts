import { randomBytes } from 'node:crypto'
import { digest, keptHeaders, md5, refuseAcl, verifyBody, verifyCondition } from './s3-checks.ts'
import { echo } from './s3-objects.ts'
import {
  document,
  element,
  header,
  type S3Answer,
  type S3Call,
  S3Refusal,
  type S3State,
  type S3Upload,
  textsOf,
  XML,
} from './s3-protocol.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MIN_PART_BYTES = 5 * 2 ** 20

export function createUpload(state: S3State, call: S3Call): S3Answer {
  refuseAcl(call)
  const id = randomBytes(8).toString('hex')
  const hasChecksums = header(call, 'x-amz-checksum-algorithm') === 'SHA256'
  state.uploads.set(id, { key: call.key, headers: keptHeaders(call), hasChecksums, parts: new Map() })
  const inner = element('Bucket', state.bucket) + element('Key', call.key) + element('UploadId', id)
  return { status: 200, headers: XML, body: document('InitiateMultipartUploadResult', inner) }
}

export function uploadPart(state: S3State, call: S3Call): S3Answer {
  const upload = uploadOf(state, call)
  const number = Number(call.query.get('partNumber'))
  if (!(number >= 1 && number <= 10_000)) throw new S3Refusal(400, 'InvalidArgument')
  const checksum = verifyBody(call, state)
  if (upload.hasChecksums && checksum === undefined) throw new S3Refusal(400, 'InvalidRequest', 'no part checksum')
  const etag = md5(call.body)
  upload.parts.set(number, { bytes: call.body, etag, checksum })
  return { status: 200, headers: { etag: `"${etag}"`, ...echo(checksum) } }
}

export function completeUpload(state: S3State, call: S3Call): S3Answer {
  const upload = uploadOf(state, call)
  const parts = chosenParts(upload, call.body.toString())
  verifySizes(parts, state)
  verifyCondition(call, state.objects.get(call.key))
  const bytes = Buffer.concat(parts.map((part) => part.bytes))
  const md5s = Buffer.concat(parts.map((part) => Buffer.from(part.etag, 'hex')))
  const etag = state.provider === 'r2' ? randomBytes(16).toString('hex') : `${md5(md5s)}-${parts.length}`
  const sums = Buffer.concat(parts.map((part) => Buffer.from(part.checksum ?? '', 'base64')))
  const checksum = upload.hasChecksums ? `${digest('sha256', sums)}-${parts.length}` : undefined
  state.objects.set(call.key, { bytes, etag, headers: upload.headers, checksum })
  state.uploads.delete(call.query.get('uploadId') ?? '')
  const inner = [
    element('Bucket', state.bucket),
    element('Key', call.key),
    element('ETag', `"${etag}"`),
    checksum === undefined ? '' : element('ChecksumSHA256', checksum),
  ]
  return { status: 200, headers: XML, body: document('CompleteMultipartUploadResult', inner.join('')) }
}

export function abortUpload(state: S3State, call: S3Call): S3Answer {
  uploadOf(state, call)
  state.uploads.delete(call.query.get('uploadId') ?? '')
  return { status: 204 }
}

type Part = S3Upload['parts'] extends Map<number, infer Value> ? Value : never

function chosenParts(upload: S3Upload, xml: string): Part[] {
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

function verifySizes(parts: readonly Part[], { provider }: S3State): void {
  if (parts.length === 0) throw new S3Refusal(400, 'MalformedXML')
  for (const { bytes } of parts.slice(0, -1)) {
    if (bytes.byteLength < MIN_PART_BYTES) throw new S3Refusal(400, 'EntityTooSmall')
    if (provider === 'r2' && bytes.byteLength !== parts[0]?.bytes.byteLength) throw new S3Refusal(400, 'InvalidPart')
  }
}

function uploadOf(state: S3State, call: S3Call): S3Upload {
  const upload = state.uploads.get(call.query.get('uploadId') ?? '')
  if (upload?.key !== call.key) throw new S3Refusal(404, 'NoSuchUpload')
  return upload
}
