import type { ListedPage, Operations, ReceivedObject } from '../operations.ts'
import type { HttpAnswer, HttpHead } from './http.ts'
import { readListing, textOf } from './listing.ts'
import type { FastOperations } from './requests.ts'

/** The name of a body that is not an object store's. */
export const UNREADABLE = 'Unreadable'

type Read<N extends keyof FastOperations> = (answer: HttpAnswer) => Operations[N]['output']

/** Turns answers into the SDK's types, as far as their fields are used. */
export const READ: { readonly [N in keyof FastOperations]: Read<N> } = {
  PutObject: receipt,
  UploadPart: receipt,
  CopyObject: copied,
  DeleteObject: ({ status }) => ({ $metadata: { httpStatusCode: status } }),
  HeadObject: ({ headers }) => described(headers),
  GetObject: ({ headers, body }): ReceivedObject => ({
    ...described(headers),
    ContentRange: headers['content-range'],
    receive: async () => body,
    discard: () => undefined,
  }),
  ListObjectsV2({ status, headers, body }): ListedPage {
    const page = readListing(body.toString('utf8'))
    if (page === undefined) throw new Refusal(UNREADABLE, { status, headers })
    return page
  },
}

function receipt({ headers }: HttpAnswer): { ETag?: string; ChecksumSHA256?: string } {
  const etag = headers.etag
  const sha256 = headers['x-amz-checksum-sha256']
  return { ...(etag !== undefined && { ETag: etag }), ...(sha256 !== undefined && { ChecksumSHA256: sha256 }) }
}

/**
 * A copy that takes long is answered with a 200 and whitespace at first; the body then tells the result, which may be a
 * failure. The SDK treats that as a 503, whatever its code, and an empty body as well.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
function copied(answer: HttpAnswer): Operations['CopyObject']['output'] {
  const { status, headers, body } = answer
  const xml = body.toString('utf8').trim()
  if (xml === '') throw new Refusal('InternalError', { status: 503, headers, message: 'S3 aborted request' })
  if (xml.endsWith('</Error>')) throw refusalOf({ ...answer, status: 503 }, false)
  if (!(/<CopyObjectResult[\s>]/.test(xml) && xml.endsWith('</CopyObjectResult>'))) {
    throw new Refusal(UNREADABLE, { status, headers })
  }
  return { CopyObjectResult: { ETag: textOf(xml, 'ETag') } }
}

const META = 'x-amz-meta-'

function described(headers: HttpHead['headers']) {
  const length = headers['content-length']
  const modified = Date.parse(headers['last-modified'] ?? '')
  const metadata: Record<string, string> = {}
  for (const name in headers) {
    if (name.startsWith(META)) metadata[name.slice(META.length)] = headers[name] ?? ''
  }
  return {
    ETag: headers.etag,
    ContentLength: length === undefined ? undefined : Number(length),
    ContentType: headers['content-type'],
    CacheControl: headers['cache-control'],
    ContentDisposition: headers['content-disposition'],
    ContentEncoding: headers['content-encoding'],
    ContentLanguage: headers['content-language'],
    LastModified: Number.isNaN(modified) ? undefined : new Date(modified),
    Metadata: metadata,
  }
}

interface RefusalFacts extends HttpHead {
  readonly message?: string | undefined
  /** Where the store says that the bucket lies. */
  readonly region?: string | undefined
  /** The request's header that it names as the culprit. */
  readonly header?: string | undefined
  readonly hasSetClock?: boolean
}

/** An error answer, or one that is not an object store's, with the fields of an SDK error. */
export class Refusal extends Error {
  override readonly name: string
  readonly $metadata: { readonly httpStatusCode: number; readonly clockSkewCorrected: boolean }
  readonly $response: { readonly headers: HttpHead['headers'] }
  readonly Region: string | undefined
  readonly Header: string | undefined

  constructor(name: string, { status, headers, message = '', region, header, hasSetClock = false }: RefusalFacts) {
    super(message)
    this.name = name
    this.$metadata = { httpStatusCode: status, clockSkewCorrected: hasSetClock }
    this.$response = { headers }
    this.Region = region
    this.Header = header
  }
}

/** The error in an answer. An answer to HEAD has no body, so only the status tells. */
export function refusalOf({ status, headers, body }: HttpAnswer, hasSetClock: boolean): Refusal {
  const xml = body.toString('utf8')
  const code = /<Error[\s>]/.test(xml) ? textOf(xml, 'Code') : undefined
  const facts = { status, headers, hasSetClock }
  if (code !== undefined) {
    const message = textOf(xml, 'Message')
    return new Refusal(code, { ...facts, message, region: textOf(xml, 'Region'), header: textOf(xml, 'Header') })
  }
  if (xml.trim() !== '') return new Refusal(UNREADABLE, facts)
  return new Refusal(status === 404 ? 'NotFound' : 'UnknownError', facts)
}
