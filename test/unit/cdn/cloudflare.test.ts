import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Cdn } from '../../../src/cdn/cdn.ts'
import { type CloudflareOptions, createCloudflareCdn } from '../../../src/cdn/cloudflare.ts'
import { LadingError } from '../../../src/words/errors.ts'
import { type CloudflareAnswerOptions, type CloudflareServer, failure, startCloudflare } from '../../rig/cloudflare.ts'
import { eventually } from '../../rig/eventually.ts'
import { fakeClock } from './clock.ts'

let server: CloudflareServer
beforeEach(async () => {
  server = await startCloudflare()
})
afterEach(() => server.close())

function open(options: Partial<CloudflareOptions> = {}): Cdn {
  const { endpoint, zone, token } = server
  return createCloudflareCdn({
    zone,
    endpoint,
    origin: 'https://www.example.com',
    requestTimeoutMs: 5000,
    env: { CLOUDFLARE_API_TOKEN: token },
    clock: fakeClock(),
    ...options,
  })
}

const caught = async (purge: () => unknown): Promise<LadingError> => {
  try {
    await purge()
  } catch (error) {
    if (error instanceof LadingError) return error
    throw error
  }
  throw new Error('it succeeded')
}

const everythingSaid = (error: LadingError): string =>
  JSON.stringify([error, error.message, error.why, error.hint, error.details, error.stack, error.cause])

const times = (count: number, answer: CloudflareAnswerOptions): CloudflareAnswerOptions[] =>
  Array<CloudflareAnswerOptions>(count).fill(answer)

const limited = (seconds: string): CloudflareAnswerOptions => ({
  ...failure(429, 10_000, 'Rate limited'),
  headers: { 'retry-after': seconds },
})

const good = { success: true, errors: [], messages: [], result: { id: 'x' } }

describe('a purge of Cloudflare', () => {
  it('names every file by its full address, once', async () => {
    const cdn = open({ origin: 'https://www.example.com/docs/' })
    const receipt = await cdn.purge(['/docs/', '/gr%C3%BCn.html', '/docs/'])
    expect(receipt).toEqual({ asked: 2, sent: 2, ids: ['purge-1'], waited: false, completed: true })
    expect(server.purges).toEqual([['https://www.example.com/docs/', 'https://www.example.com/gr%C3%BCn.html']])
    expect(cdn.label).toBe(`cloudflare:${server.zone}`)
  })

  it('sends a hundred at once', async () => {
    const receipt = await open().purge(Array.from({ length: 250 }, (_, n) => `/${n}`))
    expect(receipt.ids).toHaveLength(3)
    expect(server.purges.map((files) => files.length)).toEqual([100, 100, 50])
    expect(new Set(server.purges.flat()).size).toBe(250)
  })

  it('makes no request for no path', async () => {
    expect(await open().purge([])).toEqual({ asked: 0, sent: 0, ids: [], waited: false, completed: true })
    expect(server.requests()).toBe(0)
  })

  it.each([
    ['seconds', '7', 7000],
    ['more seconds than we wait', '86400', 60_000],
    ['nothing that can be read', 'soon', 500],
    ['a time that has passed', 'Wed, 21 Oct 2015 07:28:00 GMT', 500],
  ])('waits after a 429 that asks for %s', async (_, seconds, waitMs) => {
    const clock = fakeClock()
    server.next(limited(seconds))
    expect((await open({ clock }).purge(['/a'])).ids).toHaveLength(1)
    expect(clock.waits).toEqual([waitMs])
  })

  it('does not send again what has been purged when a later batch waits', async () => {
    server.next({ status: 200, body: good }, limited('1'))
    await open().purge(Array.from({ length: 150 }, (_, n) => `/${n}`))
    expect(server.purges.map((files) => files.length)).toEqual([50])
  })

  it.each([
    ['500 in its form', failure(500, 1000, 'oops')],
    ['502 of a gateway', { status: 502, body: '<html>bad gateway</html>' }],
    ['a broken connection', { status: 0, instead: 'reset' }],
  ] as const)('tries again after %s', async (_, answer) => {
    const clock = fakeClock()
    server.next(answer, answer)
    expect((await open({ clock }).purge(['/a'])).ids).toHaveLength(1)
    expect(server.requests()).toBe(3)
    expect(clock.waits).toEqual([500, 1000])
  })

  it.each([
    ['E_THROTTLED', limited('1'), 10],
    ['E_CDN', { status: 503, body: 'busy' }, 6],
    ['E_UNREACHABLE', { status: 0, instead: 'reset' }, 6],
    ['E_CDN', failure(400, 1016, 'Unable to purge'), 1],
    ['E_CDN', failure(200, 1016, 'Unable to purge'), 1],
    ['E_CREDENTIALS', failure(401, 1000, 'Invalid API Token'), 1],
    ['E_ACCESS_DENIED', failure(403, 10_000, 'Authentication error'), 1],
    ['E_ACCESS_DENIED', { status: 403, body: { success: false, errors: [{ code: 10_000, message: 'no' }] } }, 1],
    ['E_CDN', { status: 403, body: '<html>blocked</html>' }, 1],
    ['E_CDN', { status: 403, body: { message: 'blocked' } }, 1],
    ['E_CDN', { status: 200, body: '<html>sign in</html>' }, 1],
    ['E_CDN', { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } }, 1],
    ['E_CDN', { status: 200, body: {} }, 1],
    ['E_CDN', { status: 200, body: null }, 1],
    ['E_CDN', { status: 200, body: { success: true } }, 1],
    ['E_CDN', { status: 200, body: { ...good, success: 'true' } }, 1],
    ['E_CDN', { status: 200, body: { ...good, errors: {} } }, 1],
    ['E_CDN', { status: 200, body: { ...good, messages: undefined } }, 1],
    ['E_CDN', { status: 200, body: { ...good, errors: ['no'] } }, 1],
    ['E_CDN', { status: 200, body: { ...good, result: null } }, 1],
    ['E_CDN', { status: 200, body: { ...good, result: { id: 7 } } }, 1],
  ] as const)('ends with %s after %o in %i attempts', async (code, answer, attempts) => {
    server.next(...times(20, answer))
    const error = await caught(() => open().purge(['/a']))
    expect(error).toMatchObject({ code, subject: `zone ${server.zone}` })
    expect(server.requests()).toBe(attempts)
    expect(everythingSaid(error)).not.toContain(server.token)
  })

  it('repeats what Cloudflare says, but not the token', async () => {
    server.next(failure(400, 6111, `bad header "Bearer ${server.token}"\u001b[2J`))
    const error = await caught(() => open().purge(['/a']))
    expect(error.details).toEqual(['6111: bad header "Bearer ***"\\x1b[2J'])
    expect(everythingSaid(error)).not.toContain(server.token)
  })

  it('learns that the token is wrong, or the zone', async () => {
    const wrongToken = open({ env: { CLOUDFLARE_API_TOKEN: 'another' } })
    expect(await caught(() => wrongToken.purge(['/a']))).toMatchObject({ code: 'E_ACCESS_DENIED' })
    const wrongZone = open({ zone: '0'.repeat(32) })
    expect(await caught(() => wrongZone.purge(['/a']))).toMatchObject({ code: 'E_CDN', why: 'it answered 404' })
    expect(server.purges).toEqual([])
  })

  it('gives up an answer that does not come', async () => {
    await open().purge(['/a']) // what sends is loaded by then: every request below is to arrive in its time
    server.next(...times(6, { status: 0, instead: 'stall' }))
    expect(await caught(() => open({ requestTimeoutMs: 500 }).purge(['/a']))).toMatchObject({ code: 'E_TIMEOUT' })
    expect(server.requests()).toBe(7)
  })

  it('ends when a signal fires, before a request, in it and between attempts', async () => {
    const aborted = AbortSignal.abort()
    expect(await caught(() => open().purge(['/a'], { signal: aborted }))).toMatchObject({ code: 'E_ABORTED' })
    expect(await caught(() => open({ signal: aborted }).purge(['/a']))).toMatchObject({ code: 'E_ABORTED' })
    expect(server.requests()).toBe(0)

    const between = new AbortController()
    server.next(limited('1'))
    const waiting = open({ clock: fakeClock(() => between.abort()), signal: new AbortController().signal })
    expect(await caught(() => waiting.purge(['/a'], { signal: between.signal }))).toMatchObject({ code: 'E_ABORTED' })
    expect(server.requests()).toBe(1)

    const during = new AbortController()
    server.next({ status: 0, instead: 'stall' })
    const stalled = caught(() => open().purge(['/a'], { signal: during.signal }))
    await eventually(() => expect(server.requests()).toBe(2))
    during.abort()
    expect(await stalled).toMatchObject({ code: 'E_ABORTED' })
  })
})

describe('what has to be there before', () => {
  it.each([undefined, '', ' ', 'two words', 'line\nbreak', 'ü'])(
    'a token that a header takes, not %j',
    async (text) => {
      const error = await caught(() => open({ env: { CLOUDFLARE_API_TOKEN: text } }))
      expect(error).toMatchObject({ code: 'E_CREDENTIALS' })
      expect(error.hint).toContain('CLOUDFLARE_API_TOKEN')
    },
  )

  it.each([undefined, '', '/_a/', 'www.example.com', 'ftp://www.example.com'])(
    "the site's origin, not %j",
    async (origin) => {
      const error = await caught(() => open({ origin }))
      expect(error).toMatchObject({ code: 'E_CDN', exitCode: 2 })
      expect(error.hint).toBe('Set `site` (https://www.example.com) or an absolute `url`.')
    },
  )
})
