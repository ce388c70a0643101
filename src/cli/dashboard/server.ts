import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LadingError } from '../../index.ts'
import { inAddress, plainAddress, reachedAt } from './gate.ts'
import { type ListenerOptions, listenerOf } from './listener.ts'

export interface DashboardOptions extends Pick<ListenerOptions, 'place' | 'host'> {
  /** 0 takes any free one. @default the first free one from {@link FIRST_PORT} on */
  readonly port: number | undefined
}

export interface Dashboard {
  /** With the token, behind `#`: a browser sends that part to nobody. */
  readonly url: string
  readonly port: number
  /** Ends every connection. */
  close(): Promise<void>
}

const FIRST_PORT = 4600
const PORTS = 100

/** 128 bits. */
const TOKEN_BYTES = 16

/** Connections, beyond what sixteen browsers open. */
const MAX_CONNECTIONS = 256
/** For a request to arrive, in milliseconds. */
const REQUEST_MS = 10_000

/** @throws E_USAGE when it cannot listen there */
export async function startDashboard({ host, port, place }: DashboardOptions): Promise<Dashboard> {
  const token = randomBytes(TOKEN_BYTES).toString('hex')
  const server = createServer(
    // A request without a host is refused like one with a wrong host.
    {
      requireHostHeader: false,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: 1000,
    },
    listenerOf({ place, token, host }),
  )
  server.maxConnections = MAX_CONNECTIONS
  const taken = port === undefined ? await firstFree(server, host) : await listen(server, host, port)
  // Not the name that was given: it may lead to more than this, such as to `::1`, where another user may listen.
  const address = inAddress(reachedAt(plainAddress(taken.address)))
  // What fails later concerns one connection.
  server.on('error', () => undefined)
  return {
    url: `http://${address}:${taken.port}/#${token}`,
    port: taken.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Reason {
  readonly why?: string
  readonly hint: string
}

const OTHERWISE: Reason = { hint: 'Name an address of this machine, or leave --host out.' }

const WHY: Readonly<Record<string, Reason>> = {
  EADDRINUSE: {
    why: 'another program uses the port',
    hint: 'Leave --port out for the next free one, or give another; 0 takes any free one.',
  },
  EACCES: { why: 'this user may not listen there', hint: 'Give a --port from 1024 on, or leave it out.' },
}

async function firstFree(server: Server, host: string): Promise<AddressInfo> {
  for (let port = FIRST_PORT; port < FIRST_PORT + PORTS; port++) {
    try {
      return await listen(server, host, port)
    } catch (error) {
      if (!isTaken(error)) throw error
    }
  }
  return listen(server, host, 0)
}

const isTaken = (error: unknown): boolean =>
  error instanceof LadingError &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'EADDRINUSE'

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void => {
      server.off('listening', onListening)
      const { why, hint } = WHY[cause.code ?? ''] ?? OTHERWISE
      const subject = `${inAddress(host)}:${port}`
      reject(
        new LadingError('E_USAGE', `cannot listen on ${subject}`, {
          subject,
          why: why ?? `the system answered ${cause.code}`,
          hint,
          cause,
        }),
      )
    }
    const onListening = (): void => {
      server.off('error', onError)
      resolve(server.address() as AddressInfo) // of a server that listens on a port
    }
    server.once('error', onError)
    server.once('listening', onListening)
    server.listen(port, host)
  })
}
