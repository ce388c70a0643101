import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { LadingError, printable } from '../errors.ts'
import { profileOf, type StoreProfile } from './profiles.ts'
import { type Line, openLine, type Renewal } from './s3-line.ts'
import { boundAnswers, noteDates, useContentMd5 } from './s3-wire.ts'
import type { Learnt } from './store.ts'

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
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
}

/** A bucket and how to talk to it. */
export interface Bucket {
  readonly name: string
  readonly line: Line
  /** What is known of the service by now, not only when it was opened. */
  readonly profile: StoreProfile
  readonly requestTimeoutMs: number
  /** The profile that the caller named, for messages. */
  readonly credentialsProfile?: string | undefined
}

/** How long a connection may take to come about, in milliseconds. */
const CONNECT_MS = 5000

const nothing = (): void => undefined
const SILENT = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing }

/** @throws E_ENDPOINT */
export function openBucket(options: S3Options): Bucket {
  const env = options.env ?? process.env
  const endpoint = checkedEndpoint(options.endpoint ?? env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL, options)
  const row = options.service ?? profileOf(endpoint)
  const region = options.region ?? row.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION
  const isMd5Wanted = (): boolean => bucket.profile.checksum === 'md5'
  const line = openLine((renewal) => {
    const config = clientConfig(options, row, endpoint)
    const client = new S3Client({ ...config, ...(region !== undefined && { region }), ...renewed(renewal) })
    noteDates(client)
    boundAnswers(client)
    useContentMd5(client, isMd5Wanted)
    return client
  })
  const bucket: Bucket = {
    name: options.bucket,
    line,
    get profile(): StoreProfile {
      const known = { ...row, ...options.learnt?.facts }
      return line.checksumsRefusedAt === undefined ? known : { ...known, checksum: 'md5' }
    },
    requestTimeoutMs: options.requestTimeoutMs,
    credentialsProfile: options.profile,
  }
  return bucket
}

function clientConfig(options: S3Options, row: StoreProfile, endpoint: URL | undefined): S3ClientConfig {
  const { requestTimeoutMs, concurrency } = options
  return {
    ...(endpoint && { endpoint: endpoint.href }),
    ...credentialsOf(options, options.env ?? process.env),
    // A name with dots breaks the certificate of bucket.host.
    forcePathStyle: row.addressing === 'path' || options.bucket.includes('.'),
    // Ours is the one layer that tries again.
    maxAttempts: 1,
    // We give every body's checksum ourselves.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      // Before the time of the whole request is up, so that it is known what there was no time for.
      connectionTimeout: Math.min(CONNECT_MS, requestTimeoutMs * 0.9),
      socketTimeout: requestTimeoutMs,
      // It would print to the console that connections are short, which with large bodies is as it should be.
      logger: SILENT,
      httpAgent: { keepAlive: true, maxSockets: concurrency + 8 },
      httpsAgent: { keepAlive: true, maxSockets: concurrency + 8 },
    },
  }
}

/** `ignoreCache` reaches the providers of credentials, which otherwise read each file once in a process. */
function renewed({ region, isFresh, before }: Renewal): S3ClientConfig {
  return {
    ...(region !== undefined && { region }),
    ...(before && { requestHandler: before.config.requestHandler }),
    ...(isFresh && { ignoreCache: true }),
  }
}

function credentialsOf({ profile }: S3Options, env: NonNullable<S3Options['env']>): S3ClientConfig {
  if (profile !== undefined) return { profile }
  const accessKeyId = env.AWS_ACCESS_KEY_ID
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY
  const sessionToken = env.AWS_SESSION_TOKEN
  // From `env` rather than by the SDK's own look at process.env, which a caller may not mean.
  if (accessKeyId && secretAccessKey) {
    return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } }
  }
  return {}
}

function checkedEndpoint(text: string | undefined, { allowInsecure }: S3Options): URL | undefined {
  if (text === undefined || text === '') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  // By the text: a password with a "/" in it is a path to the parser.
  const hasUserInfo = /@|%40/i.test(text)
  if (!(url && /^https?:$/.test(url.protocol)) || hasUserInfo) {
    const shown = printable(text.replace(/[?#].*/s, '')).slice(0, 80)
    throw new LadingError('E_ENDPOINT', 'the endpoint is not an address', {
      why: hasUserInfo ? 'it holds a user name or password' : `"${shown}" is no http(s) URL`,
      hint: 'Write it like https://ACCOUNT.r2.cloudflarestorage.com',
    })
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !allowInsecure) {
    throw new LadingError('E_ENDPOINT', `the endpoint ${url.host} is plain http`, {
      subject: url.host,
      why: 'whoever is on the way could read and change what is sent',
      hint: 'Use https, or set `allowInsecure` for a network that you trust.',
    })
  }
  return url
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}
