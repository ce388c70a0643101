import { type ErrorCode, type ErrorFacts, LadingError, printable } from '../words/errors.ts'
import { abortedError } from './abort.ts'
import { type AwsFailure, failureOf } from './s3/failure.ts'

/** Most characters of a service's message that we quote. */
const QUOTE = 200

/** What went wrong, in our words. */
export interface Description {
  readonly code: ErrorCode
  readonly message: string
  readonly facts: ErrorFacts
}

export function described(code: ErrorCode, message: string, facts: ErrorFacts): Description {
  return { code, message, facts }
}

/** The service's own words. */
export function quoted({ name, message }: Pick<AwsFailure, 'name' | 'message'>): string {
  return printable(message === '' || message === name ? name : `${name}: ${message}`).slice(0, QUOTE)
}

/** Names of the SDK's errors when it finds no credentials. */
export const NO_CREDENTIALS: ReadonlySet<string> = new Set([
  'CredentialsProviderError',
  'ProviderError',
  'TokenProviderError',
])

/**
 * Prefixes of the error names by which a service rejects the credentials; the status is 400 or 403, of versitygw's 404.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export const BAD_CREDENTIALS: RegExp =
  /^(ExpiredToken|IncompleteSignature|InvalidAccessKeyId|InvalidClientTokenId|InvalidSecurity|InvalidSignature|InvalidToken|MissingAuthenticationToken|SignatureDoesNotMatch|TokenRefreshRequired|UnrecognizedClient|XAdminUserNotFound)/

/** Transient network failures. */
export const PASSING_CODES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENETUNREACH',
])

/** Node's error codes for network and TLS failures. */
const CODES = /^(E[A-Z]{3,}|EAI_AGAIN|.*(CERT|TLS|SSL|UNABLE_TO).*)$/

/** The code of a network failure; `undefined` for any other failure. */
export function lineCode({ codes, message }: Pick<AwsFailure, 'codes' | 'message'>): string | undefined {
  return codes.find((code) => CODES.test(code)) ?? (message === 'socket hang up' ? 'ECONNRESET' : undefined)
}

/** What was asked of a service when it failed. */
export interface AwsRequest {
  /** The permission that the request needs: `sqs:SendMessage`. */
  readonly action: string
  /** Whose credentials signed it, where they are a profile's. */
  readonly profile?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What differs between services in the messages that they share. */
interface Service {
  /** For people. */
  readonly name: string
  readonly hints: {
    readonly noCredentials: string
    readonly badCredentials?: string
    readonly late?: string
    readonly line: string
  }
}

/** Recognises some failures. */
export type Reading<Request> = (failure: AwsFailure, request: Request) => Description | undefined

/** For every service: failures of the credentials and the network. */
export function commonReadings({ name: service, hints }: Service): readonly Reading<AwsRequest>[] {
  return [
    ({ name }, { profile }) => {
      if (NO_CREDENTIALS.has(name) && profile !== undefined) return noProfile(printable(profile), service)
      if (NO_CREDENTIALS.has(name)) {
        return described('E_CREDENTIALS', `no credentials were found for ${service}`, { hint: hints.noCredentials })
      }
      if (!BAD_CREDENTIALS.test(name)) return undefined
      return described('E_CREDENTIALS', `${service} does not accept the credentials`, {
        why: `it answered ${name}`,
        hint: hints.badCredentials,
      })
    },
    (failure, { action }) => {
      const code = lineCode(failure)
      // The SDK reports a broken connection as a timeout, too.
      if (failure.name === 'TimeoutError' && (code === undefined || code === 'ETIMEDOUT')) {
        return described('E_TIMEOUT', `no answer in time to ${action}`, { hint: hints.late, retryable: true })
      }
      if (code === undefined) return undefined
      return described('E_UNREACHABLE', `${service} cannot be reached for ${action}`, {
        why: `the connection ended with ${code}`,
        hint: hints.line,
        retryable: PASSING_CODES.has(code),
      })
    },
  ]
}

function noProfile(name: string, service: string): Description {
  return described(
    'E_CREDENTIALS',
    `no credentials were found for the profile "${name}", which ${service} is asked with`,
    {
      why: 'it has none that can be used in ~/.aws/credentials and ~/.aws/config',
      hint: `Check its name; \`aws configure list-profiles\` shows those that exist. With SSO, sign in: aws sso login --profile ${name}`,
    },
  )
}

interface Readings<Request> {
  readonly subject: string
  /** The first one that knows the failure counts. */
  readonly readings: readonly Reading<Request>[]
  /** When none does. */
  readonly otherwise: ErrorCode
}

/** Turns whatever the SDK threw into one of our errors. Nothing of the request's headers or options enters it. */
export function awsError<Request extends AwsRequest>(
  error: unknown,
  request: Request,
  { subject, readings, otherwise }: Readings<Request>,
): LadingError {
  if (error instanceof LadingError) return error
  if (request.signal?.aborted) return abortedError(request.signal)
  const failure = failureOf(error)
  let found: Description | undefined
  for (const reading of readings) found ??= reading(failure, request)
  const { code, message, facts } = found ?? described(otherwise, `${request.action} failed`, { why: quoted(failure) })
  // Where the SDK has corrected its clock by the answer, the next request's signature will be valid.
  const retryable = facts.retryable || failure.hasSetClock
  return new LadingError(code, message, { subject, ...facts, retryable, cause: failure })
}
