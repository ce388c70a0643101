import { field, retryAfterMsOf } from '../words/answer-fields.ts'
import { type ErrorCode, type ErrorFacts, LadingError, printable } from '../words/errors.ts'

/** What came back, as far as it is read. */
export interface CloudflareAnswer {
  readonly status: number
  /** The `Retry-After` header. */
  readonly retryAfter: string | null
  readonly text: string
}

/** What every answer of the API is. https://developers.cloudflare.com/fundamentals/api/how-to/make-api-calls/ */
interface Envelope {
  readonly success: boolean
  /** `10000: Authentication error`. */
  readonly errors: readonly string[]
  readonly id: string | undefined
}

/** Most characters of Cloudflare's messages that we quote. */
const QUOTE = 200

export interface AnswerContext {
  readonly zone: string
  /** Masked in all messages, even where Cloudflare's own repeat it. */
  readonly token: string
}

/**
 * The id of the purge.
 *
 * @throws E_THROTTLED, E_CREDENTIALS, E_ACCESS_DENIED, E_CDN; retryable where it may pass
 */
export function readAnswer(answer: CloudflareAnswer, context: AnswerContext): string {
  const envelope = envelopeOf(answer.text)
  if (answer.status === 200 && envelope?.success && envelope.id !== undefined) return envelope.id
  const details = envelope?.errors.map((error) => masked(error, context.token)) ?? []
  const { code, message, facts } = refusal(answer, envelope)
  throw new LadingError(code, message, { subject: `zone ${context.zone}`, details, ...facts })
}

interface Description {
  readonly code: ErrorCode
  readonly message: string
  readonly facts: ErrorFacts
}

function refusal(answer: CloudflareAnswer, envelope: Envelope | undefined): Description {
  const { status } = answer
  const why = `it answered ${status}${envelope ? '' : ', not in the form of its API'}`
  const retryAfterMs = retryAfterMsOf(answer.retryAfter)
  if (status === 429) {
    const hint = 'Its limits are counted per account; try again later.'
    return described('E_THROTTLED', 'Cloudflare is asked to purge too much', {
      why,
      hint,
      retryable: true,
      retryAfterMs,
    })
  }
  if (status >= 500) return described('E_CDN', 'Cloudflare failed to purge', { why, retryable: true, retryAfterMs })
  if (envelope === undefined || (status < 400 && envelope.success)) {
    const hint = 'A proxy or the sign-in page of a network may have answered. Check the connection and `endpoint`.'
    return described('E_CDN', "the answer to the purge is not Cloudflare's", {
      why: `it is no answer of its API (status ${status})`,
      hint,
    })
  }
  if (status === 401) {
    const hint = 'Check CLOUDFLARE_API_TOKEN: it may have expired.'
    return described('E_CREDENTIALS', 'Cloudflare does not accept the token', { why, hint })
  }
  if (status === 403) {
    const hint = 'Give CLOUDFLARE_API_TOKEN the permission Zone > Cache Purge > Purge for this zone.'
    return described('E_ACCESS_DENIED', 'the token does not allow purging the zone', { why, hint })
  }
  return described('E_CDN', 'Cloudflare refused to purge', {
    why,
    hint: 'Check the ID of the zone and that `site` belongs to it.',
  })
}

function described(code: ErrorCode, message: string, facts: ErrorFacts): Description {
  return { code, message, facts }
}

function envelopeOf(text: string): Envelope | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return undefined
  }
  const success = field(body, 'success')
  const errors = messagesOf(field(body, 'errors'))
  if (typeof success !== 'boolean' || errors === undefined) return undefined
  // Its gateway leaves `messages` out when it refuses a token.
  if (success && messagesOf(field(body, 'messages')) === undefined) return undefined
  const id = field(field(body, 'result'), 'id')
  return { success, errors, id: typeof id === 'string' ? id : undefined }
}

/** `undefined` for anything but a list of `{code, message}`. */
function messagesOf(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined
  const texts = value.map((item: unknown) => {
    const code = field(item, 'code')
    const message = field(item, 'message')
    return Number.isInteger(code) && typeof message === 'string' ? `${code}: ${message}` : undefined
  })
  const known = texts.filter((text) => text !== undefined)
  return known.length === texts.length ? known : undefined
}

function masked(text: string, token: string): string {
  return printable(text.replaceAll(token, '***')).slice(0, QUOTE)
}
