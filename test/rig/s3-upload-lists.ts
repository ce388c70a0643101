import { encodingOf } from './s3-listing.ts'
import {
  document,
  element,
  folded,
  isoDate,
  type S3Answer,
  type S3Call,
  type S3State,
  type S3Upload,
  XML,
} from './s3-protocol.ts'
import { uploadOf } from './s3-uploads.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export function listUploads(state: S3State, { query }: S3Call): S3Answer {
  const prefix = folded(query.get('prefix') ?? '', state)
  const marker = { key: query.get('key-marker') ?? '', id: query.get('upload-id-marker') ?? '' }
  const size = Math.min(Number(query.get('max-uploads') ?? state.maxKeys), state.maxKeys)
  const { isEncoded, shown } = encodingOf(state, query)
  const isAsked = (key: string): boolean =>
    state.kin.uploadsFoundBy === 'key' ? key === prefix : key.startsWith(prefix)

  const rest = [...state.uploads]
    .map(([id, upload]) => ({ id, upload, key: upload.key }))
    .filter((row) => isAsked(row.key) && isAfter(row, marker))
    .sort((a, b) => compared(a.key, b.key) || compared(a.id, b.id))
  const page = rest.slice(0, size)
  const last = page.at(-1)
  const isTruncated = rest.length > page.length
  const inner = [
    element('Bucket', state.bucket),
    element('KeyMarker', shown(marker.key)),
    element('UploadIdMarker', marker.id),
    isTruncated && last ? element('NextKeyMarker', shown(last.key)) : '',
    isTruncated && last ? element('NextUploadIdMarker', last.id) : '',
    element('Prefix', shown(prefix)),
    isEncoded ? element('EncodingType', 'url') : '',
    element('MaxUploads', size),
    element('IsTruncated', isTruncated),
    ...page.map(({ id, upload }) => uploadRow(id, shown(upload.key), upload)),
  ]
  return { status: 200, headers: XML, body: document('ListMultipartUploadsResult', inner.join('')) }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export function listParts(state: S3State, call: S3Call): S3Answer {
  const { id, upload } = uploadOf(state, call)
  const marker = Number(call.query.get('part-number-marker') ?? 0)
  const size = Math.min(Number(call.query.get('max-parts') ?? state.maxKeys), state.maxKeys)
  const rest = [...upload.parts].filter(([number]) => number > marker).sort(([a], [b]) => a - b)
  const page = rest.slice(0, size)
  const isTruncated = rest.length > page.length
  const rows = page.map(([number, { bytes, etag, checksum, lastModified }]) => {
    const inner = [
      element('PartNumber', number),
      element('LastModified', isoDate(lastModified)),
      element('ETag', `"${etag}"`),
      element('Size', bytes.byteLength),
      checksum === undefined ? '' : element('ChecksumSHA256', checksum),
    ]
    return `<Part>${inner.join('')}</Part>`
  })
  const inner = [
    element('Bucket', state.bucket),
    element('Key', upload.key),
    element('UploadId', id),
    element('PartNumberMarker', marker),
    isTruncated ? element('NextPartNumberMarker', page.at(-1)?.[0] ?? marker) : '',
    element('MaxParts', size),
    element('IsTruncated', isTruncated),
    upload.hasChecksums ? element('ChecksumAlgorithm', 'SHA256') : '',
    ...rows,
  ]
  return { status: 200, headers: XML, body: document('ListPartsResult', inner.join('')) }
}

interface Position {
  readonly key: string
  readonly id: string
}

/** The key alone says where to go on unless an upload of it is named as well. */
function isAfter(row: Position, marker: Position): boolean {
  const order = compared(row.key, marker.key)
  return order > 0 || (order === 0 && marker.key !== '' && marker.id !== '' && row.id > marker.id)
}

function uploadRow(id: string, shown: string, { initiated }: S3Upload): string {
  const inner = [element('Key', shown), element('UploadId', id), element('Initiated', isoDate(initiated))]
  return `<Upload>${inner.join('')}</Upload>`
}

function compared(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
