import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FindingEvent, type LiveOptions, type LiveVerification, verifyLive } from '../../src/index.ts'
import {
  asset,
  CLASSIC,
  file,
  hashed,
  integrityOf,
  type LiveAnswer,
  type LiveHost,
  type LiveWorld,
  page,
  startLiveWorld,
} from '../rig/live-site.ts'
import { createHandClock } from '../rig/published.ts'

let world: LiveWorld
beforeEach(async () => {
  world = await startLiveWorld()
})
afterEach(() => world.close())

interface Looked extends LiveVerification {
  readonly found: readonly FindingEvent[]
}

async function look(options: Partial<LiveOptions> = {}): Promise<Looked> {
  const found: FindingEvent[] = []
  const clock = createHandClock()
  const summary = await verifyLive(
    { start: `${world.site.origin}/`, requestTimeoutMs: 20_000, ...options },
    { clock, random: () => 0, emit: (event) => event.type === 'finding' && found.push(event) },
  )
  return { ...summary, found }
}

function change(host: LiveHost, path: string, more: Partial<LiveAnswer>): void {
  const { headers, ...rest } = host.answers.get(path) ?? {}
  host.answers.set(path, { ...rest, ...more, headers: { ...headers, ...more.headers } })
}

/** The answer without one of its headers. */
function drop(host: LiveHost, path: string, name: string): void {
  const answer = host.answers.get(path) ?? {}
  const { [name]: _, ...headers } = answer.headers ?? {}
  host.answers.set(path, { ...answer, headers })
}

/** One more line on a page of its own, which the first page links to. */
function extra({ site }: LiveWorld, line: string, headers: Readonly<Record<string, string>> = {}): void {
  site.answers.set('/extra.html', page(line))
  change(site, '/extra.html', { headers })
  const home = site.answers.get('/')
  site.answers.set('/', { ...home, body: `${String(home?.body)}<a href="extra.html">more</a>` })
}

const LOGO = hashed('logo', 'png')
const CSS = hashed('site', 'css')
const FONT = hashed('font', 'woff2')
const APP = hashed('app', 'js')

interface Row {
  readonly fault: string
  /** Breaks one thing. */
  readonly breaks: (world: LiveWorld) => void
  readonly finds: Partial<FindingEvent>
  /** @default long enough for whatever answers */
  readonly requestTimeoutMs?: number
}

const ROWS: readonly Row[] = [
  {
    fault: 'an image that is not there',
    breaks: ({ cdn }) => cdn.answers.delete(LOGO),
    finds: { kind: 'status', line: 6, place: 'img[src]', message: 'answers 404' },
  },
  {
    fault: 'an image of a srcset that is not there',
    breaks: ({ cdn }) => cdn.answers.delete(hashed('logo@2x', 'png')),
    finds: { kind: 'status', line: 6, place: 'img[srcset]' },
  },
  {
    fault: 'what a style sheet names is not there',
    breaks: ({ cdn }) => cdn.answers.delete(hashed('bg', 'png')),
    finds: { kind: 'status', line: 2, message: 'answers 404' },
  },
  {
    fault: 'what a module imports is not there',
    breaks: ({ cdn }) => cdn.answers.delete(hashed('part', 'js')),
    finds: { kind: 'status', line: 1, place: 'import' },
  },
  {
    fault: 'a page that a page links to is gone',
    breaks: ({ site }) => change(site, '/about/', { status: 410 }),
    finds: { kind: 'status', line: 8, place: 'a[href]', message: 'answers 410' },
  },
  {
    fault: 'a page that only the sitemap lists is gone',
    breaks: ({ site }) => site.answers.delete('/hidden/'),
    finds: { kind: 'status', line: 4, place: 'loc' },
  },
  {
    fault: 'a font that is for another site alone',
    breaks: ({ cdn }) => change(cdn, FONT, { withOrigin: { 'access-control-allow-origin': 'https://other.example' } }),
    finds: { kind: 'cors', line: 1, message: 'comes allowed to https://other.example alone' },
  },
  {
    fault: 'an image in whose place a page answers 200, as a sign-in page does',
    breaks: ({ cdn }) => cdn.answers.set(LOGO, page('Sign in')),
    finds: { kind: 'type', message: 'comes as text/html, not as an image', why: expect.stringContaining('sign-in') },
  },
  {
    fault: 'a module without a type of scripts',
    breaks: ({ cdn }) => change(cdn, APP, { headers: { 'content-type': 'application/octet-stream' } }),
    finds: { kind: 'type', why: expect.stringContaining('refuse a module') },
  },
  {
    fault: 'a script without a type of scripts, and nosniff',
    breaks: ({ site }) =>
      change(site, '/classic.js', { headers: { 'content-type': 'text/plain', 'x-content-type-options': 'nosniff' } }),
    finds: { kind: 'type', message: 'comes as text/plain, not as a script', why: expect.stringContaining('nosniff') },
  },
  {
    fault: 'a style sheet with the type of none',
    breaks: ({ cdn }) => change(cdn, CSS, { headers: { 'content-type': 'binary/octet-stream' } }),
    finds: { kind: 'type', line: 2, message: 'comes as binary/octet-stream, not as a style sheet' },
  },
  {
    fault: 'a font without a content type',
    breaks: ({ cdn }) => drop(cdn, FONT, 'content-type'),
    finds: { kind: 'type', message: 'comes without a content type, not as a font' },
  },
  {
    fault: 'WebAssembly with another type',
    breaks: ({ cdn }) => {
      change(cdn, APP, { body: "new URL('./x.wasm', import.meta.url)" })
      cdn.answers.set('/a/x.wasm', asset('application/octet-stream'))
    },
    finds: { kind: 'type', message: 'comes as application/octet-stream, not as WebAssembly' },
  },
  {
    fault: 'a hashed name that is kept for a minute',
    breaks: ({ cdn }) => change(cdn, LOGO, { headers: { 'cache-control': 'max-age=60' } }),
    finds: { kind: 'caching', message: 'has a hash in its name and cache-control: max-age=60' },
  },
  {
    fault: 'a hashed name of which nothing is said',
    breaks: ({ cdn }) => drop(cdn, LOGO, 'cache-control'),
    finds: { kind: 'caching', message: 'has a hash in its name and no cache-control' },
  },
  {
    fault: 'a page that is kept for a year',
    breaks: ({ site }) => change(site, '/about/', { headers: { 'cache-control': 'max-age=31536000' } }),
    finds: { kind: 'caching', message: 'is a page with cache-control: max-age=31536000' },
  },
  {
    fault: 'a page that expires next year',
    breaks: ({ site }) => {
      drop(site, '/about/', 'cache-control')
      change(site, '/about/', { headers: { expires: 'Fri, 01 Jan 2100 00:00:00 GMT' } })
    },
    finds: { kind: 'caching', message: 'is a page with no cache-control' },
  },
  {
    fault: 'a web app manifest that is kept for a year',
    breaks: ({ site }) => change(site, '/site.webmanifest', { headers: { 'cache-control': 'max-age=31536000' } }),
    finds: { kind: 'caching', place: 'link[rel=manifest]' },
  },
  {
    fault: 'a name without a hash that is promised never to change',
    breaks: ({ site }) => change(site, '/sprite.svg', { headers: { 'cache-control': 'max-age=600, immutable' } }),
    finds: { kind: 'caching', message: 'has no hash in its name and cache-control: max-age=600, immutable' },
  },
  {
    fault: 'a font without CORS',
    breaks: ({ cdn }) => drop(cdn, FONT, 'access-control-allow-origin'),
    finds: { kind: 'cors', place: '@font-face src', message: 'comes without Access-Control-Allow-Origin' },
  },
  {
    fault: 'a font that is allowed only when asked with Origin, without Vary',
    breaks: ({ cdn }) => {
      drop(cdn, FONT, 'access-control-allow-origin')
      change(cdn, FONT, { withOrigin: { 'access-control-allow-origin': '*' } })
    },
    finds: { kind: 'vary', place: '@font-face src' },
  },
  {
    fault: 'a font whose answers vary, but say so only with Origin',
    breaks: ({ cdn }) => {
      drop(cdn, FONT, 'access-control-allow-origin')
      change(cdn, FONT, { withOrigin: { 'access-control-allow-origin': '*', vary: 'Origin' } })
    },
    finds: { kind: 'vary' },
  },
  {
    fault: 'a sprite of another host',
    breaks: (world) => {
      world.cdn.answers.set(hashed('s', 'svg'), asset('image/svg+xml'))
      extra(world, `<svg><use href="${world.cdn.origin}${hashed('s', 'svg')}#x"/></svg>`)
    },
    finds: { kind: 'cross-origin', message: 'never loads from another host', line: 2, place: 'use[href]' },
  },
  {
    fault: 'a script that is not the one that integrity names',
    breaks: ({ site }) => change(site, '/classic.js', { body: `${CLASSIC};` }),
    finds: { kind: 'integrity', line: 4, message: expect.stringContaining('is not what integrity names') },
  },
  {
    fault: 'integrity of which only the weaker algorithm fits',
    breaks: (world) => {
      const both = `${integrityOf(CLASSIC, 'sha256')} ${integrityOf('other', 'sha512')}`
      extra(world, `<script src="classic.js" integrity="${both}"></script>`)
    },
    finds: { kind: 'integrity', message: expect.stringContaining('it is sha512-') },
  },
  {
    fault: 'integrity of another host without crossorigin',
    breaks: (world) => {
      world.cdn.answers.set('/a/c.js', asset('text/javascript', CLASSIC))
      extra(world, `<script src="${world.cdn.origin}/a/c.js" integrity="${integrityOf(CLASSIC)}"></script>`)
    },
    finds: { kind: 'integrity', message: 'has integrity, but no crossorigin' },
  },
  {
    fault: 'an image without a policy in a page that demands one',
    breaks: (world) =>
      extra(world, `<img src="${world.cdn.origin}${LOGO}">`, { 'cross-origin-embedder-policy': 'require-corp' }),
    finds: { kind: 'embedding', message: 'comes without Cross-Origin-Resource-Policy' },
  },
  {
    fault: 'an image that is for its own origin alone',
    breaks: ({ cdn }) => change(cdn, LOGO, { headers: { 'cross-origin-resource-policy': 'same-origin' } }),
    finds: { kind: 'embedding', message: 'comes with Cross-Origin-Resource-Policy: same-origin' },
  },
  {
    fault: 'an image that only redirects',
    breaks: (world) => {
      world.site.answers.set('/moved.png', { status: 302, headers: { location: `${world.cdn.origin}${LOGO}` } })
      extra(world, '<img src="moved.png">')
    },
    finds: { kind: 'redirected', line: 2, message: expect.stringContaining('redirects to http') },
  },
  {
    fault: 'a link that redirects in a circle',
    breaks: (world) => {
      world.site.answers.set('/x', { status: 302, headers: { location: '/y' } })
      world.site.answers.set('/y', { status: 302, headers: { location: '/x' } })
      extra(world, '<a href="/x">x</a>')
    },
    finds: {
      kind: 'status',
      url: expect.stringMatching(/\/x$/),
      message: expect.stringMatching(/^leads to .*, which redirects in a circle$/),
    },
  },
  {
    fault: 'a link that redirects to itself',
    breaks: ({ site }) => change(site, '/old', { headers: { location: '/old' } }),
    finds: { kind: 'status', message: 'redirects in a circle' },
  },
  {
    fault: 'a link whose redirect leads nowhere',
    breaks: ({ site }) => change(site, '/old', { headers: { location: '/gone' } }),
    finds: {
      kind: 'status',
      url: expect.stringMatching(/\/old$/),
      message: expect.stringMatching(/gone, which answers 404$/),
    },
  },
  {
    fault: 'a redirect that does not say where',
    breaks: ({ site }) => site.answers.set('/old', { status: 302 }),
    finds: { kind: 'status', message: 'answers 302' },
  },
  {
    fault: 'a file that never answers',
    breaks: ({ site }) => change(site, '/sprite.svg', { hangs: true }),
    requestTimeoutMs: 2000,
    finds: { kind: 'unreachable', why: 'The visitor gets nothing: no answer within 2 s.' },
  },
  {
    fault: 'a connection that is cut each time',
    breaks: ({ site }) => change(site, '/sprite.svg', { cuts: 9 }),
    finds: { kind: 'unreachable', why: 'The visitor gets nothing: the connection was cut.' },
  },
  {
    fault: 'an address with a password',
    // nothing is there: it would be found, if it were asked for
    breaks: (world) => extra(world, `<img src="${world.site.origin.replace('//', '//user:hunter2@')}/x.png">`),
    finds: { kind: 'address', url: expect.stringMatching(/^http:\/\/127[.\d:]+\/x\.png$/) },
  },
]

describe('verify --live', () => {
  it('finds nothing where everything is as it should be, and asks each address once', async () => {
    const { found, ...summary } = await look()
    expect(found).toEqual([])
    expect(summary).toMatchObject({ ok: true, exit: 0, findings: 0, visited: 3, elsewhere: 1, unread: 0 })
    const asked = [...world.site.log, ...world.cdn.log].filter(({ headers }) => headers.origin === undefined)
    const paths = asked.map(({ path }) => path)
    expect(new Set(paths).size).toBe(paths.length)
    expect(paths).toEqual(expect.arrayContaining(['/', '/hidden/', '/paper.pdf', FONT, hashed('part', 'js')]))
    const withOrigin = world.cdn.log.filter(({ headers }) => headers.origin === world.site.origin)
    expect(withOrigin.map(({ path }) => path).sort()).toEqual([APP, FONT, hashed('part', 'js')].sort())
  })

  it.each(ROWS)('finds $fault once, and nothing else', async ({ breaks, finds, requestTimeoutMs = 20_000 }) => {
    breaks(world)
    const { found, ...summary } = await look({ requestTimeoutMs })
    expect(found).toEqual([expect.objectContaining({ type: 'finding', ...finds })])
    expect(summary).toMatchObject({ ok: false, exit: 10, findings: 1 })
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })

  it.each<[string, (world: LiveWorld) => void]>([
    [
      'an answer that varies and says so',
      ({ cdn }) => {
        drop(cdn, FONT, 'access-control-allow-origin')
        change(cdn, FONT, {
          headers: { vary: 'Accept-Encoding, origin' },
          withOrigin: { 'access-control-allow-origin': '*' },
        })
      },
    ],
    [
      'a host that allows this site alone',
      ({ site, cdn }) => change(cdn, FONT, { headers: { 'access-control-allow-origin': site.origin } }),
    ],
    [
      'an image with a policy in a page that demands one',
      (world) => {
        change(world.cdn, LOGO, { headers: { 'cross-origin-resource-policy': 'cross-origin' } })
        extra(world, `<img src="${world.cdn.origin}${LOGO}">`, { 'cross-origin-embedder-policy': 'require-corp' })
      },
    ],
    [
      'integrity in the options of which one fits',
      (world) => {
        const any = `${integrityOf('other')} ${integrityOf(CLASSIC)}?x md5-abc`
        extra(world, `<script src="classic.js" integrity="${any}"></script>`)
      },
    ],
    [
      'a name of a bundler that never changes',
      (world) => {
        world.site.answers.set('/index-DkX2a1b3.js', asset('text/javascript'))
        extra(world, '<script src="/index-DkX2a1b3.js"></script>')
      },
    ],
    [
      'a version in the query',
      (world) => {
        world.site.answers.set('/app.js?v=3', asset('text/javascript'))
        extra(world, '<script src="/app.js?v=3"></script>')
      },
    ],
    [
      'JSON-LD of addresses that nobody serves',
      (world) => extra(world, '<script type="application/ld+json">{"target":"/search?q={x}"}</script>'),
    ],
    [
      'a page that is asked for again each time',
      ({ site }) => change(site, '/about/', { headers: { 'cache-control': 'no-cache, max-age=31536000' } }),
    ],
    ['a connection that is cut once', ({ site }) => change(site, '/sprite.svg', { cuts: 1 })],
    [
      'a CDN that keeps pages for long',
      ({ site }) => change(site, '/about/', { headers: { 'cache-control': 's-maxage=31536000, max-age=0' } }),
    ],
  ])('has nothing against %s', async (_, breaks) => {
    breaks(world)
    expect(await look()).toMatchObject({ found: [], ok: true })
  })

  it('counts the references that share a fault, and names the first', async () => {
    world.site.answers.delete('/favicon.ico')
    extra(world, '<img src="favicon.ico"><link rel="icon" href="/favicon.ico">')
    const { found } = await look()
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ kind: 'status', page: `${world.site.origin}/extra.html`, line: 2, references: 4 })
  })

  it('says the same, in the order of pages and lines, however many requests run at once', async () => {
    world.site.answers.delete('/favicon.ico')
    world.cdn.answers.delete(LOGO)
    world.cdn.answers.delete(FONT)
    world.site.answers.delete('/paper.pdf')
    const { found } = await look({ concurrency: 1 })
    const places = found.map(({ page, line }) => [page, line])
    expect(places).toHaveLength(4)
    const { found: again } = await look({ concurrency: 16 })
    expect(again).toEqual(found)
  })

  it('asks another host only when told to, and then asserts what it serves', async () => {
    const other = await startLiveWorld()
    try {
      other.site.answers.set('/x.png', file('text/html'))
      extra(world, `<img src="${other.site.origin}/x.png">`)
      expect(await look()).toMatchObject({ found: [], elsewhere: 2 })
      expect(other.site.log).toEqual([])
      const { found } = await look({ external: true })
      expect(found.map(({ url, kind }) => [url, kind])).toContainEqual([`${other.site.origin}/x.png`, 'type'])
    } finally {
      await other.close()
    }
  })

  it('asserts the public address in full, although no name there has a hash', async () => {
    extra(world, `<img src="${world.cdn.origin}/public/x.png">`)
    for (const name of ['site', 'app', 'logo', 'logo@2x']) {
      const home = world.site.answers.get('/')
      const extension = { site: 'css', app: 'js' }[name] ?? 'png'
      world.site.answers.set('/', {
        ...home,
        body: String(home?.body).replaceAll(`${world.cdn.origin}${hashed(name, extension)}`, '/favicon.ico?'),
      })
    }
    const kinds = async (options: Partial<LiveOptions>) =>
      (await look(options)).found.map(({ url, kind }) => `${kind} ${new URL(url).pathname}`)
    expect(await kinds({})).not.toContain('status /public/x.png')
    expect(await kinds({ url: { kind: 'host', href: `${world.cdn.origin}/public/` } })).toContain(
      'status /public/x.png',
    )
  })
})
