import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a path answers. */
export interface LiveAnswer {
  readonly body?: string | Uint8Array
  /** @default 200 */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** More, when the request carries `Origin`. */
  readonly withOrigin?: Readonly<Record<string, string>>
  /** Takes the request and never answers. */
  readonly hangs?: boolean
  /** Sends what it has and never ends. */
  readonly isEndless?: boolean
  /** Cuts the connection so often before it answers. */
  readonly cuts?: number
}

export interface LiveRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

/** A server on loopback; what it answers may be changed at any time. */
export interface LiveHost {
  /** Without a slash at the end. */
  readonly origin: string
  readonly answers: Map<string, LiveAnswer>
  readonly log: readonly LiveRequest[]
  close(): Promise<void>
}

export async function startLiveHost(): Promise<LiveHost> {
  const answers = new Map<string, LiveAnswer>()
  const log: LiveRequest[] = []
  const cut = new Map<string, number>()
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    log.push({ path, headers: request.headers })
    const found = answers.get(path)
    const before = cut.get(path) ?? 0
    if (found?.hangs) return
    if (before < (found?.cuts ?? 0)) {
      cut.set(path, before + 1)
      response.destroy()
      return
    }
    const extra = request.headers.origin === undefined ? {} : found?.withOrigin
    response.writeHead(found ? (found.status ?? 200) : 404, { ...found?.headers, ...extra })
    if (found?.isEndless) response.write(found.body)
    else response.end(found?.body)
  })
  const port = await listen(server)
  return {
    origin: `http://127.0.0.1:${port}`,
    answers,
    log,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // A server that listens on a host and port answers with an object; text is for pipes.
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

/** The site's own host, and the host of its assets. */
export interface LiveWorld {
  readonly site: LiveHost
  readonly cdn: LiveHost
  close(): Promise<void>
}

const FOREVER = { 'cache-control': 'public, max-age=31536000, immutable' }
const OPEN = { 'access-control-allow-origin': '*' }

/** Of an asset: forever, for everybody. */
export const asset = (type: string, body: string = type): LiveAnswer => ({
  body,
  headers: { 'content-type': type, 'x-content-type-options': 'nosniff', ...FOREVER, ...OPEN },
})

/** Of a name that stays: for a moment. */
export const file = (type: string, body: string = type): LiveAnswer => ({
  body,
  headers: { 'content-type': type, 'cache-control': 'public, max-age=0, must-revalidate' },
})

export const page = (...lines: readonly string[]): LiveAnswer =>
  file('text/html; charset=utf-8', ['<!doctype html>', ...lines].join('\n'))

export const integrityOf = (body: string, name = 'sha384'): string =>
  `${name}-${createHash(name).update(body).digest('base64')}`

/** An asset's key, with a hash as our names carry it. */
export const hashed = (name: string, extension: string): string => `/a/${name}.mzxw6ytboi4dqmrq.${extension}`

export const CLASSIC = 'console.log(1)'

/** A site in which everything is as it should be: two pages that link to each other, one more in the sitemap. */
export async function startLiveWorld(): Promise<LiveWorld> {
  const [site, cdn] = await Promise.all([startLiveHost(), startLiveHost()])
  for (const [path, answer] of siteAnswers(cdn.origin, site.origin)) site.answers.set(path, answer)
  for (const [path, answer] of CDN_ANSWERS) cdn.answers.set(path, answer)
  return { site, cdn, close: async () => void (await Promise.all([site.close(), cdn.close()])) }
}

function siteAnswers(cdn: string, site: string): [string, LiveAnswer][] {
  return [
    [
      '/',
      page(
        `<link rel="stylesheet" href="${cdn}${hashed('site', 'css')}">`,
        `<script type="module" src="${cdn}${hashed('app', 'js')}"></script>`,
        `<script src="classic.js" integrity="${integrityOf(CLASSIC)}"></script>`,
        '<link rel="manifest" href="/site.webmanifest">',
        `<img src="${cdn}${hashed('logo', 'png')}" srcset="${cdn}${hashed('logo@2x', 'png')} 2x" alt="">`,
        '<svg><use href="#here"/><use href="/sprite.svg#there"/></svg>',
        '<a href="about/#top">About</a> <a href="/old">Old</a> <a href="mailto:x@example.com">Mail</a>',
        '<img src="https://pixel.example/x.png" alt=""> <a href="https://elsewhere.example/">Away</a>',
      ),
    ],
    ['/about/', page('<a href="../">Home</a>', '<a href="/paper.pdf">Paper</a>')],
    ['/old', { status: 301, headers: { location: '/about/' } }],
    ['/hidden/', page('<img src="../favicon.ico" alt="">')],
    ['/sitemap.xml', file('application/xml', sitemap(`${site}/`, `${site}/hidden/`, 'https://other.example/'))],
    [
      '/site.webmanifest',
      file('application/manifest+json', '{"icons":[{"src":"favicon.ico"}],"start_url":"/nowhere"}'),
    ],
    ['/classic.js', file('text/javascript', CLASSIC)],
    ['/favicon.ico', file('image/x-icon')],
    ['/sprite.svg', file('image/svg+xml')],
    ['/paper.pdf', file('application/pdf')],
  ]
}

const sitemap = (...urls: readonly string[]): string =>
  `<?xml version="1.0"?>\n<urlset>\n${urls.map((url) => `<url><loc>${url}</loc></url>`).join('\n')}\n</urlset>`

const CDN_ANSWERS: readonly [string, LiveAnswer][] = [
  [
    hashed('site', 'css'),
    asset(
      'text/css',
      `@font-face { src: url(font.mzxw6ytboi4dqmrq.woff2) }\nbody { background: url(bg.mzxw6ytboi4dqmrq.png) }`,
    ),
  ],
  [hashed('font', 'woff2'), asset('font/woff2')],
  [hashed('bg', 'png'), asset('image/png')],
  [hashed('logo', 'png'), asset('image/png')],
  [hashed('logo@2x', 'png'), asset('image/png')],
  [hashed('app', 'js'), asset('text/javascript', `import './part.mzxw6ytboi4dqmrq.js'`)],
  [hashed('part', 'js'), asset('text/javascript', 'export {}')],
]
