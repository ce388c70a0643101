import dns from 'node:dns'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Http } from '../../../src/store/s3/transport/http.ts'
import { createSocketHttp } from '../../../src/store/s3/transport/sockets.ts'
import { eventually } from '../../rig/eventually.ts'
import { closedPort, type Line, OK, portOf, type RawServer, rawServer, requestFor } from './raw-server.ts'

const open = (origin: URL | string, connections = 1, connectMs = 10_000): Http =>
  createSocketHttp({ origin: new URL(origin), connections, connectMs })

/** Of the first connection. */
function socketOf({ lines }: RawServer): Socket {
  const [first] = lines
  if (first === undefined) throw new Error('nobody has come')
  return first.socket
}

const say = (_: unknown, { socket }: Line): void => void socket.write(OK)

/** How each of them has ended: an answer's status, or an error's code or name. */
async function endsOf(http: Http, count: number): Promise<unknown[]> {
  const sent = Array.from({ length: count }, (_, index) => http.send(requestFor(`/${index}`)))
  const ends = await Promise.allSettled(sent)
  return ends.map((end) => (end.status === 'fulfilled' ? end.value.status : (end.reason.code ?? end.reason.name)))
}

describe('requests', () => {
  it('that are more than the connections wait, and leave in their order', async () => {
    const server = await rawServer(say)
    const http = open(server.origin, 2)
    expect(await endsOf(http, 50)).toEqual(Array(50).fill(200))
    const order = server.heard.map(({ target }) => Number(target.slice(1)))
    expect(order.every((number, index) => Math.abs(number - index) <= 1)).toBe(true)
    expect(server.lines).toHaveLength(2)
  })

  it('that are stopped while they wait or connect never leave, and the others do', async () => {
    const server = await rawServer(say)
    const http = open(server.origin)
    const stop = new AbortController()
    const sent = ['/first', '/second', '/third', '/fourth'].map((target, index) =>
      http.send(requestFor(target, index % 2 === 0 ? { signal: stop.signal } : {})),
    )
    stop.abort(new Error('stopped'))
    const ends = await Promise.allSettled(sent)
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
    expect(server.heard.map(({ target }) => target)).toEqual(['/second', '/fourth'])
    await expect(http.send(requestFor('/fifth', { signal: stop.signal }))).rejects.toThrow('stopped')
  })

  it('that are stopped on their way take their connection with them, and nobody else', async () => {
    const server = await rawServer(({ target }, { socket }) => {
      if (target === '/first') stop.abort(new Error('stopped'))
      else socket.write(OK)
    })
    const stop = new AbortController()
    const http = open(server.origin)
    const first = http.send(requestFor('/first', { signal: stop.signal }))
    const second = http.send(requestFor('/second'))
    await expect(first).rejects.toThrow('stopped')
    expect((await second).status).toBe(200)
    expect(server.lines).toHaveLength(2)
  })

  it('that are stopped after their answer hurt nobody who has their connection by then', async () => {
    const server = await rawServer(({ target }, { socket }) => {
      if (target === '/second') stop.abort(new Error('stopped'))
      socket.write(OK)
    })
    const stop = new AbortController()
    const http = open(server.origin)
    await http.send(requestFor('/first', { signal: stop.signal }))
    expect((await http.send(requestFor('/second'))).status).toBe(200)
    expect((await http.send(requestFor('/third'))).status).toBe(200)
    expect(server.lines).toHaveLength(1)
  })

  it.each([
    ['a line break in a header', { headers: ['host', 'a', 'x', 'b\r\nx-injected: c'] }],
    ['a line break in a name', { headers: ['host', 'a', 'x: b\r\ny', 'c'] }],
    ['a character that no byte is', { headers: ['host', 'a', 'x', '\u010d\u010a'] }],
    ['a NUL in a header', { headers: ['host', 'a', 'x', '\0'] }],
    ['a blank in their target', { target: '/a b' }],
    ['a line break in their target', { target: '/a HTTP/1.1\r\nx: y\r\n\r\nGET /b' }],
    ['no target', { target: '' }],
  ])('with %s never leave, and the connection goes on', async (_, wrong) => {
    const server = await rawServer(say)
    const http = open(server.origin)
    await http.send(requestFor('/before'))
    const failed = http.send({ ...requestFor('/wrong'), ...wrong })
    await expect(failed).rejects.toMatchObject({ code: 'ERR_INVALID_CHAR' })
    await http.send(requestFor('/behind'))
    expect(server.heard.map(({ target }) => target)).toEqual(['/before', '/behind'])
    expect(server.lines).toHaveLength(1)
  })
})

describe('a warm-up', () => {
  it('opens as many connections as there may be, those that are there with them, and asks nothing', async () => {
    const server = await rawServer(say)
    const http = open(server.origin, 3)
    await http.send(requestFor('/before'))
    http.warmUp?.(2)
    await eventually(() => expect(server.lines).toHaveLength(2))
    http.warmUp?.(50)
    await eventually(() => expect(server.lines).toHaveLength(3))
    expect(server.heard).toHaveLength(1)
    expect(await endsOf(http, 9)).toEqual(Array(9).fill(200))
    expect(server.lines).toHaveLength(3)
  })

  it('serves those who come while its connections are on their way', async () => {
    const server = await rawServer(say)
    const http = open(server.origin, 4)
    http.warmUp?.(4)
    expect(await endsOf(http, 9)).toEqual(Array(9).fill(200))
    expect(server.lines).toHaveLength(4)
  })

  it('that fails fails nobody, and who sends is told', async () => {
    const http = open(`http://127.0.0.1:${await closedPort()}`, 3)
    http.warmUp?.(3)
    await new Promise((resolve) => setImmediate(resolve))
    expect(await endsOf(http, 3)).toEqual(Array(3).fill('ECONNREFUSED'))
  })
})

describe('a guard', () => {
  it('that refuses lets nothing leave, on a new connection and on one that is there, and the next is served', async () => {
    const server = await rawServer(say)
    const http = open(server.origin)
    const refused = { guard: () => expect.unreachable('the lease has ended') }
    for (const target of ['/a', '/b', '/c']) {
      await expect(http.send(requestFor(target, refused))).rejects.toThrow('the lease has ended')
      await http.send(requestFor(`${target}/next`))
    }
    expect(server.heard.map(({ target }) => target)).toEqual(['/a/next', '/b/next', '/c/next'])
    expect(server.lines).toHaveLength(1)
  })

  it('may refuse any number of those who wait', async () => {
    const server = await rawServer(say)
    const http = open(server.origin)
    const refused = (): never => {
      throw new Error('the lease has ended')
    }
    const before = http.send(requestFor('/before'))
    const { passage, ...rest } = requestFor('/a')
    const crowd = Array.from({ length: 20_000 }, () => http.send({ ...rest, passage: { ...passage, guard: refused } }))
    const behind = http.send(requestFor('/behind'))
    expect((await Promise.allSettled(crowd)).every(({ status }) => status === 'rejected')).toBe(true)
    expect([(await before).status, (await behind).status]).toEqual([200, 200])
    expect(server.heard).toHaveLength(2)
  })

  it('that stops its own request lets nothing leave', async () => {
    const server = await rawServer(say)
    const http = open(server.origin)
    const stop = new AbortController()
    const guard = (): void => stop.abort(new Error('stopped'))
    await expect(http.send(requestFor('/a', { guard, signal: stop.signal }))).rejects.toThrow('stopped')
    await http.send(requestFor('/b'))
    expect(server.heard.map(({ target }) => target)).toEqual(['/b'])
  })
})

describe('each of the requests that wait ends', () => {
  it('when nobody listens', async () => {
    const http = open(`http://127.0.0.1:${await closedPort()}`, 3)
    expect(await endsOf(http, 20)).toEqual(Array(20).fill('ECONNREFUSED'))
  })

  it('when the host has no address', async () => {
    const ends = await endsOf(open('http://store.invalid', 3), 7)
    expect(new Set(ends)).toEqual(new Set([expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/)]))
  })

  it('when no connection comes about in time', async () => {
    const silent = createServer()
    const port = await portOf(silent)
    onTestFinished(() => void silent.close())
    expect(await endsOf(open(`https://127.0.0.1:${port}`, 3, 50), 7)).toEqual(Array(7).fill('TimeoutError'))
  })

  it('when every connection is cut before it is secure', async () => {
    const cutting = createServer((socket) => void socket.resetAndDestroy())
    const port = await portOf(cutting)
    onTestFinished(() => void cutting.close())
    expect(await endsOf(open(`https://127.0.0.1:${port}`, 3), 20)).toEqual(Array(20).fill('ECONNRESET'))
  })

  it.each([0, 1, 2])('when all but %i connections are cut after the request', async (served) => {
    const server = await rawServer((_, { number, socket }) => {
      if (number > served) socket.resetAndDestroy()
      else socket.write(OK)
    })
    const ends = await endsOf(open(server.origin, 3), 20)
    expect(ends.filter((end) => end === 200 || end === 'ECONNRESET')).toHaveLength(20)
    expect(ends.includes(200)).toBe(served > 0)
  })
})

describe('a connection', () => {
  it('that the other side has ended meanwhile is not used', async () => {
    const server = await rawServer(say)
    const http = open(server.origin)
    await http.send(requestFor('/a'))
    socketOf(server).end()
    await once(socketOf(server), 'close')
    expect((await http.send(requestFor('/b'))).status).toBe(200)
    expect(server.lines).toHaveLength(2)
  })

  it.each([
    [undefined, 3_900, 4_100],
    ['timeout=10', 8_900, 9_100],
    ['Timeout=10, max=100', 8_900, 9_100],
    ['timeout=1', 400, 600],
    ['timeout=0', -1, 1],
    ['timeout=999999', 599_000, 601_000],
    ['no time', 3_900, 4_100],
  ])('that was last used (keep-alive: %s) %i ms ago is used again, and not after %i ms', async (said, short, long) => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const field = said === undefined ? '' : `keep-alive: ${said}\r\n`
    const server = await rawServer((_, { socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\n${field}content-length: 0\r\n\r\n`)
    })
    const http = open(server.origin)
    await http.send(requestFor('/a'))
    if (short > 0) {
      vi.advanceTimersByTime(short)
      await http.send(requestFor('/b'))
      expect(server.lines).toHaveLength(1)
    }
    vi.advanceTimersByTime(long)
    await http.send(requestFor('/c'))
    expect(server.lines).toHaveLength(2)
  })

  it('on which something comes that nobody asked for is not used again', async () => {
    const server = await rawServer(say)
    const http = open(server.origin)
    await http.send(requestFor('/a'))
    socketOf(server).write('HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    await once(socketOf(server), 'close')
    expect((await http.send(requestFor('/b', { method: 'HEAD' }))).status).toBe(200)
    expect(server.lines).toHaveLength(2)
    // It was not behind an answer to a HEAD: there is no reason to fear for those.
    expect(server.heard[1]?.text).toContain('connection: keep-alive')
  })

  it('is gone after an answer of which less was wanted than came', async () => {
    const server = await rawServer(({ target }, { socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n${target.repeat(500)}`)
    })
    const http = open(server.origin)
    for (const target of ['/a', '/b']) {
      const { isCut, body } = await http.send(requestFor(target, { began: () => 4 }))
      expect([isCut, body.toString()]).toEqual([true, target.repeat(2)])
    }
    expect(server.lines).toHaveLength(2)
  })

  it('is tried at every address of its host', async () => {
    const server = await rawServer(say)
    const addresses = [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ]
    // Overloaded, and only one of its ways is asked for.
    const lookup = ((_host: string, _options: unknown, found: (...told: unknown[]) => void) =>
      found(null, addresses)) as never
    const spy = vi.spyOn(dns, 'lookup').mockImplementation(lookup)
    onTestFinished(() => spy.mockRestore())
    const http = open(`http://store.example:${server.port}`)
    expect(await endsOf(http, 3)).toEqual([200, 200, 200])
    expect(spy).toHaveBeenCalledTimes(1)
  })

  it('may lead to an address of IPv6', async () => {
    const server = createServer((socket) => socket.end(OK))
    server.listen(0, '::1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo // it listens to a port
    expect((await open(`http://[::1]:${port}`).send(requestFor('/a'))).body.toString()).toBe('ok')
  })
})
