import type * as Sdk from '@aws-sdk/client-s3'
import type { Digest } from '../../words/model.ts'
import type { Deadline } from './transport/deadline.ts'

interface Operation<I, O> {
  readonly input: I
  readonly output: Omit<O, '$metadata'>
}

/** The operations of S3 that we use, in the SDK's types, whoever sends them. */
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

/** Never a stream: the SDK cannot resend one, and frames it as `aws-chunked`, which some stores keep. */
type WithBytes<I> = Omit<I, 'Body'> & {
  readonly Body: Uint8Array
  /** Its SHA-256, for our own signer; the SDK computes it again. */
  readonly sha256: Digest
}

/** Only the fields that our own requests send: any other would be dropped silently. */
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
  /** The bytes of the answer; to be called once. */
  receive(ends: Pick<Deadline, 'signal'>): Promise<Uint8Array>
  /** Instead of `receive`: an answer that nobody reads would occupy its connection. */
  discard(): void
}

/** One page of a listing, as far as it is read. */
export type ListedPage = Pick<
  Sdk.ListObjectsV2CommandOutput,
  'Name' | 'IsTruncated' | 'NextContinuationToken' | 'EncodingType'
> & {
  readonly Contents?: readonly Pick<Sdk._Object, 'Key' | 'Size' | 'ETag'>[] | undefined
  readonly CommonPrefixes?: readonly Sdk.CommonPrefix[] | undefined
}

export type OperationName = keyof Operations

/** Sends one operation, under the deadline and the signal of the request that it is a part of. */
export type Call = <N extends OperationName>(
  operation: N,
  input: Operations[N]['input'],
) => Promise<Operations[N]['output']>

/** Deadline and hooks of one operation. */
export interface Passage {
  readonly deadline: Deadline
  /** Called after signing, as late as possible before the sending; what it throws stops the request. */
  guard(): void
  /** Whether `guard` may throw: then as little code as possible may run between it and the sending. */
  readonly isGuarded: boolean
  /** Called when all of the body has left this process, even after the answer; not at all where that is unknown. */
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
