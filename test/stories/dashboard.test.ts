import { existsSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { createConnection, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type DashboardWorld,
  dashboardWorld,
  type StartedDashboard,
  type WorldOptions,
} from '../rig/dashboard-world.ts'
import { eventually } from '../rig/eventually.ts'
import { AWS_ID, AWS_SECRET, randomText } from '../rig/secrets.ts'
import { startStrictS3 } from '../rig/strict-s3.ts'

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Asked {
  readonly method?: string
  readonly path?: string
  /** `host: undefined` sends none. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: string
  /** Reads so many lines and goes. @default the whole answer */
  readonly lines?: number
}

/** Asks as it is written: a fetch would tidy up paths, and would not send a foreign Host. */
function ask({ origin, token }: Pick<StartedDashboard, 'origin' | 'token'>, asked: Asked = {}): Promise<Answer> {
  const { hostname, port, host } = new URL(origin)
  const { method = 'GET', path = '/', body, lines } = asked
  const given = { host, authorization: `Bearer ${token}`, ...asked.headers }
  const headers = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname: hostname.replace(/[[\]]/g, ''), port, method, path, headers, setHost: false, agent: false },
      (response) => {
        let text = ''
        const done = (): void => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })
        response.on('data', (chunk: Buffer) => {
          text += chunk
          if (lines === undefined || text.trim().split('\n').length < lines || !text.trim().endsWith('}')) return
          done()
          sent.destroy()
        })
        // A response that is cut has no end.
        response.on('error', () => undefined).on('close', done)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

const JSON_TYPE = { 'content-type': 'application/json' }
const order = (fields: object): Asked => ({
  method: 'POST',
  path: '/api/orders',
  headers: JSON_TYPE,
  body: JSON.stringify(fields),
})
const WATCH: Asked = { path: '/api/watch', lines: 1 }

/** The newest overview. */
const overviewOf = async (dashboard: StartedDashboard) => JSON.parse((await ask(dashboard, WATCH)).body)

async function opened(make?: (world: DashboardWorld) => Promise<void>, options?: WorldOptions) {
  const world = dashboardWorld(options)
  await world.batch('secret-batch', { items: 3, done: 1 })
  await make?.(world)
  return { world, dashboard: await world.dashboard() }
}

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

const along = (asked: Asked, headers: Asked['headers']): Asked => ({
  ...asked,
  headers: { ...asked.headers, ...headers },
})

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

describe('the dashboard shows', () => {
  it('the batches as status does, the open ones first, with what failed and why', async () => {
    const hostile = '<img src=x onerror=alert(1)>.jpg'
    const { world, dashboard } = await opened(async ({ batch }) => {
      await batch('older', { items: 2, done: 2, isClosed: true, createdAt: '2026-01-01T00:00:00.000Z' })
      await batch('newer', { items: 4, done: 1, failed: ['it is torn'], path: () => hostile })
    })
    const { batches, place } = await overviewOf(dashboard)
    expect(place).toBe('store/')
    const names = batches.map(({ batch, isOpen }: { batch: string; isOpen: boolean }) => [batch, isOpen])
    expect(names).toEqual([...[expect.anything(), expect.anything()], ['older', false]])
    const [status] = (await world.run('batch', 'status', 'newer', '--to', 'store')).out.split('\n').slice(2)
    const newer = batches.find(({ batch }: { batch: string }) => batch === 'newer')
    expect(newer).toMatchObject({ items: 4, done: 1, failed: 1, isSent: true, isCancelled: false })
    expect(newer.line).toBe(status?.trim())
    const { body } = await ask(dashboard, { path: '/api/failures?batch=newer' })
    expect(JSON.parse(body)).toEqual({
      failures: [{ item: '0000-0001', path: hostile, code: 'E_IMAGE_CORRUPT', message: 'it is torn' }],
    })
    await world.batch('newer', { items: 4, done: 4 })
    const { batches: next } = await overviewOf(await world.dashboard())
    expect(next.find(({ batch }: { batch: string }) => batch === 'newer')).toMatchObject({
      closing: 'lading batch watch newer --to store',
    })
  })

  it('workers by their reports, queues, dead letters and the budget', async () => {
    const { dashboard } = await opened(async ({ instance, bury, put }) => {
      await instance('i-1', { state: 'working', reason: 'started', running: 2, waiting: 3, at: '2026-11-27T10:00:00Z' })
      await bury({ v: 1, kind: 'image', batch: 'secret-batch', item: '0000-0001', lane: 'std' }, 'nobody could')
      const account = { v: 1, budgets: { p: 3 }, goneHours: 10, hours: { 'i-1': 2 }, left: [], closed: 1 }
      await put('control/account.json', JSON.stringify(account))
    })
    const { instances, queues, spending, troubles } = await overviewOf(dashboard)
    expect(instances).toMatchObject([{ instance: 'i-1', state: 'working', running: 2, waiting: 3 }])
    expect(queues.map(({ name, visible }: { name: string; visible: number }) => [name, visible])).toEqual([
      ['hi', 0],
      ['std', 0],
      ['bulk', 0],
      ['assembly', 0],
      ['dead', 1],
    ])
    expect(spending).toEqual({ spent: expect.closeTo(12 * 0.064), cap: 4, budgets: [['p', 3]] })
    expect(troubles).toEqual([])
    const { letters } = JSON.parse((await ask(dashboard, { path: '/api/letters' })).body)
    expect(letters).toMatchObject([{ kind: 'image', item: '0000-0001', lane: 'std', reason: 'nobody could' }])
  })

  it('what it can when a part cannot be read, and says which', async () => {
    const { dashboard } = await opened(async ({ batch, put }) => {
      await batch('damaged', { items: 2 })
      await put('b/damaged/manifest.json', '{')
      await put('control/account.json', '[]')
    })
    const { batches, troubles } = await overviewOf(dashboard)
    expect(batches.map(({ batch }: { batch: string }) => batch)).toEqual(['secret-batch'])
    expect(troubles.map(({ what, code }: { what: string; code: string }) => [what, code]).sort()).toEqual([
      ['batch damaged', 'E_MANIFEST'],
      ['the account of the fleet', 'E_MANIFEST'],
    ])
  })

  it('what is in a bucket, by reading alone, and at the pace of its listings', async () => {
    const s3 = await startStrictS3({ bucket: 'images', maxKeys: 5 })
    onTestFinished(s3.close)
    const { accessKeyId, secretAccessKey, endpoint } = s3
    const world = dashboardWorld({
      to: `s3://images/x/?endpoint=${endpoint}&region=us-east-1`,
      env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    })
    for (const name of ['a', 'b', 'c'])
      await world.batch(name, { items: 7, done: 6, failed: ['torn'], isClosed: name !== 'a' })
    const mark = s3.mark()
    const dashboard = await world.dashboard()
    const { batches, place, troubles, pauseSeconds } = await overviewOf(dashboard)
    expect([place, troubles]).toEqual(['s3://images/x/', []])
    const seen = batches.map(({ batch, done, isOpen }: Record<string, unknown>) => [batch, done, isOpen])
    expect(seen.sort()).toEqual([
      ['a', 6, true],
      ['b', 6, false],
      ['c', 6, false],
    ])
    expect(pauseSeconds).toBe(2)
    const { body } = await ask(dashboard, { path: '/api/failures?batch=c' })
    expect(JSON.parse(body).failures).toMatchObject([{ item: '0000-0006', message: 'torn' }])
    expect(s3.since(mark)).toEqual([])
    expect(s3.violations).toEqual([])
  })

  it('nothing of a batch that is not there, and says so', async () => {
    const { dashboard } = await opened()
    for (const name of ['nobody', '', '../secret-batch']) {
      const { status, body } = await ask(dashboard, { path: `/api/failures?batch=${encodeURIComponent(name)}` })
      expect([name, status]).toEqual([name, 409])
      expect(JSON.parse(body).error).toMatchObject({ message: expect.any(String) })
    }
  })

  it('the failures that have come since, as soon as a look has counted them', async () => {
    const { world, dashboard } = await opened(({ batch }) => batch('p', { items: 4, failed: ['torn'] }))
    const failures = async (failed: number) =>
      JSON.parse((await ask(dashboard, { path: `/api/failures?batch=p&failed=${failed}` })).body).failures
    expect(await failures(1)).toHaveLength(1)
    await world.batch('p', { items: 4, failed: ['torn', 'torn as well'] })
    expect(await failures(2)).toHaveLength(2)
  })

  it('the beginning of a text that has no end', async () => {
    const { dashboard } = await opened(({ batch }) => batch('p', { items: 4, failed: ['x'.repeat(1_000_000)] }))
    const { body } = await ask(dashboard, { path: '/api/failures?batch=p' })
    const [{ message }] = JSON.parse(body).failures
    expect(message).toMatch(/^x+…$/)
    expect(message.length).toBeLessThan(5000)
  })

  it('no credential and no signed address, whoever wrote it where', async () => {
    const signature = randomText('signature', 64, '0123456789abcdef')
    const signed = `https://b.s3.amazonaws.com/x?X-Amz-Credential=${AWS_ID}%2F20261127&X-Amz-Signature=${signature}`
    const texts = [`key ${AWS_ID} and ${AWS_SECRET}`, `GET ${signed} failed`]
    const { dashboard } = await opened(
      async ({ batch, bury, instance, put }) => {
        await batch('leaky', { items: 4, failed: texts, path: (place) => `${texts[place % 2]}.jpg` })
        await instance('i-1', {
          state: 'working',
          reason: texts.join(),
          running: 0,
          waiting: 0,
          at: '2026-11-27T10:00:00Z',
        })
        for (const text of texts) await bury({ kind: text, batch: text, item: text, lane: text }, text)
        const budgets = Object.fromEntries(texts.map((text) => [text, 1]))
        await put('control/account.json', JSON.stringify({ v: 1, budgets, goneHours: 0, hours: {} }))
      },
      { env: { AWS_ACCESS_KEY_ID: AWS_ID, AWS_SECRET_ACCESS_KEY: AWS_SECRET } },
    )
    const answers = await Promise.all(
      [
        WATCH,
        { path: '/api/letters' },
        { path: '/api/failures?batch=leaky' },
        order({ verb: 'cancel', batch: AWS_ID }),
      ].map((asked) => ask(dashboard, asked)),
    )
    for (const { body } of answers) {
      expect(body.length).toBeGreaterThan(50)
      for (const secret of [AWS_ID, AWS_SECRET, signature, dashboard.token]) expect(body).not.toContain(secret)
    }
  })
})

describe('an order from the dashboard', () => {
  const stateOf = async (dashboard: StartedDashboard, instance: string) => {
    const { instances } = await overviewOf(dashboard)
    return instances.find((record: { instance: string }) => record.instance === instance)
  }
  const obeyed = async (dashboard: StartedDashboard, fields: object, text: string): Promise<void> => {
    const { status, body } = await ask(dashboard, order(fields))
    expect([status, JSON.parse(body)]).toEqual([200, { text }])
  }

  it('reaches a real worker, which pauses, goes on, and drains', async () => {
    const { dashboard } = await opened(async ({ worker }) => worker('w-1'))
    const is = (state: object) => eventually(async () => expect(await stateOf(dashboard, 'w-1')).toMatchObject(state))
    await is({ state: 'working' })
    await obeyed(dashboard, { verb: 'pause' }, 'pause told to 1 instance: w-1.')
    await is({ state: 'paused' })
    await obeyed(dashboard, { verb: 'resume', instance: 'w-1' }, 'resume told to 1 instance: w-1.')
    await is({ state: 'working' })
    await obeyed(dashboard, { verb: 'concurrency', slots: 3, instance: 'w-1' }, 'concurrency told to 1 instance: w-1.')
    await obeyed(dashboard, { verb: 'drain' }, 'drain told to 1 instance: w-1.')
    await is({ state: 'draining', reason: 'commanded' })
  })

  it('cancels a batch, once', async () => {
    const { dashboard } = await opened()
    await obeyed(
      dashboard,
      { verb: 'cancel', batch: 'secret-batch' },
      'the batch is marked as cancelled; no instance is there to be told, and the next one ends it.',
    )
    expect((await overviewOf(dashboard)).batches).toMatchObject([{ batch: 'secret-batch', isCancelled: true }])
  })

  it('sends the dead letters that it names once more, and no others', async () => {
    const letter = { v: 1, kind: 'image', batch: 'secret-batch', lane: 'bulk' }
    const { dashboard } = await opened(async ({ bury }) => {
      for (const item of ['0000-0000', '0000-0001', '0000-0002']) await bury({ ...letter, item })
    })
    const { letters } = JSON.parse((await ask(dashboard, { path: '/api/letters' })).body)
    const ids = letters.slice(0, 2).map(({ id }: { id: string }) => id)
    await obeyed(dashboard, { verb: 'redrive', ids }, '2 messages sent once more; 1 letter stays.')
    const counts = new Map((await overviewOf(dashboard)).queues.map((queue: { name: string }) => [queue.name, queue]))
    expect([counts.get('bulk'), counts.get('dead')]).toMatchObject([{ visible: 2 }, { visible: 1 }])
    const again = await ask(dashboard, order({ verb: 'redrive', ids }))
    expect([again.status, JSON.parse(again.body).error.message]).toEqual([409, 'no dead letter was sent'])
  })

  it('that fails says what, why and what to do', async () => {
    const { dashboard } = await opened()
    const { status, body } = await ask(dashboard, order({ verb: 'pause' }))
    expect(status).toBe(409)
    expect(JSON.parse(body).error).toMatchObject({
      code: 'E_BATCH',
      message: 'there is no instance to command',
      hint: 'Name one with --instance ID. Those that were here: lading batch control list --to store',
    })
  })

  it('is refused without a private key on this machine; the page says why, and no key is made', async () => {
    const world = dashboardWorld({ isKeyed: false })
    await world.batch('p', { items: 3 })
    const dashboard = await world.dashboard()
    expect(dashboard.err()).toContain('It is read only: there is no private key on this machine.\n')
    expect((await overviewOf(dashboard)).readOnly).toMatchObject({
      code: 'E_CONFIG',
      message: 'there is no private key on this machine',
      hint: expect.stringContaining('LADING_BATCH_KEY'),
    })
    for (const fields of [{ verb: 'stop' }, { verb: 'cancel', batch: 'p' }, { verb: 'redrive', ids: ['x'] }]) {
      const { status, body } = await ask(dashboard, order(fields))
      expect([status, JSON.parse(body).error.code]).toEqual([409, 'E_CONFIG'])
    }
    expect((await overviewOf(dashboard)).batches).toMatchObject([{ isCancelled: false }])
    expect(existsSync(join(world.cwd, 'home'))).toBe(false)
  })
})

describe('the place of the dashboard', () => {
  it('is the next free port when its own is taken, unless that was asked for', async () => {
    const { world } = await opened()
    const servers = [4600, 4601].map((port) =>
      createServer()
        .on('error', () => undefined)
        .listen(port, '127.0.0.1'),
    )
    onTestFinished(() => void servers.map((server) => server.close()))
    const dashboard = await world.dashboard('--default-port')
    expect(Number(new URL(dashboard.origin).port)).toBeGreaterThan(4601)
    const taken = new URL(dashboard.origin).port
    const { code, out, err } = await world.run('batch', 'dashboard', '--to', 'store', '--port', taken)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(`E_USAGE  cannot listen on 127.0.0.1:${taken}`)
    expect(err).toContain('another program uses the port')
  })

  it('is this machine only, unless somebody says that they know', async () => {
    const { world } = await opened()
    const refused = await world.run('batch', 'dashboard', '--to', 'store', '--host', '0.0.0.0')
    expect([refused.code, refused.out]).toEqual([2, ''])
    expect(refused.err).toContain('--i-know')
    const dashboard = await world.dashboard('--host', '0.0.0.0', '--i-know')
    expect(dashboard.err()).toContain('warning: other machines can reach this')
    expect(dashboard.url).toMatch(/^http:\/\/127\.0\.0\.1:/)
    const { port } = new URL(dashboard.origin)
    const reached = { origin: `http://127.0.0.1:${port}`, token: dashboard.token }
    const host = (name: string) => ask(reached, along(WATCH, { host: `${name}:${port}` }))
    expect((await host('127.0.0.1')).status).toBe(200)
    for (const name of ['evil.com', '0.0.0.0']) expect([name, (await host(name)).status]).toEqual([name, 403])
    expect((await ask(reached, along(WATCH, { authorization: undefined }))).status).toBe(401)
  })

  it.each([
    [['--host', 'localhost'], /^http:\/\/(127\.0\.0\.1|\[::1\]):/],
    [['--host', '0', '--i-know'], /^http:\/\/127\.0\.0\.1:/],
  ])('is told by the address that was taken, not by a name that may lead elsewhere: %j', async (flags, address) => {
    const { world } = await opened()
    const dashboard = await world.dashboard(...flags)
    expect(dashboard.url).toMatch(address)
    expect((await ask(dashboard, WATCH)).status).toBe(200)
  })

  it.each([
    [['--host', '192.0.2.7', '--i-know'], 'EADDRNOTAVAIL', 'Name an address of this machine'],
    [['--port', '70000'], 'from 0 to 65535', '0 takes any free one'],
    [['--i-know'], '--i-know does nothing without --host', 'Add --host ADDRESS'],
  ])('is not %j', async (flags, why, hint) => {
    const { code, out, err } = await dashboardWorld().run('batch', 'dashboard', '--to', 'store', ...flags)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(why)
    expect(err).toContain(hint)
  })

  it('is said in 80 columns, or as a record', async () => {
    const { world, dashboard } = await opened()
    for (const line of dashboard.err().split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
    const { url } = await world.dashboard('--json')
    expect(JSON.parse(url)).toEqual({
      v: 1,
      type: 'dashboard',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/#[0-9a-f]{32}$/),
      port: expect.any(Number),
      isReadOnly: false,
    })
  })

  it.each([129, 130, 143])('is left at once with %d, also while pages are open', async (exitCode) => {
    const { dashboard } = await opened()
    const open = ask(dashboard, { path: '/api/watch' })
    await overviewOf(dashboard)
    expect(await dashboard.stop(exitCode)).toBe(exitCode)
    expect((await open).body).toContain('secret-batch')
  })

  it('has room for sixteen pages, and again when one has gone', async () => {
    const { dashboard } = await opened()
    const leave = await Promise.all(Array.from({ length: 16 }, () => joined(dashboard)))
    const answer = await ask(dashboard, { path: '/api/watch' })
    expect([answer.status, answer.body, answer.headers['retry-after']]).toEqual([503, '', '10'])
    leave[0]?.()
    await eventually(async () => expect((await ask(dashboard, WATCH)).status).toBe(200))
  })
})

/** Opens a stream and reads its first line. @returns what ends it */
function joined({ origin, token }: StartedDashboard): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    const sent = request(`${origin}/api/watch`, { headers, agent: false }, (response) => {
      response.once('data', () => resolve(() => void sent.destroy()))
      response.on('error', () => undefined)
    })
    sent.on('error', reject)
    onTestFinished(() => void sent.destroy())
    sent.end()
  })
}
