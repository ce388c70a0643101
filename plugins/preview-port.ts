import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { PreviewServer, ResolvedConfig } from 'vite'

export interface SecondPort {
  readonly port: number
  /** Ends every connection. */
  close(): void
}

/**
 * A server on any free port of the preview's listen address, so that a client that reaches one reaches both. Pages over
 * https may load nothing over http: beside an https preview it is https too, with the same certificate.
 */
export function listenBeside(
  { preview }: ResolvedConfig,
  first: PreviewServer['httpServer'],
  listener: (...exchange: Parameters<RequestListener>) => Promise<void>,
): Promise<SecondPort> {
  const answer: RequestListener = (request, response) => {
    listener(request, response).catch(() => response.destroy())
  }
  const server: Server = preview.https ? createSecureServer(readKeys(preview.https), answer) : createServer(answer)
  const address = first.address()
  const host = typeof address === 'object' && address !== null ? address.address : undefined
  // Only the preview's server keeps the process alive.
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, () => {
      const own = server.address()
      const port = typeof own === 'object' && own !== null ? own.port : 0
      resolve({
        port,
        close() {
          server.close()
          server.closeAllConnections()
        },
      })
    })
  })
}

/** Keys and certificates may be given as files, as Vite takes them. */
function readKeys(https: ServerOptions): ServerOptions {
  const read = <T>(value: T): T | Buffer => {
    if (typeof value !== 'string') return value
    try {
      return readFileSync(value)
    } catch {
      return value
    }
  }
  const { key, cert, ca, pfx } = https
  return { ...https, key: read(key), cert: read(cert), ca: read(ca), pfx: read(pfx) }
}
