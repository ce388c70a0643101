/** What a server makes of a condition that a request states. */
export type ConditionRule = 'honoured' | 'ignored' | 501

/** How a kind of server differs from the others. One row of the table in `s3-kin.ts`. */
export interface Kin {
  /** No row is the provider itself: it is what documents and users' reports say of it, acted out in this process. */
  readonly simulated: true
  readonly title: string
  readonly sources: readonly string[]
  /** What the sources leave open, and what the row does there. */
  readonly guess?: string
  /** `If-None-Match: *` of PutObject and CompleteMultipartUpload. */
  readonly create: ConditionRule
  /** `If-Match` of PutObject and CompleteMultipartUpload. */
  readonly replace: ConditionRule
  /** Both conditions of CopyObject's target. */
  readonly copy: ConditionRule
  /** The condition of CopyObject's source. @default 'honoured' */
  readonly copySource?: 'honoured' | 'ignored'
  /** `If-Match` of DeleteObject. */
  readonly remove: ConditionRule
  /** Request headers that are answered with an error. Every other checksum is verified. */
  readonly refuses?: { readonly headers: RegExp; readonly status: 400 | 501 }
  /** `encoding-type=url` of listings. */
  readonly listEncoding: 'honoured' | 'ignored'
  /** Whether keys are folded to NFC. */
  readonly foldsUnicode: boolean
  /** Writes to one key within a time; more are answered with 429. Held only with the option `isPaced`. */
  readonly pace?: { readonly writes: number; readonly perMs: number }
  /** Bytes of an object's user metadata, names and values. */
  readonly metadataBytes: number
  readonly maxParts: number
  /** In bytes, but for the last part. */
  readonly minPartBytes: number
  /** Whether all parts but the last have to be of one size. */
  readonly equalParts: boolean
  /** ETag of an object sent in one request: its MD5, or what tells nothing, as with keys of a KMS. */
  readonly etag: 'md5' | 'opaque'
  readonly multipartEtag: 'md5-of-md5s' | 'random'
  /** What `x-amz-metadata-directive: REPLACE` does with headers that are not said again. */
  readonly onReplace: 'drops' | 'keeps'
  /** Headers that are taken and not stored, by lower-case name. */
  readonly forgets: readonly string[]
  /** Whether ListMultipartUploads finds uploads by a prefix, or only by their whole key. */
  readonly uploadsFoundBy: 'prefix' | 'key'
  /** How long an object is missing from listings after it was written. */
  readonly listingLagMs: number
}
