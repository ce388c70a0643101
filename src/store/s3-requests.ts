import type { Digest } from '../model.ts'
import type { Operations } from './s3-operations.ts'
import { EMPTY_PAYLOAD } from './s3-sign.ts'

/** One operation as HTTP knows it, before it is signed. */
export interface PlainRequest {
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'PUT'
  /** Undefined for requests of the bucket. */
  readonly key: string | undefined
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body?: Uint8Array | undefined
  /** SHA-256 of the body, in hex. */
  readonly payload: string
}

/** The operations that are asked often enough to be sent by us. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html */
export interface FastOperations
  extends Pick<
    Operations,
    'CopyObject' | 'DeleteObject' | 'GetObject' | 'HeadObject' | 'ListObjectsV2' | 'PutObject' | 'UploadPart'
  > {}

type Build<N extends keyof FastOperations> = (input: Operations[N]['input']) => PlainRequest

export const BUILD: { readonly [N in keyof FastOperations]: Build<N> } = {
  PutObject: (input) => ({
    method: 'PUT',
    key: input.Key,
    headers: {
      'content-type': input.ContentType ?? 'application/octet-stream',
      ...described(input),
      ...checksums(input),
    },
    ...bodyOf(input),
  }),

  CopyObject: (input) => ({
    method: 'PUT',
    key: input.Key,
    headers: {
      'content-type': input.ContentType,
      ...described(input),
      'x-amz-copy-source': input.CopySource,
      'x-amz-copy-source-if-match': input.CopySourceIfMatch,
      'x-amz-metadata-directive': input.MetadataDirective,
    },
    payload: EMPTY_PAYLOAD,
  }),

  UploadPart: (input) => ({
    method: 'PUT',
    key: input.Key,
    query: { partNumber: String(input.PartNumber), uploadId: input.UploadId ?? '' },
    headers: { 'content-type': 'application/octet-stream', ...checksums(input) },
    ...bodyOf(input),
  }),

  DeleteObject: ({ Key, IfMatch }) => ({
    method: 'DELETE',
    key: Key,
    headers: { 'if-match': IfMatch },
    payload: EMPTY_PAYLOAD,
  }),

  GetObject: ({ Key, Range }) => ({ method: 'GET', key: Key, headers: { range: Range }, payload: EMPTY_PAYLOAD }),

  HeadObject: ({ Key }) => ({ method: 'HEAD', key: Key, headers: {}, payload: EMPTY_PAYLOAD }),

  ListObjectsV2: ({ Prefix, ContinuationToken, StartAfter, EncodingType }) => ({
    method: 'GET',
    key: undefined,
    query: {
      'list-type': '2',
      ...(Prefix && { prefix: Prefix }),
      ...(ContinuationToken !== undefined && { 'continuation-token': ContinuationToken }),
      ...(StartAfter !== undefined && { 'start-after': StartAfter }),
      ...(EncodingType !== undefined && { 'encoding-type': EncodingType }),
    },
    headers: {},
    payload: EMPTY_PAYLOAD,
  }),
}

/** What an object is to have but for its type, and under what condition. */
function described(
  input: Omit<Operations['CopyObject']['input'], 'Bucket' | 'Key' | 'CopySource'>,
): PlainRequest['headers'] {
  return {
    'cache-control': input.CacheControl,
    'content-disposition': input.ContentDisposition,
    'content-encoding': input.ContentEncoding,
    'content-language': input.ContentLanguage,
    'if-match': input.IfMatch,
    'if-none-match': input.IfNoneMatch,
    ...metadata(input.Metadata),
  }
}

interface Sent {
  readonly Body: Uint8Array
  readonly sha256: Digest
  readonly ChecksumSHA256?: string | undefined
  readonly ContentMD5?: string | undefined
}

/** The digest that proves the body is the one that signs it. */
function bodyOf({ Body, sha256 }: Sent): { readonly body: Uint8Array; readonly payload: string } {
  return { body: Body, payload: sha256 }
}

function checksums({ ChecksumSHA256, ContentMD5 }: Sent): PlainRequest['headers'] {
  return { 'x-amz-checksum-sha256': ChecksumSHA256, 'content-md5': ContentMD5 }
}

function metadata(fields: Readonly<Record<string, string>> | undefined): PlainRequest['headers'] {
  const headers: Record<string, string> = {}
  for (const name in fields) headers[`x-amz-meta-${name}`] = fields[name] ?? ''
  return headers
}
