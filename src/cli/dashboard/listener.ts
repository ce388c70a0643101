import type { RequestListener, ServerResponse } from 'node:http'
import type { Place } from './answers.ts'
import { type PageFile, pageFiles } from './files.ts'
import { hasToken, isOurs } from './gate.ts'
import { type Exchange, refuse, routesOf } from './routes.ts'

/** Nothing from elsewhere, nothing inline, nothing framed, and no markup that scripts make of text. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

export interface ListenerOptions {
  readonly place: Place
  readonly token: string
  /** That the server was told to listen on. */
  readonly host: string
}

/** The order of the checks: whose request it is, what it asks for, then who asks. A refusal has no body. */
export function listenerOf({ place, token, host }: ListenerOptions): RequestListener {
  const files = pageFiles()
  const routes = new Map(Object.entries(routesOf(place)))
  const answer = async (exchange: Exchange): Promise<void> => {
    const { request, response, path } = exchange
    const [file, route] = [files.get(path), routes.get(path)]
    if (!(file || route)) return refuse(exchange, 404)
    const methods = route ? [route.method] : ['GET', 'HEAD']
    if (!methods.includes(request.method ?? '')) {
      response.setHeader('allow', methods.join(', '))
      return refuse(exchange, 405)
    }
    if (file) return sendFile(response, file)
    if (!hasToken(request, token)) return refuse(exchange, 401)
    await route?.answer(exchange)
  }
  return (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
    const [path = '', query = ''] = (request.url ?? '').split('?', 2)
    const exchange = { request, response, path, query: new URLSearchParams(query) }
    if (!isOurs(request, host)) return refuse(exchange, 403)
    answer(exchange).catch(() => (response.headersSent ? response.destroy() : refuse(exchange, 500)))
  }
}

function sendFile(response: ServerResponse, { type, bytes }: PageFile): void {
  response.writeHead(200, { 'content-type': type, 'content-length': bytes.byteLength }).end(bytes)
}
