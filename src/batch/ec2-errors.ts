import { LadingError, printable } from '../errors.ts'
import { abortedError } from '../store/abort.ts'
import { failureOf, type S3Failure } from '../store/s3-failure.ts'

/** What was asked of Auto Scaling when it failed. */
export interface Asked {
  /** The permission that the request needs: `autoscaling:SetDesiredCapacity`. */
  readonly action: string
  readonly group: string
  readonly signal: AbortSignal | undefined
}

const NO_CREDENTIALS = /^(Credentials|Token)?ProviderError$/
const BAD_CREDENTIALS =
  /^(ExpiredToken|InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient|IncompleteSignature)/
const THROTTLED = /Throttl|RequestLimitExceeded|TooManyRequests/
/** The group is changing, and the same call succeeds when it has. */
const BUSY = /^(ScalingActivityInProgress|ResourceContention)/

/** Longest piece of a foreign message that we repeat. */
const QUOTE = 200

/** Turns whatever the SDK threw into one of our errors. Nothing of the request's headers or options enters it. */
export function autoScalingError(error: unknown, { action, group, signal }: Asked): LadingError {
  if (error instanceof LadingError) return error
  if (signal?.aborted) return abortedError(signal)
  const failure = failureOf(error)
  const { name, status = 0, codes, hasSetClock } = failure
  const facts = { subject: group, cause: failure }
  const why = quoted(failure)
  if (NO_CREDENTIALS.test(name) || BAD_CREDENTIALS.test(name)) {
    return new LadingError('E_CREDENTIALS', 'Auto Scaling does not accept the credentials', {
      ...facts,
      why,
      hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile.',
      retryable: hasSetClock, // the next request is signed by the service's clock
    })
  }
  if (THROTTLED.test(name) || BUSY.test(name) || status === 429) {
    return new LadingError('E_THROTTLED', `Auto Scaling is busy at ${action}`, { ...facts, why, retryable: true })
  }
  if (status === 401 || status === 403) {
    return new LadingError('E_ACCESS_DENIED', `access denied: ${action}`, {
      ...facts,
      why: 'the credentials do not allow it',
      hint: `Allow ${action} on the group "${group}" in the policy of the role or user.`,
    })
  }
  if (name === 'TimeoutError' || codes.includes('ETIMEDOUT')) {
    return new LadingError('E_TIMEOUT', `no answer in time to ${action}`, { ...facts, retryable: true })
  }
  if (status === 0) {
    const code = codes[0] ?? name
    return new LadingError('E_UNREACHABLE', `Auto Scaling cannot be reached for ${action}`, {
      ...facts,
      why: `the connection ended with ${printable(code)}`,
      hint: 'Check the region, the endpoint and the network.',
      retryable: codes.length > 0,
    })
  }
  return new LadingError('E_FLEET', `Auto Scaling refused ${action}`, {
    ...facts,
    why,
    retryable: status >= 500 || hasSetClock,
  })
}

function quoted({ name, message }: S3Failure): string {
  return printable(message === '' || message === name ? name : `${name}: ${message}`).slice(0, QUOTE)
}
