import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import * as http from 'node:http'
import * as https from 'node:https'
import type { Socket } from 'node:net'
import type { Passage } from './s3-operations.ts'

export interface HttpRequest {
  readonly method: string
  /** With the query. */
  readonly target: string
  /** Names and values in turn, which both clients take as they are. */
  readonly headers: string[]
  readonly body: Uint8Array | undefined
  /** Its deadline ends the request, and the answer with it. */
  readonly passage: Passage
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
  let isGarbling = false

  return {
    send: (wanted) =>
      new Promise((resolve, reject) => {
        const { method, target, headers, body, passage } = wanted
        const { deadline } = passage
        const failed = (error: Error): void => {
          if (isGarbled(error)) isGarbling = true
          reject(isGarbled(error) ? cutError(error) : error)
        }
        if (deadline.hasStopped) throw asError(deadline.reason)
        // Of a PUT without a body, too: Node would announce chunks, which stores refuse.
        if (body !== undefined || method === 'PUT') headers.push('content-length', String(body?.byteLength ?? 0))
        const isLast = isGarbling && method === 'HEAD'
        if (isLast) headers.push('connection', 'close')
        const request = begin({ ...place, method, path: target, headers })
        // The header tells the server alone.
        if (isLast) request.shouldKeepAlive = false
        deadline.onStop((reason) => request.destroy(asError(reason)))
        request.on('socket', (socket) => {
          // One that is used again is connected already.
          if (isConnecting(socket)) onceConnected(request, socket, { connectMs, go: () => leave(request, wanted) })
          else leave(request, wanted)
        })
        request.on('error', failed)
        request.on('response', (response) => collect(response, wanted, { request, resolve, reject: failed }))
      }),
  }
}

/** The guard is asked last of all: a connection may take seconds, and a lease may end in them. */
function leave(request: http.ClientRequest, { body, passage }: HttpRequest): void {
  try {
    passage.guard()
    request.end(body)
  } catch (error) {
    request.destroy(asError(error))
  }
}

function isConnecting(socket: Socket): boolean {
  return socket.connecting || isShakingHands(socket)
}

/** Node does not document it; the connection of a request that was ended may come to another one in the midst of it. */
function isShakingHands(socket: Socket): boolean {
  return 'secureConnecting' in socket && socket.secureConnecting === true
}

interface Connecting {
  readonly connectMs: number
  go(): void
}

function onceConnected(request: http.ClientRequest, socket: Socket, { connectMs, go }: Connecting): void {
  const late = (): void => void request.destroy(connectError(connectMs))
  const timer = setTimeout(late, connectMs)
  request.once('close', () => clearTimeout(timer))
  socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
    clearTimeout(timer)
    if (!request.destroyed) go()
  })
}

/** Whether what came is no answer. Of some servers it is the body after the answer to a HEAD, which has none. */
export function isGarbled(error: Error): boolean {
  return error.name === 'HTTPParserError' || ('code' in error && String(error.code).startsWith('HPE_'))
}

/** The connection is of no more use, and what was sent may have arrived: as if it had been cut. */
export function cutError(cause: Error): Error {
  return Object.assign(new Error('socket hang up', { cause }), { code: 'ECONNRESET' })
}

/** Named as the SDK names it. */
export function connectError(connectMs: number): Error {
  const error = new Error(`could not establish a connection within ${connectMs} ms`)
  error.name = 'TimeoutError'
  return error
}

interface Ends {
  readonly request: http.ClientRequest
  resolve(answer: HttpAnswer): void
  reject(error: Error): void
}

function collect(response: IncomingMessage, { began, passage }: HttpRequest, { request, resolve, reject }: Ends): void {
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
  response.on('end', () => {
    noteLeft(request, passage)
    resolve({ ...head, body: joined(chunks), isCut: false })
  })
}

/** A server may answer before it has read everything; and an answer is often seen before the end of the last write. */
function noteLeft(request: http.ClientRequest, passage: Passage): void {
  const note = (): void => {
    if (request.writableFinished) passage.left()
  }
  if (request.writableFinished) note()
  else request.once('finish', note)
}

const NOTHING = Buffer.alloc(0)

/** Mostly it is one, or none. */
export function joined(chunks: readonly Buffer[]): Buffer {
  const [first = NOTHING] = chunks
  return chunks.length <= 1 ? first : Buffer.concat(chunks)
}

function singleHeaders(headers: IncomingHttpHeaders): HttpHead['headers'] {
  // Only `set-cookie` is ever a list, and nobody reads it.
  return headers as HttpHead['headers']
}

export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('the request was ended')
}
