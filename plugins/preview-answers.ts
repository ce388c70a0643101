import { createHash } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http'

/** How the texts and policies of responses are changed before they are sent. */
export interface Change {
  text(bytes: Buffer, isPage: boolean): Promise<Buffer>
  policy(header: string): string
}

/** Extensions of files that are not text; for all others the content type decides. */
const BINARY = /\.(?!html?$|m?js$|cjs$|css$|svg$|json$|webmanifest$|xml$|txt$)[a-z0-9]+$/i

/** Content types that may contain an address. Not event streams, which never end. */
const TEXT = /^(?:text\/(?!event-stream)|image\/svg\+xml|application\/(?:[\w.+-]*json|(?:x-)?javascript|xml))/

const POLICIES = ['content-security-policy', 'content-security-policy-report-only'] as const

/**
 * Changes a text response before it is sent. Request headers that depend on its bytes (ETags, ranges, compression) are
 * hidden from the next handler; ETags are handled here.
 */
export function changeAnswer(request: IncomingMessage, response: ServerResponse, change: Change): void {
  const path = (request.url ?? '').replace(/[?#].*$/, '')
  if ((request.method !== 'GET' && request.method !== 'HEAD') || BINARY.test(path)) return
  const tags = request.headers['if-none-match']
  for (const name of BYTE_BOUND) delete request.headers[name]
  request.method = 'GET'
  hold(response, async (bytes) => {
    for (const name of POLICIES) {
      const policy = response.getHeader(name)
      if (typeof policy === 'string') response.setHeader(name, change.policy(policy))
    }
    const type = String(response.getHeader('content-type') ?? '')
    const changed = await change.text(bytes, type.startsWith('text/html'))
    if (response.statusCode !== 200) return changed
    const tag = `"${createHash('sha256').update(changed).digest('base64url')}"`
    response.setHeader('etag', tag)
    response.removeHeader('last-modified')
    if (!tags?.split(',').some((known) => known.trim() === tag)) return changed
    response.statusCode = 304
    return undefined
  })
}

const BYTE_BOUND = ['if-none-match', 'if-modified-since', 'if-range', 'range', 'accept-encoding'] as const

/** Makes the final body before anything is sent; undefined sends no body. */
type Finish = (bytes: Buffer) => Promise<Buffer | undefined>

/** Buffers the whole response if it turns out to be text. */
function hold(response: ServerResponse, finish: Finish): void {
  const { writeHead, write, end } = response
  const pieces: Buffer[] = []
  let decided: boolean | undefined
  const isHeld = (): boolean => {
    decided ??= TEXT.test(String(response.getHeader('content-type') ?? ''))
    return decided
  }
  const take = (piece: unknown, encoding: unknown): void => {
    if (typeof piece === 'string') pieces.push(Buffer.from(piece, isEncoding(encoding) ? encoding : 'utf8'))
    else if (piece instanceof Uint8Array) pieces.push(Buffer.from(piece))
  }
  const leave = async (): Promise<void> => {
    Object.assign(response, { writeHead, write, end })
    try {
      const bytes = await finish(Buffer.concat(pieces))
      if (bytes === undefined) response.removeHeader('content-length')
      else response.setHeader('content-length', bytes.byteLength)
      response.end(bytes)
    } catch (error) {
      response.destroy(error instanceof Error ? error : undefined)
    }
  }
  Object.assign(response, {
    writeHead(status: number, ...more: unknown[]) {
      response.statusCode = status
      for (const [name, value] of headersOf(more)) response.setHeader(name, value)
      return isHeld() ? response : Reflect.apply(writeHead, response, [status])
    },
    write(...given: unknown[]) {
      if (!isHeld()) return Reflect.apply(write, response, given)
      take(given[0], given[1])
      return true
    },
    end(...given: unknown[]) {
      if (!isHeld()) return Reflect.apply(end, response, given)
      take(given[0], given[1])
      void leave()
      return response
    },
  })
}

function isEncoding(given: unknown): given is BufferEncoding {
  return typeof given === 'string' && Buffer.isEncoding(given)
}

/** The last argument of `writeHead`, in any of its forms. */
function headersOf(given: readonly unknown[]): [string, OutgoingHttpHeader][] {
  const headers = given.at(-1)
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return []
  return Object.entries(headers).filter(([, value]) => value !== undefined)
}
