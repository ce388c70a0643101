import { connect, isIP, type Socket, type TcpNetConnectOpts } from 'node:net'
import { asError, type Http, type HttpOptions } from './s3-http.ts'
import { Connection, type Exchange, type Owner } from './s3-socket.ts'

/**
 * Requests over sockets of our own. Of a general client, most of what it does for an object of ten kilobytes is done for
 * others, and its code has to be loaded and compiled in every run.
 */
export function createSocketHttp(options: HttpOptions): Http {
  const open = createOpener(options)
  /** The one that was used last is taken first: it is the least likely to have been ended meanwhile. */
  const idle: Connection[] = []
  const waiting: Exchange[] = []
  const connecting = new Set<Connection>()
  let alive = 0
  let isGarbling = false

  const nextWaiting = (): Exchange | undefined => {
    for (let next = waiting.shift(); next; next = waiting.shift()) if (!next.isOver) return next
    return undefined
  }
  const nextIdle = (): Connection | undefined => {
    for (let next = idle.pop(); next; next = idle.pop()) {
      if (next.isFresh) return next
      next.destroy(new Error('not used for too long'))
    }
    return undefined
  }
  // After its answer to a HEAD such a server sends a body, which would come for the next request.
  const begin = (connection: Connection, exchange: Exchange): void =>
    connection.begin(exchange, isGarbling && exchange.request.method === 'HEAD')

  const owner: Owner = {
    ready(connection) {
      connecting.delete(connection)
      const next = nextWaiting()
      if (next) return begin(connection, next)
      connection.rest()
      idle.push(connection)
    },
    closed(connection, error) {
      alive -= 1
      const at = idle.indexOf(connection)
      if (at !== -1) idle.splice(at, 1)
      if (connecting.delete(connection)) nextWaiting()?.reject(error)
      spread()
    },
    garbled() {
      isGarbling = true
    },
  }
  /** As many connections on their way as requests wait for one, within the limit. */
  const spread = (): void => {
    while (connecting.size < waiting.length && alive < options.connections) {
      alive += 1
      connecting.add(open(owner))
    }
  }

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        const { deadline } = request.passage
        if (deadline.hasStopped) return reject(asError(deadline.reason))
        const exchange: Exchange = { request, isOver: false, resolve, reject }
        const free = nextIdle()
        if (free) return begin(free, exchange)
        deadline.onStop((reason) => {
          exchange.isOver = true
          reject(asError(reason))
        })
        waiting.push(exchange)
        spread()
      }),
  }
}

/** What is read at once, in bytes. Whoever is told of it has done with it before the next is read: all share it. */
const READ_BYTES = 64 * 1024
/** As Node's own client has it, in milliseconds. */
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

/** One handshake in full, and what is left of it for the next ones. */
function securely(host: string): (place: TcpNetConnectOpts) => Socket {
  const tls = process.getBuiltinModule('node:tls')
  const secureContext = tls.createSecureContext()
  const servername = isIP(host) === 0 ? host : ''
  let session: Buffer | undefined
  return (place) => {
    const socket = tls.connect({ ...place, secureContext, servername, ALPNProtocols: ['http/1.1'], session })
    socket.on('session', (next: Buffer) => {
      session = next
    })
    return socket
  }
}
