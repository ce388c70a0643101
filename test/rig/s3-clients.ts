import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { S3Call } from './s3-protocol.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Who talks to the server: whose key signs, over which connection. */
export interface Clients {
  /** Keys under a name, which then is `S3Call.client` of what they sign. The same name gets the same keys. */
  credentials(name: string): Credentials
  secretOf(accessKeyId: string): string | undefined
  of(incoming: IncomingMessage): Pick<S3Call, 'client' | 'connection'>
}

export function createClients(): Clients {
  const byName = new Map<string, Credentials>()
  const byId = new Map<string, { readonly name: string; readonly secret: string }>()
  const connections = new WeakMap<object, number>()
  let connectionCount = 0
  return {
    credentials(name) {
      const known = byName.get(name)
      if (known) return known
      const accessKeyId = `RIG${randomBytes(8).toString('hex').toUpperCase()}`
      const made = { accessKeyId, secretAccessKey: randomBytes(20).toString('hex') }
      byName.set(name, made)
      byId.set(accessKeyId, { name, secret: made.secretAccessKey })
      return made
    },
    secretOf: (accessKeyId) => byId.get(accessKeyId)?.secret,
    of({ headers, socket }) {
      if (!connections.has(socket)) {
        connectionCount += 1
        connections.set(socket, connectionCount)
      }
      const [, id = ''] = /Credential=([^/]+)/.exec(headers.authorization ?? '') ?? []
      // Keys without a name of their own are everybody's, and say less than the program does.
      const name = byId.get(id)?.name || headers['user-agent']
      return { client: name ?? 'unknown', connection: connections.get(socket) ?? 0 }
    },
  }
}
