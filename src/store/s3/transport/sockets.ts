import { connect, isIP, type Socket, type TcpNetConnectOpts } from 'node:net'
import { asError, type Http, type HttpOptions } from './http.ts'
import { Connection, type Exchange, type Owner } from './socket.ts'

/**
 * Requests over sockets of our own. Most of what a general client does for an object of ten kilobytes is for features
 * we do not use, and its code has to be loaded and compiled in every run.
 */
export function createSocketHttp(options: HttpOptions): Http {
  const open = createOpener(options)
  /** The one that was used last is taken first: it is the least likely to have been closed meanwhile. */
  const idle: Connection[] = []
  /** First come, first served. */
  const waiting = new Set<Exchange>()
  const connecting = new Set<Connection>()
  let alive = 0
  let isGarbling = false

  const nextWaiting = (): Exchange | undefined => {
    const [next] = waiting
    if (next) leave(next)
    return next
  }
  const leave = (exchange: Exchange): void => {
    waiting.delete(exchange)
    // Connections being opened that nobody waits for must not keep the process alive.
    if (waiting.size === 0) for (const connection of connecting) connection.rest()
  }
  const nextIdle = (): Connection | undefined => {
    for (let next = idle.pop(); next; next = idle.pop()) {
      if (next.isFresh) return next
      next.destroy(new Error('not used for too long'))
    }
    return undefined
  }
  /** Gives it to the next request that waits. Those whose guards refuse, perhaps thousands, are skipped. */
  const serve = (connection: Connection, first?: Exchange): void => {
    for (let next = first ?? nextWaiting(); next; next = nextWaiting()) {
      // After its answer to a HEAD such a server sends a body, which the next request would read.
      if (connection.begin(next, isGarbling && next.request.method === 'HEAD')) return
    }
    connection.rest()
    idle.push(connection)
  }

  const owner: Owner = {
    ready(connection) {
      connecting.delete(connection)
      serve(connection)
    },
    closed(connection, error) {
      alive -= 1
      const at = idle.indexOf(connection)
      if (at !== -1) idle.splice(at, 1)
      // A failed connection fails one request that waits, unless the others being opened suffice.
      if (connecting.delete(connection) && waiting.size > connecting.size) nextWaiting()?.reject(error)
      spread()
    },
    garbled() {
      isGarbling = true
    },
  }
  const openOne = (): Connection => {
    const connection = open(owner)
    connecting.add(connection)
    alive += 1
    return connection
  }
  /** Opens as many connections as requests wait for one, within the limit. */
  const spread = (): void => {
    while (connecting.size < waiting.size && alive < options.connections) {
      try {
        openOne()
      } catch (error) {
        nextWaiting()?.reject(asError(error))
      }
    }
  }

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        const { deadline } = request.passage
        if (deadline.hasStopped) return reject(asError(deadline.reason))
        const exchange: Exchange = { request, resolve, reject }
        const free = nextIdle()
        if (free) return serve(free, exchange)
        deadline.onStop((reason) => {
          leave(exchange)
          reject(asError(reason))
        })
        if (waiting.size === 0) for (const connection of connecting) connection.hurry()
        waiting.add(exchange)
        spread()
      }),
    warmUp(connections) {
      try {
        while (alive < Math.min(connections, options.connections)) {
          const connection = openOne()
          if (waiting.size === 0) connection.rest()
        }
      } catch {
        // whoever needs one is told
      }
    },
  }
}

/** The read buffer, in bytes. All connections share it: each read is processed before the next one. */
const READ_BYTES = 64 * 1024
/** Delay of TCP keep-alive, as in Node's own client, in milliseconds. */
const KEEP_ALIVE_MS = 1_000

/** Opens connections to one origin. */
function createOpener({ origin, connectMs }: HttpOptions): (owner: Owner) => Connection {
  const isSecure = origin.protocol === 'https:'
  const host = origin.hostname.replace(/^\[|\]$/g, '')
  const port = Number(origin.port) || (isSecure ? 443 : 80)
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  const open = isSecure ? securely(host) : connect

  return (owner) => {
    const place: TcpNetConnectOpts = {
      ...{ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
      onread: {
        buffer,
        callback(size) {
          connection.received(buffer.subarray(0, size))
          return true
        },
      },
    }
    const connection = new Connection(open(place), owner, { isSecure, connectMs })
    return connection
  }
}

/** TLS with one full handshake, whose session the next ones resume. */
function securely(host: string): (place: TcpNetConnectOpts) => Socket {
  const tls = process.getBuiltinModule('node:tls')
  const secureContext = tls.createSecureContext()
  const servername = isIP(host) === 0 ? host : ''
  let session: Buffer | undefined
  return (place) => {
    const socket = tls.connect({ ...place, secureContext, servername, ALPNProtocols: ['http/1.1'], session })
    // Only sessions whose certificate was verified come here.
    socket.on('session', (next: Buffer) => {
      session = next
    })
    // It may be the session that the server rejects.
    socket.on('error', () => {
      session = undefined
    })
    return socket
  }
}
