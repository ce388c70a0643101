import { VERSION } from '../version.ts'
import { LadingError } from '../words/errors.ts'
import { codeOf } from '../words/system-error.ts'

/** What a public address answered; a redirect is an answer too. */
export interface PublicAnswer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** The body's beginning, decoded: 64 KiB at most. */
  readonly bytes: Uint8Array
}

/**
 * Asks a public address once, as any visitor may: a GET without credentials. Redirects are not followed.
 *
 * @throws E_UNREACHABLE, E_TIMEOUT when there is no answer; the signal's reason
 */
export type Ask = (
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
) => Promise<PublicAnswer>

/** How much of a body tells what it is, in bytes. */
const LOOKED_AT = 64 * 1024

/** Asks over the network. `timeoutMs` is for one request with its answer. */
export function openAsk(timeoutMs: number): Ask {
  return async (url, headers, signal) => {
    const timeout = AbortSignal.timeout(timeoutMs)
    try {
      const response = await fetch(url, {
        headers: { 'user-agent': `lading/${VERSION}`, ...headers },
        redirect: 'manual',
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      })
      const bytes = await beginningOf(response.body)
      return { status: response.status, headers: Object.fromEntries(response.headers), bytes }
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw unanswered(url, timeout.aborted ? timeoutMs : undefined, error)
    }
  }
}

async function beginningOf(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of body ?? []) {
    pieces.push(piece)
    size += piece.byteLength
    if (size >= LOOKED_AT) break // leaving the loop cancels the body
  }
  return Buffer.concat(pieces).subarray(0, LOOKED_AT)
}

function unanswered(url: string, timeoutMs: number | undefined, cause: unknown): LadingError {
  if (timeoutMs !== undefined) {
    const why = `there was no whole answer within ${timeoutMs} ms`
    return new LadingError('E_TIMEOUT', 'The public address did not answer in time', { subject: url, why, cause })
  }
  return new LadingError('E_UNREACHABLE', 'The public address cannot be reached', {
    subject: url,
    why: `the connection ended with ${reasonOf(cause)}`,
    cause,
  })
}

/** `fetch` nests the real cause one or two levels deep. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return codeOf(error) || (error.cause === undefined ? error.message : reasonOf(error.cause))
}
