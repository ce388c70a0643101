import { LadingError } from '../../../words/errors.ts'
import { connectMs, type WireSetup } from '../setup.ts'
import type { Http, HttpOptions, Proxies } from './http.ts'
import { createSocketHttp } from './sockets.ts'

/** From this size on a body costs more than its request, and its memory is worth pooling. In bytes. */
export const LARGE_BODY: number = 256 * 1024

/** Connections at once, and how long one may take. */
export function limitsOf({
  concurrency,
  requestTimeoutMs,
}: WireSetup['options']): Pick<HttpOptions, 'connections' | 'connectMs'> {
  return { connections: concurrency + 8, connectMs: connectMs(requestTimeoutMs) }
}

/** Our own sockets; or undici, which supports proxies, where there is one to go through. */
export function createHttp(options: HttpOptions & { readonly isUndici?: boolean | undefined }): Http {
  if (!options.isUndici && options.proxies === undefined) return createSocketHttp(options)
  let loading: Promise<Http> | undefined
  const load = (): Promise<Http> => {
    loading ??= import('./undici.ts').then(({ createUndiciHttp }) => createUndiciHttp(options))
    return loading
  }
  return { send: async (request) => (await load()).send(request) }
}

/**
 * The variables that curl reads, in upper case too; an address without a scheme is one of http, as for curl.
 *
 * @throws E_ENDPOINT for what is no address; it is not shown, because passwords stand in such addresses
 */
export function proxiesFor({ protocol }: URL, env: Readonly<Record<string, string | undefined>>): Proxies | undefined {
  const names = protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY']
  const name = names.find((one) => env[one])
  const noProxy = env.no_proxy || env.NO_PROXY
  if (name === undefined) return undefined
  const address = addressIn(name, env[name] ?? '')
  // both, or undici would look for the other one in the environment by itself; only one of them is used
  return { httpProxy: address, httpsProxy: address, ...(noProxy && { noProxy }) }
}

function addressIn(name: string, text: string): string {
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (URL.canParse(address) && /^(https?|socks5?):$/.test(new URL(address).protocol)) return address
  throw new LadingError('E_ENDPOINT', `the proxy that ${name} names has no valid address`, {
    subject: name,
    hint: 'Write it like http://HOST:PORT, or unset the variable.',
  })
}
