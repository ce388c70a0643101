interface FailureFacts {
  readonly status: number | undefined
  /** Codes of Node (`ECONNREFUSED`), also those of an AggregateError's attempts. */
  readonly codes: readonly string[]
  readonly retryAfterMs: number | undefined
}

/**
 * What we keep of an error of the SDK, as the `cause` of ours. The original is not kept: it holds the response, and
 * through it the request with its headers.
 */
export class S3Failure extends Error {
  override readonly name: string
  readonly status: number | undefined
  readonly codes: readonly string[]
  readonly retryAfterMs: number | undefined

  constructor(name: string, message: string, { status, codes, retryAfterMs }: FailureFacts) {
    super(message)
    this.name = name
    this.status = status
    this.codes = codes
    this.retryAfterMs = retryAfterMs
  }
}

/** Reads an error of the SDK or of Node, without trusting its type. */
export function failureOf(error: unknown): S3Failure {
  const { name, message } = error instanceof Error ? error : { name: 'Unknown', message: '' }
  const nested = error instanceof AggregateError ? error.errors : []
  const cause = error instanceof Error ? error.cause : undefined
  const response = field(error, '$response')
  const codes = [error, cause, ...nested].map((one) => field(one, 'code')).filter((code) => typeof code === 'string')
  return new S3Failure(name, message, {
    status: numberIn(field(error, '$metadata'), 'httpStatusCode') ?? numberIn(response, 'statusCode'),
    codes,
    retryAfterMs: retryAfterMsOf(field(field(response, 'headers'), 'retry-after')),
  })
}

/** Seconds, or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfterMsOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now())
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function numberIn(value: unknown, name: string): number | undefined {
  const found = field(value, name)
  return typeof found === 'number' ? found : undefined
}
