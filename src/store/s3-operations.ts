import type * as Sdk from '@aws-sdk/client-s3'
import type { Digest } from '../model.ts'
import type { Deadline } from './s3-deadline.ts'

interface Operation<I, O> {
  readonly input: I
  readonly output: Omit<O, '$metadata'>
}

/** What is asked of S3, in the SDK's words, whoever sends it. */
export interface Operations {
  readonly AbortMultipartUpload: Operation<Sdk.AbortMultipartUploadCommandInput, Sdk.AbortMultipartUploadCommandOutput>
  readonly CompleteMultipartUpload: Operation<
    Sdk.CompleteMultipartUploadCommandInput,
    Sdk.CompleteMultipartUploadCommandOutput
  >
  readonly CopyObject: Operation<CopyInput, Pick<Sdk.CopyObjectCommandOutput, 'CopyObjectResult'>>
  readonly CreateMultipartUpload: Operation<
    Sdk.CreateMultipartUploadCommandInput,
    Sdk.CreateMultipartUploadCommandOutput
  >
  /** Its status tells more than its success. */
  readonly DeleteObject: {
    readonly input: Pick<Sdk.DeleteObjectCommandInput, 'Bucket' | 'Key' | 'IfMatch'>
    readonly output: Pick<Sdk.DeleteObjectCommandOutput, '$metadata'>
  }
  readonly DeleteObjects: Operation<Sdk.DeleteObjectsCommandInput, Sdk.DeleteObjectsCommandOutput>
  readonly GetObject: { readonly input: Sdk.GetObjectCommandInput; readonly output: ReceivedObject }
  readonly HeadObject: Operation<Sdk.HeadObjectCommandInput, Sdk.HeadObjectCommandOutput>
  readonly ListMultipartUploads: Operation<Sdk.ListMultipartUploadsCommandInput, Sdk.ListMultipartUploadsCommandOutput>
  readonly ListObjectsV2: { readonly input: Sdk.ListObjectsV2CommandInput; readonly output: ListedPage }
  readonly ListParts: Operation<Sdk.ListPartsCommandInput, Sdk.ListPartsCommandOutput>
  readonly PutObject: Operation<WithBytes<Sdk.PutObjectCommandInput>, Sdk.PutObjectCommandOutput>
  readonly UploadPart: Operation<WithBytes<Sdk.UploadPartCommandInput>, Sdk.UploadPartCommandOutput>
}

/** Never a stream: the SDK cannot send one again and frames it in chunks that some stores keep. */
type WithBytes<I> = Omit<I, 'Body'> & {
  readonly Body: Uint8Array
  /** Its SHA-256, for who signs; the SDK reckons it once more. */
  readonly sha256: Digest
}

/** Only what our own requests can say: another field would be lost on its way. */
export type CopyInput = Pick<
  Sdk.CopyObjectCommandInput,
  | 'Bucket'
  | 'Key'
  | 'CopySource'
  | 'CopySourceIfMatch'
  | 'IfMatch'
  | 'IfNoneMatch'
  | 'MetadataDirective'
  | 'ContentType'
  | 'CacheControl'
  | 'ContentDisposition'
  | 'ContentEncoding'
  | 'ContentLanguage'
  | 'Metadata'
>

export interface ReceivedObject extends Omit<Sdk.GetObjectCommandOutput, 'Body' | '$metadata'> {
  /** The bytes of the answer, once. */
  receive(ends: Pick<Deadline, 'signal'>): Promise<Uint8Array>
  /** Instead: an answer that nobody reads would keep its connection. */
  discard(): void
}

/** One page of a listing, as far as it is read. */
export type ListedPage = Pick<
  Sdk.ListObjectsV2CommandOutput,
  'Name' | 'IsTruncated' | 'NextContinuationToken' | 'EncodingType'
> & {
  readonly Contents?: readonly Pick<Sdk._Object, 'Key' | 'Size' | 'ETag'>[] | undefined
}

export type OperationName = keyof Operations

/** Sends one operation; what comes of it belongs to the time and the signal of the request that it is a part of. */
export type Call = <N extends OperationName>(
  operation: N,
  input: Operations[N]['input'],
) => Promise<Operations[N]['output']>

/** What surrounds one operation on its way. */
export interface Passage {
  readonly deadline: Deadline
  /** Called when it is signed and nothing but the connection is left; what it throws stops the request. */
  guard(): void
  /** Whether it may throw: as little as can be may then come between its word and the sending. */
  readonly isGuarded: boolean
  /** Called when the body has left this process as a whole, even after the answer. Who cannot tell does not call it. */
  left(): void
}

/** Who sends operations to one bucket, with one set of credentials, in one region. */
export interface Wire {
  send<N extends OperationName>(
    operation: N,
    input: Operations[N]['input'],
    passage: Passage,
  ): Promise<Operations[N]['output']>
  /** See `Store.warmUp`. */
  warmUp?(requests: number): void
}
