import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import * as http from 'node:http'
import * as https from 'node:https'

export interface HttpRequest {
  readonly method: string
  /** With the query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  /** Ends the request, and the answer with it. */
  readonly signal: AbortSignal
  /** See `Passage.guard`. */
  guard(): void
  /** The answer has begun. @returns how many bytes of its body are wanted */
  began(head: HttpHead): number
}

export interface HttpHead {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
}

export interface HttpAnswer extends HttpHead {
  readonly body: Buffer
  /** Whether more came than was wanted. */
  readonly isCut: boolean
}

/** One origin, over connections that are kept. */
export interface Http {
  send(request: HttpRequest): Promise<HttpAnswer>
}

export interface HttpOptions {
  /** `https://host` or `http://host:port`. */
  readonly origin: URL
  readonly connections: number
  readonly connectMs: number
  /** What the environment says of proxies, where it names one for this origin. */
  readonly proxies?: Proxies | undefined
}

/** As undici takes them. */
export interface Proxies {
  readonly httpProxy?: string
  readonly httpsProxy?: string
  /** Hosts that are asked directly, separated by commas. */
  readonly noProxy?: string
}

/** By Node's own client, which needs nothing loaded and honours NODE_EXTRA_CA_CERTS. */
export function createNodeHttp({ origin, connections, connectMs }: HttpOptions): Http {
  const { request: begin, Agent } = origin.protocol === 'https:' ? https : http
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const place = { hostname: origin.hostname.replace(/^\[|\]$/g, ''), port: origin.port || undefined, agent }

  return {
    send: (wanted) =>
      new Promise((resolve, reject) => {
        const { method, target, headers, body, signal } = wanted
        const length = body === undefined ? undefined : { 'content-length': String(body.byteLength) }
        wanted.guard()
        const request = begin({ ...place, method, path: target, headers: { ...headers, ...length } })
        const stop = (): void => void request.destroy(asError(signal.reason))
        signal.addEventListener('abort', stop, { once: true })
        boundConnecting(request, connectMs)
        request.on('error', reject)
        request.on('close', () => signal.removeEventListener('abort', stop))
        request.on('response', (response) => collect(response, wanted).then(resolve, reject))
        request.end(body)
        if (signal.aborted) stop()
      }),
  }
}

/** A socket that is used again is connected already. */
function boundConnecting(request: http.ClientRequest, connectMs: number): void {
  request.on('socket', (socket) => {
    if (!socket.connecting) return
    const late = (): void => void request.destroy(connectError(connectMs))
    const timer = setTimeout(late, connectMs)
    const done = (): void => clearTimeout(timer)
    socket.once('connect', done)
    request.once('close', done)
  })
}

/** Named as the SDK names it. */
export function connectError(connectMs: number): Error {
  const error = new Error(`could not establish a connection within ${connectMs} ms`)
  error.name = 'TimeoutError'
  return error
}

function collect(response: IncomingMessage, { began }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const head = { status: response.statusCode ?? 0, headers: singleHeaders(response.headers) }
    const wanted = began(head)
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.byteLength
      if (size <= wanted) return
      resolve({ ...head, body: joined(chunks).subarray(0, wanted), isCut: true })
      response.destroy()
    })
    response.on('error', reject)
    response.on('end', () => resolve({ ...head, body: joined(chunks), isCut: false }))
  })
}

/** Mostly it is one, or none. */
export function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks
  return chunks.length === 1 && first ? first : Buffer.concat(chunks)
}

function singleHeaders(headers: IncomingHttpHeaders): HttpHead['headers'] {
  // Only `set-cookie` is ever a list, and nobody reads it.
  return headers as HttpHead['headers']
}

export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('the request was ended')
}
