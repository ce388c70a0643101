import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FILES, type ServedFile } from './files.ts'

export type CdnPolicy =
  | 'without CORS'
  | 'with CORS'
  | 'with CORP'
  | 'with CORS when asked'
  | 'with CORS when asked, and Vary'

type Headers = Readonly<Record<string, string>>

const whenAsked = ({ headers }: IncomingMessage): Headers =>
  headers.origin === undefined ? {} : { 'access-control-allow-origin': '*' }

/** What the CDN says of who may read its answers. */
const POLICIES: Readonly<Record<CdnPolicy, (request: IncomingMessage) => Headers>> = {
  'without CORS': () => ({}),
  'with CORS': () => ({ 'access-control-allow-origin': '*' }),
  'with CORP': () => ({ 'cross-origin-resource-policy': 'cross-origin' }),
  // As S3 does it: no `Origin` in the request, no word of CORS in the answer.
  'with CORS when asked': whenAsked,
  'with CORS when asked, and Vary': (request) => ({ ...whenAsked(request), vary: 'Origin' }),
}

/** One request, as it came over the wire. */
export interface Asked {
  readonly host: 'origin' | 'CDN'
  /** Still encoded, with the query; of the CDN without the folder of its policy. */
  readonly path: string
  /** Of fetch metadata: `cors`, `no-cors`, ... */
  readonly mode: string
}

/** A page's origin on `localhost` and a CDN on `127.0.0.1`: to a browser, two sites. */
export interface Bench {
  /** Both end with `/`, and have every file of {@link FILES}. */
  readonly origin: string
  cdn(policy: CdnPolicy): string
  /** Whatever was asked for, in order. */
  readonly asked: Asked[]
  /** Puts a file on both hosts, above those of {@link FILES}; its path is what a request carries. */
  put(path: string, file: ServedFile): void
  close(): Promise<void>
}

export async function openBench(): Promise<Bench> {
  const files = new Map(Object.entries(FILES))
  const asked: Asked[] = []
  const origin = await listen('localhost', (request, response) => {
    const path = (request.url ?? '/').slice(1)
    asked.push({ host: 'origin', path, mode: modeOf(request) })
    answer(response, fileAt(files, path))
  })
  const cdn = await listen('127.0.0.1', (request, response) => {
    const [, folder = '', path = ''] = /^\/([^/]*)\/(.*)$/.exec(request.url ?? '') ?? []
    asked.push({ host: 'CDN', path, mode: modeOf(request) })
    const policy = Object.entries(POLICIES).find(([name]) => folderOf(name) === folder)?.[1]
    answer(response, policy && fileAt(files, path), policy?.(request))
  })
  return {
    origin: origin.url,
    cdn: (policy) => `${cdn.url}${folderOf(policy)}/`,
    asked,
    put: (path, file) => files.set(path, file),
    close: async () => {
      await origin.close()
      await cdn.close()
    },
  }
}

/** A file under its exact path, query included, or else under the path alone. */
function fileAt(files: ReadonlyMap<string, ServedFile>, path: string): ServedFile | undefined {
  return files.get(path) ?? files.get(path.replace(/\?.*$/, ''))
}

const folderOf = (policy: string): string => policy.toLowerCase().replace(/\W+/g, '-')

function modeOf({ headers }: IncomingMessage): string {
  return String(headers['sec-fetch-mode'] ?? '')
}

function answer(response: ServerResponse, file: ServedFile | undefined, policy: Headers = {}): void {
  if (file === undefined) response.writeHead(404, policy).end()
  else {
    const { type, body, headers } = file
    response.writeHead(200, { 'content-type': type, 'cache-control': 'max-age=600', ...policy, ...headers }).end(body)
  }
}

interface Listening {
  readonly url: string
  close(): Promise<void>
}

async function listen(
  host: string,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Listening> {
  const server = createServer(handle)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
  // A server that listens on a host and port answers with an object; text is for pipes.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host}:${port}/`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())))
    },
  }
}
