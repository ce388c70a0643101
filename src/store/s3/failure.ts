import { field, retryAfterMsOf } from '../../words/answer-fields.ts'

interface FailureFacts {
  readonly status: number | undefined
  /** Codes of Node (`ECONNREFUSED`), also those of an AggregateError's attempts. */
  readonly codes: readonly string[]
  readonly retryAfterMs: number | undefined
  /** Where the store says that the bucket lies. */
  readonly region?: string | undefined
  /** The request's header that the store names as the culprit. */
  readonly header?: string | undefined
  /** The host that was not found. */
  readonly host?: string | undefined
  /** Whether the SDK has set its clock by the answer. */
  readonly hasSetClock?: boolean | undefined
}

/**
 * What we keep of an error of the SDK, as the `cause` of ours. The original is not kept: it holds the response, and
 * through it the request with its headers.
 */
export class AwsFailure extends Error {
  override readonly name: string
  readonly status: number | undefined
  readonly codes: readonly string[]
  readonly retryAfterMs: number | undefined
  readonly region: string | undefined
  readonly header: string | undefined
  readonly host: string | undefined
  readonly hasSetClock: boolean

  constructor(name: string, message: string, facts: FailureFacts) {
    super(message)
    this.name = name
    this.status = facts.status
    this.codes = facts.codes
    this.retryAfterMs = facts.retryAfterMs
    this.region = facts.region
    this.header = facts.header
    this.host = facts.host
    this.hasSetClock = facts.hasSetClock ?? false
  }
}

const REDIRECTS = new Set([
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraint',
])

/** Whether the bucket lies in another region. https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html */
export function isRedirect({ name, status, region }: AwsFailure): boolean {
  // An answer to HEAD has no code. Other servers redirect, too, but name no region.
  return REDIRECTS.has(name) || ((status === 301 || status === 307) && region !== undefined)
}

/** Reads an error of the SDK or of Node, without trusting its type. */
export function failureOf(error: unknown): AwsFailure {
  const { name, message } = error instanceof Error ? error : { name: 'Unknown', message: '' }
  const nested = error instanceof AggregateError ? error.errors : []
  const cause = error instanceof Error ? error.cause : undefined
  const response = field(error, '$response')
  const headers = field(response, 'headers')
  const codes = [error, cause, ...nested].map((one) => field(one, 'code')).filter((code) => typeof code === 'string')
  return new AwsFailure(name, message, {
    status: numberIn(field(error, '$metadata'), 'httpStatusCode') ?? numberIn(response, 'statusCode'),
    codes,
    retryAfterMs: retryAfterMsOf(field(headers, 'retry-after')),
    region: regionIn(field(headers, 'x-amz-bucket-region')) ?? regionIn(field(error, 'Region')),
    header: textIn(error, 'Header'),
    host: textIn(error, 'hostname'),
    hasSetClock: field(field(error, '$metadata'), 'clockSkewCorrected') === true,
  })
}

/** Only what looks like a region: it becomes part of a host name. */
function regionIn(value: unknown): string | undefined {
  return typeof value === 'string' && /^[a-z0-9-]{2,40}$/.test(value) ? value : undefined
}

function numberIn(value: unknown, name: string): number | undefined {
  const found = field(value, name)
  return typeof found === 'number' ? found : undefined
}

function textIn(value: unknown, name: string): string | undefined {
  const found = field(value, name)
  return typeof found === 'string' ? found : undefined
}
