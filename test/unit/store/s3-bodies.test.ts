import { createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { Http } from '../../../src/store/s3/transport/http.ts'
import { createSocketHttp } from '../../../src/store/s3/transport/sockets.ts'
import { OK, portOf, rawServer, requestFor } from './raw-server.ts'

const BODY = Buffer.alloc(32 * 1024 * 1024, 'b')
const REFUSED = 'HTTP/1.1 503 Slow Down\r\ncontent-length: 0\r\n'

const open = (port: number): Http =>
  createSocketHttp({ origin: new URL(`http://127.0.0.1:${port}`), connections: 1, connectMs: 10_000 })

interface Hasty {
  readonly http: Http
  readonly sockets: Socket[]
  /** Reads what was left unread. @returns once as many bytes have come as a request with {@link BODY} has at least */
  readRest(): Promise<void>
}

/** Does what it is told as soon as a request begins, and reads the rest when it is told to; further requests are answered. */
async function hastyServer(begun: (socket: Socket) => void, allowHalfOpen = false): Promise<Hasty> {
  const sockets: Socket[] = []
  let size = 0
  const server = createServer({ allowHalfOpen }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      size += data.length
      // It may come with the end of the body before it.
      if (data.includes('GET /next')) socket.write(OK)
      else if (/^PUT /.test(data.toString('latin1', 0, 4))) {
        socket.pause()
        begun(socket)
      }
    })
  })
  const port = await portOf(server)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    ...{ http: open(port), sockets },
    async readRest() {
      for (const socket of sockets) socket.resume()
      while (size < BODY.length) await new Promise(setImmediate)
    },
  }
}

const put = (more: { left?: () => void } = {}) => requestFor('/put', { method: 'PUT', body: BODY, ...more })

it('a body that is answered before it has left goes on, is given back at its end, and its connection takes the next', async () => {
  const { http, sockets, readRest } = await hastyServer((socket) => void socket.write(OK))
  const left = vi.fn()
  expect((await http.send(put({ left }))).status).toBe(200)
  const next = http.send(requestFor('/next'))
  expect(left).not.toHaveBeenCalled()
  await readRest()
  expect((await next).status).toBe(200)
  expect([left.mock.calls.length, sockets.length]).toEqual([1, 1])
})

it.each([
  ['200', OK, 29_000, 31_000],
  ['503', `${REFUSED}\r\n`, 900, 1_100],
])(
  'a body that nobody reads after a %s ends with its connection, and is not given back',
  async (_, said, short, long) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { http, sockets } = await hastyServer((socket) => void socket.write(said))
    const left = vi.fn()
    await http.send(put({ left }))
    const next = http.send(requestFor('/next'))
    vi.advanceTimersByTime(short)
    await new Promise(setImmediate)
    expect(sockets).toHaveLength(1)
    vi.advanceTimersByTime(long - short)
    expect((await next).status).toBe(200)
    expect([left.mock.calls.length, sockets.length]).toEqual([0, 2])
  },
)

it.each([
  ['the connection is ended', (socket: Socket) => void socket.end(`${REFUSED}connection: close\r\n\r\n`)],
  [
    'it is reset behind the answer',
    (socket: Socket) => void socket.write(`${REFUSED}\r\n`, () => socket.resetAndDestroy()),
  ],
])('a refusal is an answer although its body has not left, and %s', async (_, begun) => {
  // No time passes: what is refused by who closes is not sent on for a while.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { http, sockets } = await hastyServer(begun)
  const left = vi.fn()
  const first = await http.send(put({ left })).catch((error) => error)
  // The reset may overtake the answer: then the system has thrown it away.
  expect(first.status ?? first.code).toSatisfy((end) => end === 503 || end === 'ECONNRESET' || end === 'EPIPE')
  expect((await http.send(requestFor('/next'))).status).toBe(200)
  expect([left.mock.calls.length, sockets.length]).toEqual([0, 2])
})

it('an end in the midst of a body that nobody reads is a cut connection, and not waited for', async () => {
  const { http, sockets } = await hastyServer((socket) => void socket.end(), true)
  await expect(http.send(put())).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect((await http.send(requestFor('/next'))).status).toBe(200)
  expect(sockets).toHaveLength(2)
})

it('a connection whose other side has ended it behind an early answer is not used again', async () => {
  const { http, sockets, readRest } = await hastyServer((socket) => void socket.end(OK), true)
  await http.send(put())
  const next = http.send(requestFor('/next'))
  await readRest()
  expect((await next).status).toBe(200)
  expect(sockets).toHaveLength(2)
})

it('a body is given back once, whether it is large, small or none', async () => {
  const server = await rawServer((_, { socket }) => void socket.write(OK))
  const http = open(server.port)
  const large = BODY.subarray(0, 3_000_000)
  for (const body of [large, Buffer.alloc(10_000), Buffer.alloc(0), undefined]) {
    const left = vi.fn()
    await http.send(requestFor('/put', { method: 'PUT', body, left }))
    await http.send(requestFor('/next'))
    expect(left).toHaveBeenCalledTimes(1)
  }
  const told = server.heard.filter(({ target }) => target === '/put').map(({ body }) => body)
  expect(told).toEqual([large.length, 10_000, 0, 0])
  // Stores refuse a PUT that does not say how long it is.
  expect(server.heard.every(({ text, target }) => text.includes('content-length: ') === (target === '/put'))).toBe(true)
  expect(server.lines).toHaveLength(1)
})

it('a body of a stopped request is not given back', async () => {
  const stop = new AbortController()
  const { http } = await hastyServer(() => stop.abort(new Error('stopped')))
  const left = vi.fn()
  await expect(
    http.send({ ...requestFor('/put', { method: 'PUT', body: BODY, left, signal: stop.signal }) }),
  ).rejects.toThrow('stopped')
  expect((await http.send(requestFor('/next'))).status).toBe(200)
  expect(left).not.toHaveBeenCalled()
})
