import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici'
import { codeOf } from '../../../words/system-error.ts'
import {
  asError,
  connectError,
  cutError,
  type Http,
  type HttpAnswer,
  type HttpHead,
  type HttpOptions,
  type HttpRequest,
  isGarbled,
  joined,
} from './http.ts'

/**
 * By undici, which sends a small object for a third of the CPU time of Node's own client, and takes 100 ms to load. Its
 * own timeouts are off: the deadline of the whole request applies.
 */
export function createUndiciHttp({ origin, connections, connectMs, proxies }: HttpOptions): Http {
  const limits = { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: connectMs } }
  const dispatcher = proxies
    ? new EnvHttpProxyAgent({ ...limits, noProxy: '', ...proxies, connections, pipelining: 1 })
    : new Pool(origin.origin, { ...limits, connections, pipelining: 1 })
  let isGarbling = false
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        const { target: path, headers, body = null, passage } = request
        const method = request.method as Dispatcher.HttpMethod // undici takes the methods that we send by name only
        const failed = (error: Error): void => {
          if (isGarbled(error)) isGarbling = true
          reject(named(error, connectMs))
        }
        // undici would close the connection after every HEAD, for servers that send a body with its answer
        const reset = isGarbling && method === 'HEAD'
        if (passage.deadline.hasStopped) return reject(asError(passage.deadline.reason))
        dispatcher.dispatch(
          { origin: origin.origin, path, method, headers, body, reset },
          new Answering(request, resolve, failed),
        )
      }),
  }
}

/** A class, because one is made for every request: closures would double the cost. */
class Answering implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest
  readonly #resolve: (answer: HttpAnswer) => void
  readonly #reject: (error: Error) => void
  readonly #chunks: Buffer[] = []
  #head: HttpHead = { status: 0, headers: {} }
  #wanted = 0
  #size = 0

  constructor(request: HttpRequest, resolve: (answer: HttpAnswer) => void, reject: (error: Error) => void) {
    this.#request = request
    this.#resolve = resolve
    this.#reject = reject
    // Until undici begins, which a silent proxy can delay for ever, there is nothing to abort: only reject.
    request.passage.deadline.onStop((reason) => reject(asError(reason)))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { deadline } = this.#request.passage
    // Throwing here fails the request before any byte of it is sent.
    if (deadline.hasStopped) throw asError(deadline.reason)
    this.#request.passage.guard()
    deadline.onStop((reason) => controller.abort(asError(reason)))
  }

  onResponseStart(_controller: unknown, status: number, headers: unknown): void {
    // Only `set-cookie` is ever a list, and nobody reads it.
    this.#head = { status, headers: headers as HttpHead['headers'] }
    if (status >= 200) this.#wanted = this.#request.began(this.#head)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#size += chunk.byteLength
    if (this.#size <= this.#wanted) return
    this.#answer(true)
    controller.abort(new Error('more than is wanted'))
  }

  onResponseEnd(): void {
    this.#answer(false)
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#reject(error)
  }

  #answer(isCut: boolean): void {
    const body = joined(this.#chunks)
    const { status, headers } = this.#head
    this.#resolve({ status, headers, body: isCut ? body.subarray(0, this.#wanted) : body, isCut })
  }
}

/** Maps undici's own error codes to Node's. */
export function named(error: Error, connectMs: number): Error {
  const code = codeOf(error)
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return connectError(connectMs)
  const isCut = code === 'UND_ERR_SOCKET' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' || isGarbled(error)
  return isCut ? cutError(error) : error
}
