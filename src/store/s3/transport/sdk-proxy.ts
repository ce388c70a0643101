import type { S3Client } from '@aws-sdk/client-s3'
import { type Dispatcher, EnvHttpProxyAgent, request as send } from 'undici'
import type { Proxies } from './http.ts'
import { encoded } from './sign.ts'
import { named } from './undici.ts'

/** What the SDK sends its requests by. */
type Handler = S3Client['config']['requestHandler']

/** Its request, as far as it is read: no body of ours is a stream. */
interface Asked {
  readonly method: string
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  /** Percent-encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

interface ProxyOptions {
  readonly proxies: Proxies
  readonly connections: number
  readonly connectMs: number
}

/** For the SDK behind a proxy: its own client connects directly, whatever the environment says. */
export function createProxyHandler({ proxies, connections, connectMs }: ProxyOptions): Handler {
  const limits = { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: connectMs } }
  const dispatcher = new EnvHttpProxyAgent({ ...limits, noProxy: '', ...proxies, connections, pipelining: 1 })
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(asked: Asked, options?: { readonly abortSignal?: unknown }) {
      try {
        const { statusCode, headers, body } = await send(addressOf(asked), {
          dispatcher,
          method: asked.method as Dispatcher.HttpMethod, // the SDK's are all known to undici
          headers: headersOf(asked),
          body: asked.body ?? null,
          signal: options?.abortSignal as AbortSignal | undefined, // ours, see sdk.ts
        })
        return { response: { statusCode, headers: single(headers), body } }
      } catch (error) {
        throw error instanceof Error ? named(error, connectMs) : error
      }
    },
    // Called by middleware of the SDK that none of our operations has.
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => void dispatcher.destroy(),
  }
}

function addressOf({ protocol, hostname, port, path, query }: Asked): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, given]) => {
    return [given ?? ''].flat().map((value) => `${encoded(name)}=${encoded(value)}`)
  })
  const host = port === undefined ? hostname : `${hostname}:${port}`
  return `${protocol}//${host}${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`
}

/** Without `Expect`, which undici does not know; it is not signed. */
function headersOf({ headers }: Asked): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'expect'))
}

function single(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value = '']) => [name, String(value)]))
}
