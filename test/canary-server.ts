import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export interface Parrot {
  readonly endpoint: string
  /** How many requests it has answered. */
  readonly requests: () => number
  close(): Promise<void>
}

/**
 * A server that says back all that it was told, headers and address, in the errors of an object store. The name of the
 * bucket says in which: `status-403`, `html-200`, …
 */
export async function startParrot(): Promise<Parrot> {
  let count = 0
  const server = createServer((request, response) => {
    count += 1
    request.resume()
    request.on('end', () => answer(request, response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests: () => count,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const [, kind = 'status', status = '403'] = /(html|status|token)-(\d+)/.exec(request.url ?? '') ?? []
  const { authorization, 'x-amz-security-token': token } = request.headers
  const told =
    `${kind === 'token' ? token : authorization} ${request.method} ${request.url} ${JSON.stringify(request.headers)}`
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
  const code = status === '403' ? 'AccessDenied' : 'InvalidRequest'
  const html = `<!doctype html><title>${told}</title><p>${told}</p>`
  const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${told}</Message><Authorization>${told}</Authorization></Error>`
  response.writeHead(Number(status), {
    'content-type': kind === 'html' ? 'text/html' : 'application/xml',
    'x-amz-request-id': request.headers.authorization ?? 'none',
    connection: 'close',
  })
  response.end(request.method === 'HEAD' ? undefined : kind === 'html' ? html : xml)
}
