import { codeOf } from '../../../words/system-error.ts'
import type { Passage } from '../operations.ts'

export interface HttpRequest {
  readonly method: string
  /** With the query. */
  readonly target: string
  /** Names and values alternating, as both clients take them. */
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
  /** Opens connections until there are this many in all, within the limit. */
  warmUp?(connections: number): void
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

/** Whether what came is not valid HTTP. With some servers it is a body after the answer to a HEAD. */
export function isGarbled(error: Error): boolean {
  return error.name === 'HTTPParserError' || codeOf(error).startsWith('HPE_')
}

/** For a connection that is unusable, though the request may have arrived: as if it had been cut. */
export function cutError(cause: Error): Error {
  return Object.assign(new Error('socket hang up', { cause }), { code: 'ECONNRESET' })
}

/** Named as the SDK names it. */
export function connectError(connectMs: number): Error {
  const error = new Error(`could not establish a connection within ${connectMs} ms`)
  error.name = 'TimeoutError'
  return error
}

const NOTHING = Buffer.alloc(0)

/** Mostly there is one chunk, or none. */
export function joined(chunks: readonly Buffer[]): Buffer {
  const [first = NOTHING] = chunks
  return chunks.length <= 1 ? first : Buffer.concat(chunks)
}

export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('the request was ended')
}
