import type { StoreFacts } from './store.ts'

/** What is known of a provider that speaks the S3 protocol. Code asks a fact of it, never its name. */
export interface StoreProfile {
  /** For people. */
  readonly name: string
  /** Matches the endpoint's host. */
  readonly host: RegExp
  /** `https://bucket.host/key`, or `https://host/bucket/key`. */
  readonly addressing: 'virtual' | 'path'
  /** Region to sign for when nobody names one. */
  readonly region: string | undefined
  /** What proves a request's body to the store: `x-amz-checksum-sha256`, or `Content-MD5`. */
  readonly checksum: 'sha256' | 'md5'
  /** Whether the ETag of an object sent in one request is its MD5; untrue with customer keys, and then a HEAD decides. */
  readonly etagIsMd5: boolean
  readonly conditionalWrites: StoreFacts['conditionalWrites']
  /** Whether CopyObject obeys `If-Match` and `If-None-Match` for its target. Otherwise we look first, which is not atomic. */
  readonly conditionalCopy: boolean
  readonly foldsUnicode: boolean
  /** Parts of one upload. */
  readonly maxParts: number
  /** Smallest part but the last, in bytes. */
  readonly minPartBytes: number
  /** Parts of one upload that may be on their way at once. */
  readonly partsInFlight: number
  /** Largest object, in bytes. */
  readonly objectBytes: number
  /** Where the row comes from. */
  readonly sources: readonly string[]
}

const MIB = 2 ** 20
const GIB = 2 ** 30

/** For hosts that no row knows: nothing is taken for granted. Stores on this machine are met through it as well. */
const CAREFUL: StoreProfile = {
  name: 'unknown',
  host: /^/,
  addressing: 'path',
  region: 'us-east-1',
  checksum: 'md5',
  etagIsMd5: true,
  conditionalWrites: 'unknown',
  conditionalCopy: false,
  foldsUnicode: false,
  // Scaleway, the lowest known. https://www.scaleway.com/en/docs/object-storage/
  maxParts: 1000,
  minPartBytes: 5 * MIB,
  partsInFlight: 2,
  objectBytes: 5000 * GIB,
  sources: [],
}

/** The first row that matches counts. */
const PROFILES: readonly StoreProfile[] = [
  {
    name: 'Amazon S3',
    host: /(^|\.)amazonaws\.com(\.cn)?$/,
    addressing: 'virtual',
    region: undefined,
    checksum: 'sha256',
    etagIsMd5: true,
    conditionalWrites: 'full',
    conditionalCopy: true,
    foldsUnicode: false,
    maxParts: 10_000,
    minPartBytes: 5 * MIB,
    partsInFlight: 4,
    objectBytes: 5 * 1024 * GIB,
    sources: [
      'https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html',
      'https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html',
    ],
  },
  {
    name: 'Cloudflare R2',
    host: /(^|\.)r2\.cloudflarestorage\.com$/,
    addressing: 'path',
    region: 'auto',
    checksum: 'md5',
    etagIsMd5: true,
    conditionalWrites: 'full',
    // Its own cf-copy-destination-if-* headers instead.
    conditionalCopy: false,
    foldsUnicode: true,
    maxParts: 10_000,
    minPartBytes: 5 * MIB,
    partsInFlight: 2,
    objectBytes: 4.995 * 1024 * GIB,
    sources: [
      'https://developers.cloudflare.com/r2/api/s3/api/',
      'https://developers.cloudflare.com/r2/reference/unicode-interoperability/',
      'https://developers.cloudflare.com/r2/platform/limits/',
    ],
  },
  {
    ...CAREFUL,
    name: 'MinIO',
    // MinIO runs under any host; this finds the ones that say so, the others are met with care.
    host: /(^|[.-])minio([.-]|$)/,
    checksum: 'sha256',
    conditionalWrites: 'full',
    maxParts: 10_000,
    partsInFlight: 4,
    sources: ['https://docs.min.io/enterprise/aistor-object-store/developers/s3-api-compatibility'],
  },
  CAREFUL,
]

/** The row for an endpoint's host; without an endpoint it is Amazon's. */
export function profileOf(endpoint: URL | undefined): StoreProfile {
  const host = endpoint?.hostname ?? 's3.amazonaws.com'
  return PROFILES.find((profile) => profile.host.test(host)) ?? CAREFUL
}

/** The least that we put into one part, in bytes: fewer requests, and enough to fill a line. */
const PART_BYTES = 8 * MIB

/** Bytes of every part but the last. All are equal because R2 wants them so. */
export function partBytesOf(size: number, { maxParts, minPartBytes }: StoreProfile): number {
  return Math.max(PART_BYTES, minPartBytes, Math.ceil(size / maxParts))
}
