import { abortedError, throwIfAborted } from '../store/abort.ts'
import { failureOf } from '../store/s3/failure.ts'
import { LadingError } from '../words/errors.ts'
import type { Cdn } from './cdn.ts'
import { type CloudflareAnswer, readAnswer } from './cloudflare-answer.ts'
import { type Clock, retrying, SYSTEM_CLOCK } from './retry.ts'

/** Addresses in one request. https://developers.cloudflare.com/cache/how-to/purge-cache/ */
const BATCH = 100

const API = 'https://api.cloudflare.com'

export interface CloudflareOptions {
  readonly zone: string
  /** Checked by the caller. @default Cloudflare's */
  readonly endpoint?: string | undefined
  /** The site's, `https://www.example.com`: the zone knows its files by their full addresses. */
  readonly origin: string | undefined
  /** How long one request may take, in milliseconds. */
  readonly requestTimeoutMs: number
  /** Where the token is looked for, CLOUDFLARE_API_TOKEN. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Ends every purge, besides the signal of the call itself. */
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock | undefined
}

interface Zone {
  readonly zone: string
  /** Where purges are sent. */
  readonly url: string
  readonly token: string
  readonly requestTimeoutMs: number
}

/**
 * Purges of one Cloudflare zone, by full URL. There are no wildcards, so nothing is collapsed; a purge is complete once
 * it is answered, so there is nothing to wait for.
 *
 * @throws E_CREDENTIALS without a token, E_CDN without the site's origin
 */
export function createCloudflareCdn(options: CloudflareOptions): Cdn {
  const { zone, endpoint = API, requestTimeoutMs, clock = SYSTEM_CLOCK } = options
  const token = tokenOf(options)
  const origin = originOf(options)
  const place: Zone = { zone, url: `${endpoint}/client/v4/zones/${zone}/purge_cache`, token, requestTimeoutMs }
  return {
    label: `cloudflare:${zone}`,
    async purge(paths, given = {}) {
      const signals = [options.signal, given.signal].filter((signal) => signal !== undefined)
      const retry = { clock, signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0] }
      throwIfAborted(retry.signal)
      const files = [...new Set(paths)].map((path) => `${origin}${path}`)
      const ids: string[] = []
      for (let at = 0; at < files.length; at += BATCH) {
        const batch = files.slice(at, at + BATCH)
        ids.push(await retrying(async () => readAnswer(await send(place, batch, retry.signal), place), retry))
      }
      return { asked: files.length, sent: files.length, ids, waited: false, completed: true }
    },
  }
}

function tokenOf({ zone, env }: CloudflareOptions): string {
  const token = env.CLOUDFLARE_API_TOKEN?.trim() ?? ''
  // A header takes no other characters, and the error that `fetch` throws would repeat the token.
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new LadingError('E_CREDENTIALS', 'there is no token for Cloudflare', {
    subject: `zone ${zone}`,
    why: token === '' ? 'CLOUDFLARE_API_TOKEN is not set' : 'CLOUDFLARE_API_TOKEN holds characters that no token has',
    hint: 'Set CLOUDFLARE_API_TOKEN to an API token with the permission Zone > Cache Purge > Purge.',
  })
}

function originOf({ zone, origin }: CloudflareOptions): string {
  if (origin !== undefined && /^https?:\/\//.test(origin) && URL.canParse(origin)) return new URL(origin).origin
  throw new LadingError('E_CDN', "Cloudflare purges full addresses, and the site's own is not known", {
    subject: `zone ${zone}`,
    hint: 'Set `site` (https://www.example.com) or an absolute `url`.',
  })
}

async function send(place: Zone, files: readonly string[], signal: AbortSignal | undefined): Promise<CloudflareAnswer> {
  const timeout = AbortSignal.timeout(place.requestTimeoutMs)
  try {
    const response = await fetch(place.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${place.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ files }),
      // The token must not be sent to another host.
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await response.text() }
  } catch (error) {
    if (signal?.aborted) throw abortedError(signal)
    throw lineError(error, place)
  }
}

/** Network failures that a retry does not fix: rejected certificates and unknown hosts. All others may be transient. */
const LASTING_CODES = /CERT|TLS|SSL|UNABLE_TO|ENOTFOUND/

function lineError(error: unknown, { zone }: Zone): LadingError {
  const failure = failureOf(error)
  if (failure.name === 'TimeoutError') {
    return new LadingError('E_TIMEOUT', 'no answer of Cloudflare in time', {
      subject: `zone ${zone}`,
      hint: 'Raise `requestTimeoutMs` if this goes on.',
      retryable: true,
      cause: failure,
    })
  }
  const code = failure.codes[0] ?? failure.message
  return new LadingError('E_UNREACHABLE', 'Cloudflare cannot be reached', {
    subject: `zone ${zone}`,
    why: `the connection ended with ${code}`,
    hint: 'Check `endpoint` and the network.',
    retryable: !LASTING_CODES.test(code),
    cause: failure,
  })
}
