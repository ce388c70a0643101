import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Store } from '../store/store.ts'
import { LadingError, printable } from '../words/errors.ts'
import { fileResource } from './serve-folder.ts'
import { type ObjectSource, objectResource } from './serve-object.ts'
import { answerWith, end, type Resource } from './serve-resource.ts'

export interface ServeOptions {
  /** 0 takes any free one. @default 0 */
  readonly port?: number | undefined
  /** Address to listen on. @default '127.0.0.1' */
  readonly host?: string | undefined
  /** Whether any other origin may read what is served (`Access-Control-Allow-Origin: *`). @default false */
  readonly cors?: boolean | undefined
  /** Path of the site under which everything lies: with `/_a/`, `/_a/x.png` is the object `x.png`. @default '/' */
  readonly mount?: string | undefined
  /** Whether `x/` is answered with `x/index.html`, and what is missing with `404.html`. @default true */
  readonly index?: boolean | undefined
  /** Told a line for every answer. */
  readonly log?: ((line: string) => void) | undefined
}

export interface Serving {
  /** Address of the mount; ends with `/`. */
  readonly url: string
  readonly port: number
  /** Ends every connection. */
  close(): Promise<void>
}

/** Where answers come from. */
interface Source {
  /** The resource of a decoded path without its first `/`; `'folder'` when `path/` is to be asked for instead. */
  find(path: string): Promise<Resource | 'folder' | undefined>
  /** Whether a bare `+` in a path is a space, as S3 and CloudFront have it. */
  readonly plusIsSpace: boolean
}

/**
 * Serves a store on loopback as a CDN would: with the stored headers, conditions, ranges, and CORS on or off. What
 * lies in `.lading/` is not served. Every answer asks the store, so a deploy shows at once.
 *
 * @throws E_USAGE when the port is taken
 */
export function serveStore(store: Store, options: ServeOptions = {}): Promise<Serving> {
  return serve({ plusIsSpace: true, find: (path) => objectResource(store, path) }, options)
}

/** Answers as {@link serveStore} does, for a server that somebody else has made. */
export function storeListener(store: ObjectSource, options: Omit<ServeOptions, 'port' | 'host'> = {}): RequestListener {
  return listener({ plusIsSpace: true, find: (path) => objectResource(store, path) }, options)
}

/**
 * Serves a folder on loopback as a plain web server would: for the folder that `--out` wrote.
 *
 * @throws E_USAGE when the port is taken
 */
export function serveFolder(dir: string, options: ServeOptions = {}): Promise<Serving> {
  return serve({ plusIsSpace: false, find: (path) => fileResource(dir, path) }, options)
}

/** Both halves of a site that names its assets by a path of its own host. */
export interface SiteParts {
  /** The folder of pages, as `--out` wrote it. */
  readonly dir: string
  readonly store: Store
  /** The path that leads to the store: `/_a/`. */
  readonly mount: string
}

/**
 * Serves pages and assets from one address, as a CDN that routes `mount` to the store does.
 *
 * @throws E_USAGE when the port is taken
 */
export function serveSite(
  { dir, store, mount }: SiteParts,
  options: Omit<ServeOptions, 'mount'> = {},
): Promise<Serving> {
  const assets = mount.replace(/^\//, '')
  const find: Source['find'] = (path) =>
    path.startsWith(assets) ? objectResource(store, path.slice(assets.length)) : fileResource(dir, path)
  return serve({ plusIsSpace: false, find }, options)
}

function listener(source: Source, options: ServeOptions): RequestListener {
  return (request, response) => {
    answer(source, request, { response, options }).then(
      (status) => options.log?.(`${status} ${request.method} ${printable(request.url ?? '')}`),
      () => {
        options.log?.(`500 ${request.method} ${printable(request.url ?? '')}`)
        if (response.headersSent) response.destroy()
        else end(response, 500, 'The store could not be read.')
      },
    )
  }
}

async function serve(source: Source, options: ServeOptions): Promise<Serving> {
  const host = options.host ?? '127.0.0.1'
  const mount = options.mount ?? '/'
  const { createServer } = await import('node:http') // lazy: the package's main entry imports this file
  const server = createServer(listener(source, options))
  const port = await listen(server, host, options.port ?? 0)
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}${mount}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Exchange {
  readonly response: ServerResponse
  readonly options: ServeOptions
}

async function answer(source: Source, request: IncomingMessage, { response, options }: Exchange): Promise<number> {
  response.setHeader('x-content-type-options', 'nosniff')
  if (options.cors) {
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('timing-allow-origin', '*')
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return end(response, 405, 'Only GET and HEAD.')
  }
  const path = pathOf(request.url ?? '/', options.mount ?? '/', source.plusIsSpace)
  const found = path === undefined ? undefined : await lookUp(source, path, options.index ?? true)
  if (found === undefined) return end(response, 404, 'Not found.')
  if (found === 'folder') {
    response.setHeader('location', (request.url ?? '').replace(/(?=\?|$)/, '/'))
    return end(response, 301)
  }
  try {
    return await answerWith(found.resource, request, { response, status: found.status })
  } finally {
    await found.resource.close()
  }
}

interface Found {
  readonly resource: Resource
  readonly status: number
}

async function lookUp(source: Source, path: string, index: boolean): Promise<Found | 'folder' | undefined> {
  const isHidden = path.split('/').includes('.lading')
  const wanted = index && (path === '' || path.endsWith('/')) ? `${path}index.html` : path
  const found = isHidden ? undefined : await source.find(wanted)
  if (found === 'folder' && index && !wanted.endsWith('/')) return 'folder'
  if (found !== undefined && found !== 'folder') return { resource: found, status: 200 }
  const missing = index ? await source.find('404.html') : undefined
  return missing === undefined || missing === 'folder' ? undefined : { resource: missing, status: 404 }
}

/** The decoded path below the mount; `undefined` when it is not below it, or is not text. */
function pathOf(url: string, mount: string, plusIsSpace: boolean): string | undefined {
  const raw = url.split('?', 1)[0] ?? ''
  if (!raw.startsWith(mount)) return undefined
  const below = raw.slice(mount.length)
  try {
    return decodeURIComponent(plusIsSpace ? below.replaceAll('+', ' ') : below)
  } catch {
    return undefined
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE'
      reject(
        new LadingError('E_USAGE', `cannot listen on ${host}:${port}`, {
          subject: `${host}:${port}`,
          why: taken ? 'another program uses the port' : `the system answered ${cause.code}`,
          hint: 'Choose another port; 0 takes any free one.',
          cause,
        }),
      )
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
