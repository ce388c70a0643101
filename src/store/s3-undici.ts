import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici'
import {
  asError,
  connectError,
  type Http,
  type HttpAnswer,
  type HttpHead,
  type HttpOptions,
  type HttpRequest,
  joined,
} from './s3-http.ts'

/**
 * By undici, which sends a small object for a third of the CPU time of Node's own client, and costs 100 ms to load. Its
 * own time limits are off: those of the whole request rule.
 */
export function createUndiciHttp({ origin, connections, connectMs, proxies }: HttpOptions): Http {
  const limits = { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: connectMs } }
  const dispatcher = proxies
    ? new EnvHttpProxyAgent({ ...limits, noProxy: '', ...proxies, connections, pipelining: 1 })
    : new Pool(origin.origin, { ...limits, connections, pipelining: 1 })
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        const { method, target, headers, body, passage } = request
        // undici takes the methods that we send by name only.
        const options = { origin: origin.origin, path: target, method: method as Dispatcher.HttpMethod, headers }
        const failed = (error: Error): void => reject(named(error, connectMs))
        if (passage.deadline.hasStopped) reject(asError(passage.deadline.reason))
        else dispatcher.dispatch({ ...options, body: body ?? null }, handler(request, resolve, failed))
      }),
  }
}

function handler(
  { passage, began }: HttpRequest,
  resolve: (answer: HttpAnswer) => void,
  reject: (error: Error) => void,
): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = []
  let head: HttpHead = { status: 0, headers: {} }
  let wanted = 0
  let size = 0
  const { deadline } = passage
  // Until undici begins, which a silent proxy puts off for ever, there is nothing to stop: who waits is let go.
  deadline.onStop((reason) => reject(asError(reason)))
  const answer = (isCut: boolean): void => {
    const body = joined(chunks)
    resolve({ ...head, body: isCut ? body.subarray(0, wanted) : body, isCut })
  }
  return {
    onRequestStart(controller) {
      // What is thrown here is the request's end, before any byte of it leaves.
      if (deadline.hasStopped) throw asError(deadline.reason)
      passage.guard()
      deadline.onStop((reason) => controller.abort(asError(reason)))
    },
    onResponseStart(_controller, status, headers) {
      // Only `set-cookie` is ever a list, and nobody reads it.
      head = { status, headers: headers as HttpHead['headers'] }
      if (status >= 200) wanted = began(head)
    },
    onResponseData(controller, chunk) {
      chunks.push(chunk)
      size += chunk.byteLength
      if (size <= wanted) return
      answer(true)
      controller.abort(new Error('more than is wanted'))
    },
    onResponseEnd: () => answer(false),
    onResponseError: (_controller, error) => reject(error),
  }
}

/** As Node names what undici has names of its own for. */
function named(error: Error, connectMs: number): Error {
  const code = 'code' in error ? error.code : undefined
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return connectError(connectMs)
  if (code !== 'UND_ERR_SOCKET' && code !== 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return error
  return Object.assign(new Error('socket hang up', { cause: error }), { code: 'ECONNRESET' })
}
