import { createHash } from 'node:crypto'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { LadingError, printable } from '../errors.ts'
import { profileOf, type StoreProfile } from './profiles.ts'
import { type S3Request, s3Error } from './s3-errors.ts'

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
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
}

/** A bucket and how to talk to it. */
export interface Bucket {
  readonly name: string
  readonly client: S3Client
  readonly profile: StoreProfile
  readonly requestTimeoutMs: number
  /** The profile that the caller named, for messages. */
  readonly credentialsProfile?: string | undefined
}

/** What every request of the SDK is sent with. */
export interface SendOptions {
  readonly abortSignal?: AbortSignal
  readonly requestTimeout: number
}

/** The slowest line that we wait for, in bytes per millisecond. */
const SLOWEST = 50

/** How long a connection may take to come about, in milliseconds. */
const CONNECT_MS = 5000

const nothing = (): void => undefined
const SILENT = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing }

/** @throws E_ENDPOINT */
export function openBucket(options: S3Options): Bucket {
  const env = options.env ?? process.env
  const endpoint = checkedEndpoint(options.endpoint ?? env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL, options)
  const profile = options.service ?? profileOf(endpoint)
  const { requestTimeoutMs, concurrency } = options
  const region = options.region ?? profile.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION
  const client = new S3Client({
    ...(endpoint && { endpoint: endpoint.href }),
    ...(region !== undefined && { region }),
    ...credentialsOf(options, env),
    // A name with dots breaks the certificate of bucket.host.
    forcePathStyle: profile.addressing === 'path' || options.bucket.includes('.'),
    // Ours is the one layer that tries again.
    maxAttempts: 1,
    // We give every body's checksum ourselves.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: Math.min(CONNECT_MS, requestTimeoutMs),
      socketTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      // It would print to the console that connections are short, which with large bodies is as it should be.
      logger: SILENT,
      httpAgent: { keepAlive: true, maxSockets: concurrency + 8 },
      httpsAgent: { keepAlive: true, maxSockets: concurrency + 8 },
    },
  })
  if (profile.checksum === 'md5') useContentMd5(client)
  return { name: options.bucket, client, profile, requestTimeoutMs, credentialsProfile: options.profile }
}

/** One request: its time, its signal, and its failure as one of our errors. */
export async function ask<T>(
  bucket: Bucket,
  request: Omit<S3Request, 'bucket'> & { readonly bytes?: number },
  call: (options: SendOptions) => Promise<T>,
): Promise<T> {
  const requestTimeout = bucket.requestTimeoutMs + Math.ceil((request.bytes ?? 0) / SLOWEST)
  try {
    return await call({ requestTimeout, ...(request.signal && { abortSignal: request.signal }) })
  } catch (error) {
    throw (await profileError(error, bucket)) ?? s3Error(error, { ...request, bucket: bucket.name })
  }
}

/** A profile that does not exist has no region either, and the SDK misses the region first. */
async function profileError(error: unknown, { client, credentialsProfile }: Bucket): Promise<LadingError | undefined> {
  if (credentialsProfile === undefined) return undefined
  if (!(error instanceof Error && /^Region is missing/.test(error.message))) return undefined
  return client.config.credentials().then(
    () => undefined,
    () =>
      new LadingError('E_CREDENTIALS', `no credentials were found for the profile "${printable(credentialsProfile)}"`, {
        why: 'it has neither credentials nor a region in ~/.aws/credentials and ~/.aws/config',
        hint: 'Check the name after ?profile=; `aws configure list-profiles` shows those that exist.',
      }),
  )
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

/**
 * DeleteObjects must carry a checksum, and the SDK knows no MD5: where the newer headers are not understood, they
 * are taken off before the request is signed.
 */
function useContentMd5(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const request = args.request
      if (isDeleteObjects(request)) {
        for (const name of Object.keys(request.headers)) {
          if (/^x-amz-(sdk-)?checksum-/i.test(name)) delete request.headers[name]
        }
        request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64')
      }
      return next(args)
    },
    { step: 'build', priority: 'low', name: 'ladingContentMd5' },
  )
}

interface DeleteObjects {
  readonly headers: Record<string, string>
  readonly body: string | Uint8Array
}

function isDeleteObjects(request: unknown): request is DeleteObjects {
  if (typeof request !== 'object' || request === null) return false
  const { method, query, body } = request as { method?: unknown; query?: unknown; body?: unknown } // read, never trusted
  return (
    method === 'POST' &&
    typeof query === 'object' &&
    query !== null &&
    'delete' in query &&
    (typeof body === 'string' || body instanceof Uint8Array)
  )
}
