import { createNodeHttp, type Http, type HttpOptions, type Proxies } from './s3-http.ts'

/** Requests after which it pays to load undici: who has sent so many mostly has many more to send. */
const MANY = 500

/** From this size on a body costs more than its request, and Node's client tells when it has left. In bytes. */
export const LARGE_BODY: number = 256 * 1024

/**
 * Node's own client at first, and for large bodies; undici once there is much to do, or a proxy to go through. A request
 * keeps the client that it began with.
 */
export function createHttp(options: HttpOptions & { readonly undiciAfter?: number | undefined }): Http {
  const { proxies, undiciAfter = MANY } = options
  const forLarge = proxies || undiciAfter === 0 ? undefined : createNodeHttp(options)
  let http: Http | undefined = forLarge
  let loading: Promise<Http> | undefined
  let count = 0

  const load = (): Promise<Http> => {
    loading ??= import('./s3-undici.ts').then(({ createUndiciHttp }) => {
      http = createUndiciHttp(options)
      return http
    })
    return loading
  }

  return {
    send(request) {
      count += 1
      // Not waited for. Without it everything goes on as it is.
      if (count === undiciAfter) load().catch(() => undefined)
      if (forLarge !== undefined && (request.body?.byteLength ?? 0) >= LARGE_BODY) return forLarge.send(request)
      if (http === undefined) return load().then((loaded) => loaded.send(request))
      return http.send(request)
    },
  }
}

/** The variables that curl knows, in capitals too. */
export function proxiesFor({ protocol }: URL, env: Readonly<Record<string, string | undefined>>): Proxies | undefined {
  const httpProxy = env.http_proxy || env.HTTP_PROXY
  const httpsProxy = env.https_proxy || env.HTTPS_PROXY
  const noProxy = env.no_proxy || env.NO_PROXY
  if (!(protocol === 'https:' ? httpsProxy : httpProxy)) return undefined
  return { ...(httpProxy && { httpProxy }), ...(httpsProxy && { httpsProxy }), ...(noProxy && { noProxy }) }
}
