import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One answer that a front has passed on. */
interface Served {
  /** As asked for, still encoded, with the query. */
  readonly path: string
  readonly status: number
  /** Of the body, in bytes. */
  readonly bytes: number
}

/** A web server's front door on loopback: it keeps a log and routes paths to the servers behind it. */
export interface Front {
  /** Ends with `/`. */
  readonly url: string
  readonly log: readonly Served[]
  close(): Promise<void>
}

export interface FrontOptions {
  /** Path prefix to the address of the server behind it, as in `{ '/': origin, '/_a/': cdn }`. The longest prefix wins. */
  readonly routes: Readonly<Record<string, string>>
  /** The name that the front gives itself. Both are loopback, but they are different sites to a browser. @default '127.0.0.1' */
  readonly host?: '127.0.0.1' | 'localhost' | undefined
}

/** Starts a front on a free port. */
export async function startFront({ routes, host = '127.0.0.1' }: FrontOptions): Promise<Front> {
  const log: Served[] = []
  const prefixes = Object.keys(routes).sort((a, b) => b.length - a.length)
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/'
    const upstream = routes[prefixes.find((prefix) => path.startsWith(prefix)) ?? '/']
    if (upstream === undefined) {
      outgoing.writeHead(502).end()
      return
    }
    forward(incoming, outgoing, { upstream, done: (served) => log.push(served) })
  })
  const port = await listen(server, host)
  return {
    url: `http://${host}:${port}/`,
    log,
    close: () => closeServer(server),
  }
}

interface Forwarding {
  readonly upstream: string
  readonly done: (served: Served) => void
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, { upstream, done }: Forwarding): void {
  const path = incoming.url ?? '/'
  const { hostname, port } = new URL(upstream)
  const passed = request({ hostname, port, path, method: incoming.method, headers: incoming.headers }, (answer) => {
    let bytes = 0
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    answer.on('end', () => done({ path, status: answer.statusCode ?? 0, bytes }))
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  passed.on('error', (error) => {
    done({ path, status: 502, bytes: 0 })
    outgoing.destroy(error)
  })
  // A visitor who leaves takes the request behind the front along.
  outgoing.on('close', () => passed.destroy())
  incoming.pipe(passed)
}

async function listen(server: Server, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  // A server that listens on a host and port answers with an object; text is for pipes.
  return (server.address() as AddressInfo).port
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise<void>((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
  })
}
