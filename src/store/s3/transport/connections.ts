import type { Http, HttpOptions, Proxies } from './http.ts'
import { createSocketHttp } from './sockets.ts'

/** From this size on a body costs more than its request, and its memory is worth pooling. In bytes. */
export const LARGE_BODY: number = 256 * 1024

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

/** The variables that curl reads, in upper case too. */
export function proxiesFor({ protocol }: URL, env: Readonly<Record<string, string | undefined>>): Proxies | undefined {
  const httpProxy = env.http_proxy || env.HTTP_PROXY
  const httpsProxy = env.https_proxy || env.HTTPS_PROXY
  const noProxy = env.no_proxy || env.NO_PROXY
  if (!(protocol === 'https:' ? httpsProxy : httpProxy)) return undefined
  return { ...(httpProxy && { httpProxy }), ...(httpsProxy && { httpsProxy }), ...(noProxy && { noProxy }) }
}
