import type { Clock } from '../transfer/lease.ts'
import { VERSION } from '../version.ts'
import { LadingError } from '../words/errors.ts'
import type { Emit } from '../words/events.ts'
import { codeOf } from '../words/system-error.ts'

/** An answer of the live site. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Decoded; only when it was wanted and not too large. */
  readonly body?: Uint8Array
  /** The body was wanted and is larger than allowed. */
  readonly isTooLarge: boolean
}

/** Why there is none, in words. */
export interface NoAnswer {
  readonly failure: string
  readonly timedOut: boolean
}

export interface AskFor {
  /** Asked for with CORS, for a page of this origin. */
  readonly origin?: string | undefined
  /** Whether the body of this content type is read; otherwise the response is aborted after its headers. */
  readonly wants: (type: string) => boolean
}

export type Ask = (url: string, what: AskFor) => Promise<Answer | NoAnswer>

export interface AskOptions {
  readonly requestTimeoutMs: number
  readonly maxBodyBytes: number
  readonly signal: AbortSignal | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly emit: Emit
}

export function isAnswer<A extends Pick<Answer, 'status'>>(asked: A | NoAnswer | undefined): asked is A {
  return asked !== undefined && 'status' in asked
}

/** `text/html; charset=utf-8` -> `text/html`. Empty when the answer names none. */
export const typeOf = (headers: Headers): string =>
  (headers.get('content-type')?.split(';')[0] ?? '').trim().toLowerCase()

/** Where a redirect leads, absolute and without fragment; undefined when it is none or leads nowhere on the web. */
export function redirectOf({ status, headers }: Answer, url: string): string | undefined {
  const location = headers.get('location')
  return REDIRECTS.has(status) && location !== null ? webAddress(location, url) : undefined
}

/** https://fetch.spec.whatwg.org/#redirect-status */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** The address that is asked for, without fragment and user; undefined for `data:`, `mailto:` and what is no URL. */
export function webAddress(url: string, base: string): string | undefined {
  if (!URL.canParse(url, base)) return undefined
  const address = new URL(url, base)
  if (address.protocol !== 'https:' && address.protocol !== 'http:') return undefined
  address.hash = ''
  address.username = ''
  address.password = ''
  return address.href
}

/** Longest wait before a busy server is asked again, in milliseconds. */
const LONGEST_WAIT_MS = 30_000

/**
 * Asks like a first-time visitor: no cookies, no credentials. Redirects are not followed. A failed connection and a
 * busy server are retried once; a timeout is not.
 */
export function createAsk(options: AskOptions): Ask {
  const { signal, clock, random, emit } = options
  return async (url, what) => {
    const first = await askOnce(url, what, options)
    const reason = whyAgain(first)
    if (reason === undefined) return first
    const waitMs = isAnswer(first) ? waitOf(first.headers) : 200 + Math.round(300 * random())
    emit({ type: 'retry', key: url, attempt: 2, reason, waitMs })
    await clock.sleep(waitMs, signal)
    return askOnce(url, what, options)
  }
}

function whyAgain(asked: Answer | NoAnswer): string | undefined {
  if (!isAnswer(asked)) return asked.timedOut ? undefined : asked.failure
  return asked.status === 429 || asked.status === 503 ? `${asked.status}` : undefined
}

function waitOf(headers: Headers): number {
  const seconds = Number(headers.get('retry-after') ?? 1)
  return Number.isFinite(seconds) ? Math.min(LONGEST_WAIT_MS, Math.max(0, 1000 * seconds)) : 1000
}

async function askOnce(url: string, { origin, wants }: AskFor, options: AskOptions): Promise<Answer | NoAnswer> {
  const { requestTimeoutMs, signal } = options
  const timeout = AbortSignal.timeout(requestTimeoutMs)
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      credentials: 'omit',
      headers: { 'user-agent': `lading/${VERSION}`, ...(origin !== undefined && { origin }) },
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    })
    const { status, headers } = response
    if (status === 200 && wants(typeOf(headers))) return { status, headers, ...(await readBody(response, options)) }
    await response.body?.cancel()
    return { status, headers, isTooLarge: false }
  } catch (error) {
    signal?.throwIfAborted()
    if (timeout.aborted) return { failure: `no answer within ${requestTimeoutMs / 1000} s`, timedOut: true }
    return { failure: inWords(error), timedOut: false }
  }
}

async function readBody(
  { body }: Response,
  { maxBodyBytes }: AskOptions,
): Promise<{ body?: Uint8Array; isTooLarge: boolean }> {
  const pieces: Uint8Array[] = []
  let size = 0
  // leaving the loop cancels the rest of the body
  for await (const piece of body ?? []) {
    size += piece.byteLength
    if (size > maxBodyBytes) return { isTooLarge: true }
    pieces.push(piece)
  }
  return { body: Buffer.concat(pieces), isTooLarge: false }
}

const FAILURES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'the connection was refused'],
  ['ECONNRESET', 'the connection was cut'],
  ['UND_ERR_SOCKET', 'the connection was cut'],
  ['ENOTFOUND', 'there is no such host'],
  ['EAI_AGAIN', 'the name of the host cannot be looked up'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is of another host'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'nobody vouches for its certificate'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'nobody vouches for its certificate'],
])

/** What went wrong below `fetch`, which says only that it failed. */
function inWords(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  const code = codeOf(cause)
  return FAILURES.get(code) ?? (cause.message || code || 'the request failed')
}

/** @throws E_TIMEOUT, E_UNREACHABLE */
export function unreachable(url: string, { failure, timedOut }: NoAnswer): LadingError {
  return new LadingError(timedOut ? 'E_TIMEOUT' : 'E_UNREACHABLE', 'The site does not answer', {
    subject: url,
    why: failure,
    hint: 'Check the address and that this machine may reach it.',
    retryable: true,
  })
}
