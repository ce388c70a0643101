import { DIGEST, DIGEST_HEADER } from '../objects.ts'
import type { Operations } from '../operations.ts'
import { EMPTY_PAYLOAD } from './sign.ts'

/** One operation as HTTP knows it, before it is signed. */
export interface PlainRequest {
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'PUT'
  /** Undefined for requests of the bucket. */
  readonly key: string | undefined
  readonly query?: Readonly<Record<string, string>> | undefined
  /** The caller may add to them. */
  readonly headers: Record<string, string | undefined>
  readonly body?: Uint8Array | undefined
  /** SHA-256 of the body, in hex. */
  readonly payload: string
}

/** The frequent operations, sent by us. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html */
export interface FastOperations
  extends Pick<
    Operations,
    'CopyObject' | 'DeleteObject' | 'GetObject' | 'HeadObject' | 'ListObjectsV2' | 'PutObject' | 'UploadPart'
  > {}

type Build<N extends keyof FastOperations> = (input: Operations[N]['input']) => PlainRequest

export const BUILD: { readonly [N in keyof FastOperations]: Build<N> } = {
  PutObject(input) {
    const headers = described(input)
    headers['content-type'] ??= 'application/octet-stream'
    headers['x-amz-checksum-sha256'] = input.ChecksumSHA256
    headers['content-md5'] = input.ContentMD5
    return { method: 'PUT', key: input.Key, headers, query: undefined, body: input.Body, payload: input.sha256 }
  },

  CopyObject(input) {
    const headers = described(input)
    headers['x-amz-copy-source'] = input.CopySource
    headers['x-amz-copy-source-if-match'] = input.CopySourceIfMatch
    headers['x-amz-metadata-directive'] = input.MetadataDirective
    return { method: 'PUT', key: input.Key, headers, payload: EMPTY_PAYLOAD }
  },

  UploadPart: (input) => ({
    method: 'PUT',
    key: input.Key,
    query: { partNumber: String(input.PartNumber), uploadId: input.UploadId ?? '' },
    headers: {
      'content-type': 'application/octet-stream',
      'x-amz-checksum-sha256': input.ChecksumSHA256,
      'content-md5': input.ContentMD5,
    },
    body: input.Body,
    payload: input.sha256,
  }),

  DeleteObject: ({ Key, IfMatch }) => ({
    method: 'DELETE',
    key: Key,
    headers: { 'if-match': IfMatch },
    payload: EMPTY_PAYLOAD,
  }),

  GetObject: ({ Key, Range }) => ({ method: 'GET', key: Key, headers: { range: Range }, payload: EMPTY_PAYLOAD }),

  HeadObject: ({ Key }) => ({ method: 'HEAD', key: Key, headers: {}, payload: EMPTY_PAYLOAD }),

  ListObjectsV2: ({ Prefix, Delimiter, ContinuationToken, StartAfter, EncodingType }) => ({
    method: 'GET',
    key: undefined,
    query: {
      'list-type': '2',
      ...(Prefix && { prefix: Prefix }),
      ...(Delimiter !== undefined && { delimiter: Delimiter }),
      ...(ContinuationToken !== undefined && { 'continuation-token': ContinuationToken }),
      ...(StartAfter !== undefined && { 'start-after': StartAfter }),
      ...(EncodingType !== undefined && { 'encoding-type': EncodingType }),
    },
    headers: {},
    payload: EMPTY_PAYLOAD,
  }),
}

/**
 * The headers and conditions of a write. All names at once, whether they have a value or not: adding them to the object
 * one by one costs several times as much.
 */
function described(
  input: Omit<Operations['CopyObject']['input'], 'Bucket' | 'Key' | 'CopySource'>,
): PlainRequest['headers'] {
  const headers: PlainRequest['headers'] = {
    host: undefined,
    'content-type': input.ContentType,
    'cache-control': input.CacheControl,
    'content-disposition': input.ContentDisposition,
    'content-encoding': input.ContentEncoding,
    'content-language': input.ContentLanguage,
    'if-match': input.IfMatch,
    'if-none-match': input.IfNoneMatch,
    'x-amz-meta-lading-sha256': undefined,
    'x-amz-checksum-sha256': undefined,
    'content-md5': undefined,
  }
  for (const name in input.Metadata) headers[metaHeader(name)] = input.Metadata[name] ?? ''
  return headers
}

const metaHeader = (name: string): string => (name === DIGEST ? DIGEST_HEADER : `x-amz-meta-${name}`)
