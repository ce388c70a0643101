import type { Learnt } from '../store.ts'
import { checkedEndpoint } from './endpoint.ts'
import { profileOf, type StoreProfile } from './profiles.ts'
import type { WireSetup } from './setup.ts'
import type { FastWire } from './transport/fast.ts'
import { type Line, openLine } from './transport/line.ts'
import { createWire } from './transport/transport.ts'

export interface S3Options {
  readonly bucket: string
  /** Address of an S3-compatible service. @default AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, else Amazon's */
  readonly endpoint?: string | undefined
  /** @default the provider's own, else AWS_REGION or the credentials' profile */
  readonly region?: string | undefined
  /** Credentials' profile in `~/.aws`. @default AWS_PROFILE */
  readonly profile?: string | undefined
  /** How long one request may take, in milliseconds; large bodies get more by their size. */
  readonly requestTimeoutMs: number
  /** Requests at once. */
  readonly concurrency: number
  /** Control characters in keys. @default false */
  readonly allowControl?: boolean | undefined
  /** Plain http to a host other than this machine. @default false */
  readonly allowInsecure?: boolean | undefined
  /** What is known of the service. @default the row for the endpoint's host */
  readonly service?: StoreProfile | undefined
  /** What a probe has found out, which outranks `service`. Read at every request. */
  readonly learnt?: Learnt | undefined
  /** Who signs and sends single objects and listings: `sdk` leaves them to the AWS SDK as well. @default 'fast' */
  readonly transport?: 'fast' | 'sdk' | undefined
  /** Sends through undici, even without a proxy. @default false */
  readonly isUndici?: boolean | undefined
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
}

/** A bucket and how to talk to it. */
export interface Bucket {
  readonly name: string
  /** Where its service is, if an endpoint says so: `127.0.0.1:9000`. */
  readonly host: string | undefined
  readonly line: Line
  /** What is known of the service by now, not only when it was opened. */
  readonly profile: StoreProfile
  /**
   * Whether the store itself refuses a body that is not what its SHA-256 says: it has done so for a probe, and has told
   * in this run what it received.
   */
  readonly checksBodies: boolean
  readonly requestTimeoutMs: number
  /** Whether the store obeys `StartAfter`; true until a listing shows otherwise. */
  readonly listing: { startsAnywhere: boolean }
}

/** @throws E_ENDPOINT */
export function openBucket(options: S3Options): Bucket {
  const env = options.env ?? process.env
  const given = options.endpoint ?? env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL
  const endpoint = checkedEndpoint(given, options.allowInsecure)
  const row = options.service ?? profileOf(endpoint)
  const setup: WireSetup = {
    options,
    endpoint,
    region: options.region ?? row.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION,
    // A name with dots breaks the certificate of bucket.host.
    isPathStyle: row.addressing === 'path' || options.bucket.includes('.'),
    isMd5Wanted: () => bucket.profile.checksum === 'md5',
  }
  const line = openLine<FastWire>((renewal) => createWire(setup, renewal))
  const profile = createProfile(row)
  const bucket: Bucket = {
    name: options.bucket,
    host: endpoint?.host,
    line,
    get profile(): StoreProfile {
      return profile(options.learnt?.facts, line.checksumsRefusedAt !== undefined)
    },
    get checksBodies(): boolean {
      return line.tellsChecksums && options.learnt?.facts !== undefined && bucket.profile.checksum === 'sha256'
    },
    requestTimeoutMs: options.requestTimeoutMs,
    listing: { startsAnywhere: true },
  }
  return bucket
}

/** Read several times for every request, so it is cached until one of its inputs changes. */
function createProfile(row: StoreProfile): (facts: Learnt['facts'], refusesChecksums: boolean) => StoreProfile {
  let last: { readonly facts: Learnt['facts']; readonly refusesChecksums: boolean; readonly profile: StoreProfile } = {
    ...{ facts: undefined, refusesChecksums: false, profile: row },
  }
  return (facts, refusesChecksums) => {
    if (last.facts === facts && last.refusesChecksums === refusesChecksums) return last.profile
    const profile: StoreProfile = { ...row, ...facts, ...(refusesChecksums && { checksum: 'md5' as const }) }
    last = { facts, refusesChecksums, profile }
    return profile
  }
}
