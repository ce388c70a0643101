import { type ErrorCode, type ErrorFacts, LadingError, printable } from '../errors.ts'
import { abortedError } from '../store/abort.ts'
import { failureOf, type S3Failure } from '../store/s3-failure.ts'

/** What was asked of SQS when it failed. */
export interface SqsRequest {
  /** The permission that the request needs: `sqs:SendMessage`. */
  readonly action: string
  /** The queue's address. */
  readonly queue: string
  readonly signal?: AbortSignal | undefined
}

/** Longest piece of a foreign message that we repeat. */
const QUOTE = 200

/** Turns whatever the SDK threw into one of our errors. Nothing of the request's headers or options enters it. */
export function sqsError(error: unknown, request: SqsRequest): LadingError {
  if (error instanceof LadingError) return error
  if (request.signal?.aborted) return abortedError(request.signal)
  const failure = failureOf(error)
  let found: Description | undefined
  for (const reading of [credentials, connection, byName, byStatus]) found ??= reading(failure, request)
  const { code, message, facts } = found ?? described('E_QUEUE', `${request.action} failed`, { why: quoted(failure) })
  return new LadingError(code, message, { subject: request.queue, ...facts, cause: failure })
}

interface Description {
  readonly code: ErrorCode
  readonly message: string
  readonly facts: ErrorFacts
}

type Reading = (failure: S3Failure, request: SqsRequest) => Description | undefined

const NO_CREDENTIALS = new Set(['CredentialsProviderError', 'ProviderError', 'TokenProviderError'])
const BAD_CREDENTIALS =
  /^(ExpiredToken|InvalidClientTokenId|InvalidAccessKeyId|InvalidToken|InvalidSecurity|SignatureDoesNotMatch|UnrecognizedClient|MissingAuthenticationToken|IncompleteSignature)/

const credentials: Reading = ({ name }) => {
  if (NO_CREDENTIALS.has(name)) {
    return described('E_CREDENTIALS', 'no credentials were found for SQS', {
      hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or give the instance a role.',
    })
  }
  if (!BAD_CREDENTIALS.test(name)) return undefined
  return described('E_CREDENTIALS', 'SQS does not accept the credentials', { why: `it answered ${name}` })
}

const PASSING_CODES = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENETUNREACH'])
/** Node's codes of the line and of TLS. */
const CODES = /^(E[A-Z]{3,}|EAI_AGAIN|.*(CERT|TLS|SSL|UNABLE_TO).*)$/

const connection: Reading = ({ name, message, codes }, { action }) => {
  const code = codes.find((found) => CODES.test(found)) ?? (message === 'socket hang up' ? 'ECONNRESET' : undefined)
  // The SDK calls a connection that broke a timeout, too.
  if (name === 'TimeoutError' && (code === undefined || code === 'ETIMEDOUT')) {
    return described('E_TIMEOUT', `no answer in time to ${action}`, { retryable: true })
  }
  if (code === undefined) return undefined
  return described('E_UNREACHABLE', `SQS cannot be reached for ${action}`, {
    why: `the connection ended with ${code}`,
    hint: "Check the queue's address and the network.",
    retryable: PASSING_CODES.has(code),
  })
}

const GONE =
  /^(QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue|QueueDeletedRecently|ResourceNotFoundException)$/
const THROTTLED = /Throttl|TooManyRequests|RequestLimitExceeded|^OverLimit$/

const byName: Reading = (failure, { action, queue }) => {
  const { name, status, retryAfterMs } = failure
  if (GONE.test(name)) {
    return described('E_NO_QUEUE', `there is no queue ${printable(queue)}`, {
      why: `SQS answered ${name} to ${action}`,
      hint: 'Check the address and the region, or create it: lading batch stack',
    })
  }
  if (!(status === 429 || THROTTLED.test(name))) return undefined
  return described('E_THROTTLED', `SQS is asked too much at ${action}`, {
    why: quoted(failure),
    retryable: true,
    retryAfterMs,
  })
}

const byStatus: Reading = (failure, { action, queue }) => {
  const { name, message, status = 0, retryAfterMs } = failure
  if (status >= 500) {
    const why = `it answered ${status} ${quoted(failure)}`
    return described('E_QUEUE', `SQS failed at ${action}`, { why, retryable: true, retryAfterMs })
  }
  if (status === 401 || status === 403 || name.startsWith('AccessDenied')) {
    return described('E_ACCESS_DENIED', `access denied: ${action}`, {
      why: 'the credentials do not allow it',
      hint: `Allow ${action} on the queue ${printable(queue)} in the policy of the role or user.`,
    })
  }
  // Ours is the mistake, or the text arrived damaged: then another attempt is worth it.
  if (/MD5/.test(message)) {
    return described('E_INTEGRITY', `the answer to ${action} is damaged`, { why: quoted(failure), retryable: true })
  }
  if (status === 0) return undefined
  if (status < 400) return described('E_QUEUE', `the answer to ${action} is not SQS's`, { why: `status ${status}` })
  return described('E_QUEUE', `SQS refused ${action}`, { why: `${status} ${quoted(failure)}` })
}

function described(code: ErrorCode, message: string, facts: ErrorFacts): Description {
  return { code, message, facts }
}

function quoted({ name, message }: S3Failure): string {
  return printable(message === '' || message === name ? name : `${name}: ${message}`).slice(0, QUOTE)
}
