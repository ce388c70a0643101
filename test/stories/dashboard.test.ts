import { createConnection } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type Answer, type Asked, along, ask, opened, order, WATCH } from '../rig/dashboard-asking.ts'

const PATHS: readonly Asked[] = [
  { path: '/' },
  { path: '/main.js' },
  WATCH,
  { path: '/api/failures?batch=secret-batch' },
  { path: '/api/letters' },
  order({ verb: 'stop' }),
  { method: 'OPTIONS', path: '/api/orders' },
  { path: '/nothing' },
]

/** What must be in no refusal. */
function assertEmpty({ headers, body }: Answer): void {
  expect(body).toBe('')
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
}

describe('the dashboard answers only you', () => {
  it('refuses every request by a name that is not its own, with nothing in the answer', async () => {
    const { dashboard } = await opened()
    const { port } = new URL(dashboard.origin)
    const names = [
      'evil.com',
      `evil.com:${port}`,
      `localhost.evil.com:${port}`,
      `127.0.0.1.nip.io:${port}`,
      `127.0.0.1:${Number(port) + 1}`,
      '127.0.0.1',
      `0.0.0.0:${port}`,
      `127.0.0.1:${port}@evil.com`,
      '',
      undefined,
    ]
    for (const asked of PATHS) {
      for (const host of names) {
        const answer = await ask(dashboard, along(asked, { host }))
        expect([asked.path, host, answer.status]).toEqual([asked.path, host, 403])
        assertEmpty(answer)
      }
    }
    for (const host of [`localhost:${port}`, `LOCALHOST:${port}`]) {
      expect((await ask(dashboard, { headers: { host } })).status).toBe(200)
    }
  })

  it('refuses a request with two hosts', async () => {
    const { dashboard } = await opened()
    const { port } = new URL(dashboard.origin)
    const text = await new Promise<string>((resolve) => {
      const chunks: Buffer[] = []
      const socket = createConnection(Number(port), '127.0.0.1')
      socket.on('data', (chunk) => chunks.push(chunk)).on('close', () => resolve(Buffer.concat(chunks).toString()))
      socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.com\r\nConnection: close\r\n\r\n`)
    })
    expect(text).toMatch(/^HTTP\/1\.1 403 /)
    expect(text.endsWith('\r\n\r\n')).toBe(true)
  })

  it('refuses what a page of another site asks, whatever it asks', async () => {
    const { dashboard } = await opened()
    const { port } = new URL(dashboard.origin)
    const foreign: readonly Asked['headers'][] = [
      { origin: 'https://evil.com' },
      { origin: 'null' },
      { origin: `https://127.0.0.1:${port}` },
      { origin: `http://127.0.0.1:${Number(port) + 1}` },
      { origin: `http://localhost:${port}` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      { origin: 'https://evil.com', upgrade: 'websocket', connection: 'Upgrade' },
      { origin: 'https://evil.com', accept: 'text/event-stream' },
    ]
    for (const asked of PATHS) {
      for (const headers of foreign) {
        const answer = await ask(dashboard, along(asked, headers))
        expect([asked.path, headers, answer.status]).toEqual([asked.path, headers, 403])
        assertEmpty(answer)
      }
    }
    const own = { origin: dashboard.origin, 'sec-fetch-site': 'same-origin' }
    expect((await ask(dashboard, along(WATCH, own))).status).toBe(200)
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    expect((await ask(dashboard, { headers: link })).status).toBe(200)
  })

  it('tells nothing without the token, and nothing with a wrong one', async () => {
    const { dashboard } = await opened()
    const { token } = dashboard
    expect(token).toMatch(/^[0-9a-f]{32}$/)
    const wrong = [undefined, '', 'Bearer', `Bearer ${token}0`, `Bearer ${token.slice(1)}`, token, `Basic ${token}`]
    const asks = [
      WATCH,
      { path: '/api/letters' },
      { path: '/api/failures?batch=secret-batch' },
      order({ verb: 'stop' }),
    ]
    for (const asked of asks) {
      for (const authorization of [...wrong, `Bearer ${'0'.repeat(32)}`]) {
        const answer = await ask(dashboard, along(asked, { authorization }))
        expect([asked.path, authorization, answer.status]).toEqual([asked.path, authorization, 401])
        assertEmpty(answer)
      }
      const inAddress = { ...asked, path: `${asked.path?.split('?')[0]}?token=${token}` }
      expect((await ask(dashboard, along(inAddress, { authorization: undefined }))).status).toBe(401)
    }
    const page = await ask(dashboard, { headers: { authorization: undefined } })
    expect(page.status).toBe(200)
    expect(page.body).not.toContain('secret-batch')
  })

  it('has another token at each start', async () => {
    const { world, dashboard } = await opened()
    expect((await world.dashboard()).token).not.toBe(dashboard.token)
  })

  it('takes orders as JSON only, in their own form, and of a bounded size', async () => {
    const { dashboard } = await opened()
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', undefined]
    for (const type of [...types, 'application/jsonx', 'text/plain; application/json']) {
      const answer = await ask(dashboard, along(order({ verb: 'stop' }), { 'content-type': type }))
      expect([type, answer.status]).toEqual([type, 415])
      assertEmpty(answer)
    }
    const bad = [
      {},
      { verb: 'exec' },
      { verb: 'cancel' },
      { verb: 'cancel', batch: '../x' },
      { verb: 'concurrency', slots: 0 },
      { verb: 'concurrency', slots: '4' },
      { verb: 'pause', instance: '../../x' },
      { verb: 'redrive', ids: [] },
      { verb: 'redrive' },
      { verb: '__proto__' },
    ]
    for (const fields of bad) expect((await ask(dashboard, order(fields))).status).toBe(400)
    expect((await ask(dashboard, { ...order({}), body: '[1' })).status).toBe(400)
    expect((await ask(dashboard, order({ verb: 'pause', more: 'x'.repeat(70_000) }))).status).toBe(413)
  })

  it('looks by GET and orders by POST, and by nothing else', async () => {
    const { dashboard } = await opened()
    for (const path of ['/', '/api/watch', '/api/letters']) {
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
        const answer = await ask(dashboard, { path, method })
        expect([path, method, answer.status]).toEqual([path, method, 405])
        assertEmpty(answer)
      }
    }
    expect((await ask(dashboard, { path: '/api/orders' })).status).toBe(405)
  })

  it.each([
    '/../../etc/passwd',
    '/%2e%2e/',
    '/..%5c',
    '/%00',
    '/main.js%00',
    '//main.js',
    '/page/main.js',
    '/index.html',
    '/__proto__',
    '/constructor',
    '/api',
    '/api/',
  ])('knows no %s', async (path) => {
    const { dashboard } = await opened()
    const answer = await ask(dashboard, { path })
    expect(answer.status).toBe(404)
    assertEmpty(answer)
  })

  it('lets its page load from nowhere else, run nothing inline, and be framed by nobody', async () => {
    const { dashboard } = await opened()
    for (const path of ['/', '/main.js', '/nothing']) {
      const { headers } = await ask(dashboard, { path })
      const policy = String(headers['content-security-policy']).split('; ')
      for (const rule of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ])
        expect(policy).toContain(rule)
      expect(headers).toMatchObject({
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'cross-origin-resource-policy': 'same-origin',
      })
    }
  })
})
