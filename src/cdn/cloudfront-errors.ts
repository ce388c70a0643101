import { type ErrorCode, type ErrorFacts, LadingError, printable } from '../errors.ts'
import { abortedError } from '../store/abort.ts'
import { failureOf, type S3Failure } from '../store/s3-failure.ts'

/** What was asked of CloudFront when it failed. */
export interface CloudFrontRequest {
  /** The permission that the request needs: `cloudfront:CreateInvalidation`. */
  readonly action: string
  readonly distribution: string
  readonly signal: AbortSignal | undefined
}

/** Longest piece of a foreign message that we repeat. */
const QUOTE = 200

/** Turns whatever the SDK threw into one of our errors. Nothing of the request's headers or options enters it. */
export function cloudFrontError(error: unknown, request: CloudFrontRequest): LadingError {
  if (error instanceof LadingError) return error
  if (request.signal?.aborted) return abortedError(request.signal)
  const failure = failureOf(error)
  let found: Description | undefined
  for (const reading of [credentials, connection, byName, byStatus]) found ??= reading(failure, request)
  const { code, message, facts } = found ?? described('E_CDN', `${request.action} failed`, { why: quoted(failure) })
  return new LadingError(code, message, { subject: request.distribution, ...facts, cause: failure })
}

interface Description {
  readonly code: ErrorCode
  readonly message: string
  readonly facts: ErrorFacts
}

type Reading = (failure: S3Failure, request: CloudFrontRequest) => Description | undefined

const NO_CREDENTIALS = new Set(['CredentialsProviderError', 'ProviderError', 'TokenProviderError'])
const BAD_CREDENTIALS =
  /^(ExpiredToken|InvalidClientTokenId|InvalidAccessKeyId|InvalidToken|SignatureDoesNotMatch|UnrecognizedClient|MissingAuthenticationToken|IncompleteSignature)/

const credentials: Reading = ({ name }) => {
  if (NO_CREDENTIALS.has(name)) {
    return described('E_CREDENTIALS', 'no credentials were found for CloudFront', {
      hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile: cloudfront:ID?profile=NAME',
    })
  }
  if (!BAD_CREDENTIALS.test(name)) return undefined
  return described('E_CREDENTIALS', 'CloudFront does not accept the credentials', {
    why: `it answered ${name}`,
    hint: 'Those of a store elsewhere are no credentials of AWS; name others with cloudfront:ID?profile=NAME',
  })
}

const PASSING_CODES = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENETUNREACH'])
/** Node's codes of the line and of TLS. */
const CODES = /^(E[A-Z]{3,}|EAI_AGAIN|.*(CERT|TLS|SSL|UNABLE_TO).*)$/

const connection: Reading = ({ name, message, codes }, { action }) => {
  const code = codes.find((found) => CODES.test(found)) ?? (message === 'socket hang up' ? 'ECONNRESET' : undefined)
  // The SDK calls a connection that broke a timeout, too.
  if (name === 'TimeoutError' && (code === undefined || code === 'ETIMEDOUT')) {
    return described('E_TIMEOUT', `no answer in time to ${action}`, {
      hint: 'Raise `requestTimeoutMs` if this goes on.',
      retryable: true,
    })
  }
  if (code === undefined) return undefined
  return described('E_UNREACHABLE', `CloudFront cannot be reached for ${action}`, {
    why: `the connection ended with ${code}`,
    hint: 'Check `endpoint` and the network.',
    retryable: PASSING_CODES.has(code),
  })
}

const byName: Reading = (failure, { distribution }) => {
  if (failure.name === 'NoSuchDistribution') {
    return described('E_CDN', `there is no distribution "${distribution}"`, {
      hint: 'Its ID is in the list of distributions, in the account that the credentials belong to.',
    })
  }
  if (failure.name !== 'TooManyInvalidationsInProgress') return undefined
  return described('E_THROTTLED', 'the distribution has too many invalidations in progress', {
    why: 'at most 3,000 paths and 15 wildcards may be',
    hint: 'Try again when they are done, or lower `budget`.',
    retryable: true,
    retryAfterMs: failure.retryAfterMs,
  })
}

const THROTTLED_NAMES = /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|PriorRequestNotComplete/

const byStatus: Reading = (failure, { action, distribution }) => {
  const { name, status = 0, retryAfterMs } = failure
  if (status === 429 || THROTTLED_NAMES.test(name)) {
    return described('E_THROTTLED', `CloudFront is asked too much at ${action}`, {
      why: `it answered ${status} ${quoted(failure)}`,
      retryable: true,
      retryAfterMs,
    })
  }
  if (status >= 500) {
    return described('E_CDN', `CloudFront failed at ${action}`, {
      why: `it answered ${status} ${quoted(failure)}`,
      retryable: true,
      retryAfterMs,
    })
  }
  if (status === 401 || status === 403) {
    return described('E_ACCESS_DENIED', `access denied: ${action}`, {
      why: `the credentials do not allow it`,
      hint: `Allow ${action} on arn:aws:cloudfront::ACCOUNT:distribution/${distribution} in the policy of the role or user.`,
    })
  }
  if (status === 0) return undefined
  // Succeeded or led elsewhere, and the SDK could not read it.
  if (status < 400)
    return described('E_CDN', `the answer to ${action} is not CloudFront's`, { why: `status ${status}` })
  return described('E_CDN', `CloudFront refused ${action}`, { why: `${status} ${quoted(failure)}` })
}

function described(code: ErrorCode, message: string, facts: ErrorFacts): Description {
  return { code, message, facts }
}

function quoted({ name, message }: S3Failure): string {
  return printable(message === '' || message === name ? name : `${name}: ${message}`).slice(0, QUOTE)
}
