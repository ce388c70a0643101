import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Addresses in one request. https://developers.cloudflare.com/cache/how-to/purge-cache/ */
const MAX_FILES = 100

export interface CloudflareAnswerOptions {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text as it is; anything else as JSON. */
  readonly body?: unknown
  /** The connection ends without an answer, or the answer never comes. */
  readonly instead?: 'reset' | 'stall'
}

export interface CloudflareServer {
  readonly endpoint: string
  readonly zone: string
  readonly token: string
  /** The addresses of every purge that was accepted. */
  readonly purges: readonly (readonly string[])[]
  /** Requests, those refused included. */
  requests(): number
  /** What the next requests are answered, one each, whatever they ask. */
  next(...answers: readonly CloudflareAnswerOptions[]): void
  close(): Promise<void>
}

/**
 * The purge of Cloudflare's API on loopback, as it is documented: https://developers.cloudflare.com/api/resources/cache/methods/purge/.
 * It refuses whatever the documents do not name.
 */
export async function startCloudflare(): Promise<CloudflareServer> {
  const zone = '023e105f4ecef8ad9ca31a8372d0c353'
  const token = 'canary-0123456789abcdefghijklmnopqrstuvwxyz'
  const purges: string[][] = []
  const answers: CloudflareAnswerOptions[] = []
  let count = 0
  const server = createServer((request, response) => {
    count += 1
    void bodyOf(request).then((text) => {
      const planned = answers.shift()
      if (planned) return answer(response, planned)
      const found = check(request, text, { zone, token })
      if ('status' in found) return answer(response, found)
      purges.push(found.files)
      const result = { id: `purge-${purges.length}` }
      answer(response, { status: 200, body: { success: true, errors: [], messages: [], result } })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a host and port answers with an object; text is for pipes.
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    zone,
    token,
    purges,
    requests: () => count,
    next: (...planned) => void answers.push(...planned),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A failure in the form of the API. */
export function failure(status: number, code: number, message: string): CloudflareAnswerOptions {
  return { status, body: { success: false, errors: [{ code, message }], messages: [], result: null } }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

function answer(response: ServerResponse, { status, headers, body, instead }: CloudflareAnswerOptions): void {
  if (instead === 'stall') return
  if (instead === 'reset') {
    response.destroy()
    return
  }
  const isText = typeof body === 'string'
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers })
  response.end(isText ? body : JSON.stringify(body))
}

interface Account {
  readonly zone: string
  readonly token: string
}

function check(
  request: IncomingMessage,
  text: string,
  { zone, token }: Account,
): { readonly files: string[] } | CloudflareAnswerOptions {
  if (request.headers.authorization !== `Bearer ${token}`) return failure(403, 10_000, 'Authentication error')
  const path = /^\/client\/v4\/zones\/([0-9a-f]{32})\/purge_cache$/.exec(request.url ?? '')
  if (path === null) return failure(404, 7000, 'No route for that URI')
  if (request.method !== 'POST') return failure(405, 10_405, 'Method not allowed for this authentication scheme')
  if (path[1] !== zone)
    return failure(404, 7003, 'Could not route to the zone, perhaps your object identifier is invalid?')
  if (!/^application\/json(?:;|$)/.test(request.headers['content-type'] ?? '')) {
    return failure(400, 6003, 'Invalid request headers')
  }
  return readFiles(text)
}

function readFiles(text: string): { readonly files: string[] } | CloudflareAnswerOptions {
  const body = parsed(text)
  if (typeof body !== 'object' || body === null || Object.keys(body).join() !== 'files') {
    return failure(400, 1012, 'Request must contain one of "purge_everything", "files", "tags", "hosts" or "prefixes"')
  }
  const files: unknown = Reflect.get(body, 'files')
  if (!Array.isArray(files) || files.length === 0) return failure(400, 1012, '"files" must be a list')
  if (files.length > MAX_FILES) return failure(400, 1134, `You may only purge up to ${MAX_FILES} items per request`)
  const urls = files.filter((file): file is string => typeof file === 'string' && isAddress(file))
  if (urls.length < files.length) return failure(400, 1016, 'Unable to purge: the URL is malformed')
  return { files: urls }
}

/** Absolute, and written as a browser would: nothing in it is left to encode, and it has no fragment. */
const isAddress = (text: string): boolean =>
  /^https?:\/\/[^/]/.test(text) && URL.canParse(text) && new URL(text).href === text && !text.includes('#')

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
