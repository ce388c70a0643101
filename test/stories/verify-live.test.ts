import { afterEach, describe, expect, it, vi } from 'vitest'
import { type FindingEvent, type LiveOptions, type LiveVerification, type Run, verifyLive } from '../../src/index.ts'
import { VERSION } from '../../src/version.ts'
import { eventually } from '../rig/eventually.ts'
import { asset, file, hashed, type LiveHost, page, startLiveHost } from '../rig/live-site.ts'
import { createHandClock } from '../rig/published.ts'

const hosts: LiveHost[] = []
afterEach(async () => {
  vi.unstubAllGlobals()
  await Promise.all(hosts.splice(0).map((host) => host.close()))
})

async function host(answers: Readonly<Record<string, Parameters<LiveHost['answers']['set']>[1]>>): Promise<LiveHost> {
  const started = await startLiveHost()
  hosts.push(started)
  for (const [path, answer] of Object.entries(answers)) started.answers.set(path, answer)
  return started
}

interface Looked extends LiveVerification {
  readonly found: readonly FindingEvent[]
}

async function look(start: string, options: Partial<LiveOptions> = {}, run: Run = {}): Promise<Looked> {
  const found: FindingEvent[] = []
  const emit: Run['emit'] = (event) => event.type === 'finding' && found.push(event)
  const summary = await verifyLive({ start, ...options }, { clock: createHandClock(), emit, ...run })
  return { ...summary, found }
}

const kinds = ({ found }: Looked): string[] => found.map(({ kind, url }) => `${kind} ${new URL(url).pathname}`)

describe('what is followed', () => {
  it('pages below the folder of the address, and nothing above it', async () => {
    const { origin, log } = await host({
      '/shop/index.html?x=1': page('<a href="./bag/">Bag</a> <a href="/">Up</a> <img src="/logo.png">'),
      '/shop/bag/': page('<a href="/shop/index.html?x=1">Back</a> <a href="/shopping">Other</a>'),
      '/logo.png': file('image/png'),
    })
    const found = await look(`${origin}/shop/index.html?x=1#top`)
    expect(found).toMatchObject({ ok: true, visited: 2, followed: 1, found: [] })
    expect(log.map(({ path }) => path).sort()).toEqual([
      '/logo.png',
      '/shop/bag/',
      '/shop/index.html?x=1',
      '/shop/sitemap.xml',
    ])
  })

  it('the page to which the address redirects, on its own host', async () => {
    const www = await host({ '/home/': page('<a href="/home/b/">b</a>'), '/home/b/': page('') })
    const bare = await host({ '/': { status: 301, headers: { location: `${www.origin}/home/` } } })
    expect(await look(`${bare.origin}/`)).toMatchObject({ ok: true, url: `${www.origin}/home/`, visited: 2 })
  })

  it('the sitemaps of an index, each once, and pages that redirect out of the site are left alone', async () => {
    const index = (...names: string[]) =>
      file(
        'text/xml',
        `<sitemapindex>${names.map((name) => `<sitemap><loc>${name}</loc></sitemap>`).join('')}</sitemapindex>`,
      )
    const { origin, log } = await host({
      '/': page('<a href="/login">Login</a>'),
      '/login': { status: 302, headers: { location: 'https://login.example/' } },
      '/sitemap.xml': index('/one.xml', 'sitemap.xml', '/two.xml'),
      '/one.xml': file(
        'text/xml',
        '<urlset><url><loc>/only-here/</loc><image:image><image:loc>/no.png</image:loc></image:image></url></urlset>',
      ),
      '/two.xml': index('/one.xml'),
      '/only-here/': page('<img src="/gone.png">'),
    })
    expect(kinds(await look(`${origin}/`))).toEqual(['status /gone.png'])
    expect(log.filter(({ path }) => path.endsWith('.xml')).map(({ path }) => path)).toEqual([
      '/sitemap.xml',
      '/one.xml',
      '/two.xml',
    ])
  })

  it('as many pages as are allowed; how many more are known is said', async () => {
    const { origin, answers } = await host({ '/': page('<a href="/1">1</a><a href="/paper.pdf">no page</a>') })
    answers.set('/paper.pdf', file('application/pdf'))
    for (let n = 1; n <= 30; n++) answers.set(`/${n}`, page(`<a href="/${n + 1}">next</a> <a href="/">first</a>`))
    expect(await look(`${origin}/`, { maxPages: 10 })).toMatchObject({ ok: true, visited: 10, unread: 1 })
    expect(await look(`${origin}/`)).toMatchObject({ ok: false, visited: 31, unread: 0, findings: 1 })
  })

  it('every reference of a big page', async () => {
    const images = Array.from({ length: 3000 }, (_, n) => `<img src="/${n}.png" srcset="/${n}.png?2x 2x">`)
    const { origin, answers } = await host({ '/': page(...images) })
    for (let n = 0; n < 3000; n++) {
      answers.set(`/${n}.png`, file('image/png'))
      answers.set(`/${n}.png?2x`, file('image/png'))
    }
    answers.delete('/2999.png')
    const found = await look(`${origin}/`)
    expect(found).toMatchObject({ visited: 1, followed: 6000, findings: 1 })
    expect(found.found[0]).toMatchObject({ line: 3001, place: 'img[src]' })
  })

  it('not what a document says that is too large to be read', async () => {
    const { origin } = await host({
      '/': page('<link rel="stylesheet" href="big.css">'),
      '/big.css': asset('text/css', 'a'.repeat(3000)),
    })
    const { found } = await look(`${origin}/`, { maxBodyBytes: 2000 })
    expect(found.map(({ kind }) => kind)).toEqual(['caching', 'size'])
  })

  it('the right addresses where a base and a charset say so', async () => {
    const latin1 = Buffer.from('<base href="/x/"><img src="\u00e9.png">', 'latin1')
    const { origin } = await host({
      '/': { body: latin1, headers: { 'content-type': 'text/html; charset=iso-8859-1' } },
      '/x/%C3%A9.png': file('image/png'),
    })
    expect(await look(`${origin}/`)).toMatchObject({ ok: true, followed: 1 })
  })
})

describe('how it asks', () => {
  it('with a name, without cookies, and for bodies only where it reads on', async () => {
    const { origin, log } = await host({
      '/': {
        ...page('<img src="/big.png"><img src="/b.png">'),
        headers: { 'content-type': 'text/html', 'set-cookie': 'a=b' },
      },
      '/big.png': { body: 'begun', isEndless: true, headers: { 'content-type': 'image/png' } },
      '/b.png': file('image/png'),
    })
    expect(await look(`${origin}/`, { maxBodyBytes: 1000 })).toMatchObject({ ok: true, followed: 2 })
    for (const { headers } of log) {
      expect(headers).toMatchObject({ 'user-agent': `lading/${VERSION}` })
      expect(headers.cookie ?? headers.authorization ?? headers.referer).toBeUndefined()
    }
  })

  it('once more after a server that is busy, when it says so', async () => {
    const { origin, answers } = await host({
      '/': page('<img src="/a.png">'),
      '/a.png': { status: 503, headers: { 'retry-after': '7' } },
    })
    const clock = createHandClock()
    const waits: number[] = []
    const run: Run = {
      clock: {
        ...clock,
        sleep: async (ms) => {
          waits.push(ms)
          answers.set('/a.png', file('image/png'))
        },
      },
    }
    expect(await look(`${origin}/`, {}, run)).toMatchObject({ ok: true })
    expect(waits).toEqual([7000])
  })

  it('not on, once it is told to stop', async () => {
    const { origin, log } = await host({ '/': page('<img src="/hangs.png">'), '/hangs.png': { hangs: true } })
    const stop = new AbortController()
    const stopped = look(`${origin}/`, {}, { signal: stop.signal })
    const isAsked = eventually(() => expect(log.map(({ path }) => path)).toContain('/hangs.png'), 10_000)
    void isAsked.then(() => stop.abort(new Error('enough')))
    await expect(stopped).rejects.toThrow('enough')
  })
})

describe('a site that is not there', () => {
  it.each([
    ['a server that refuses', 'http://127.0.0.1:1/', { code: 'E_UNREACHABLE', exitCode: 5, why: expect.any(String) }],
    ['a name that nobody has', 'http://nobody.invalid/', { code: 'E_UNREACHABLE', exitCode: 5 }],
  ])('%s ends the command', async (_, start, error) => {
    await expect(look(start)).rejects.toMatchObject(error)
  })

  it.each([
    ['hangs', { hangs: true }, { code: 'E_TIMEOUT', exitCode: 5 }],
    ['answers 404', { status: 404 }, { code: 'E_UNREACHABLE', why: 'It answers 404.' }],
    ['redirects in a circle', { status: 302, headers: { location: '/' } }, { code: 'E_UNREACHABLE', exitCode: 5 }],
  ])('a first page that %s ends it too', async (_, answer, error) => {
    const { origin } = await host({ '/': answer })
    await expect(look(`${origin}/`, { requestTimeoutMs: 300 })).rejects.toMatchObject(error)
  })

  it('a first page that is none is a finding', async () => {
    const { origin } = await host({ '/': file('application/json', '{}') })
    const { found } = await look(`${origin}/`)
    expect(found).toEqual([expect.objectContaining({ kind: 'type', line: 0, place: 'start' })])
  })
})

it('says of a page of https what it loads by http', async () => {
  const { origin } = await host({
    '/': page(
      '<img src="http://pictures.example/a.png"><meta property="og:image" content="http://pictures.example/b.png"><a href="http://pictures.example/">x</a>',
    ),
  })
  const real = globalThis.fetch
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => real(url.replace('https://site.example', origin), init))
  const { found } = await look('https://site.example/')
  expect(found).toEqual([expect.objectContaining({ kind: 'mixed', url: 'http://pictures.example/a.png' })])
})

it('takes a host for the site’s own as soon as one name there has a hash, whatever was met before', async () => {
  const cdn = await host({ [hashed('late', 'png')]: asset('image/png') })
  const site = await host({
    '/': page(`<img src="${cdn.origin}/early.png"><img src="${cdn.origin}${hashed('late', 'png')}">`),
  })
  expect(kinds(await look(`${site.origin}/`))).toEqual(['status /early.png'])
})
