import dns from 'node:dns'
import { connect, createServer, type Socket } from 'node:net'
import { createSecureContext, createServer as createSecureServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { s3Error } from '../../../src/store/s3/errors.ts'
import type { Http } from '../../../src/store/s3/transport/http.ts'
import { createSocketHttp } from '../../../src/store/s3/transport/sockets.ts'
import { type Certificate, makeCertificate } from './certificate.ts'
import { type Line, OK, portOf, rawServer, requestFor } from './raw-server.ts'

let certificate: Certificate
beforeAll(() => {
  certificate = makeCertificate()
})
afterAll(() => certificate.remove())

const say = (_: unknown, { socket }: Line): void => void socket.write(OK)

async function secureServer(options: TlsOptions = {}, answer = say) {
  const { key, cert } = certificate
  const server = createSecureServer({ key, cert, ALPNProtocols: ['h2', 'http/1.1'], ...options })
  const { lines, port, heard } = await rawServer(answer, server)
  return { server, port, heard, lines: () => lines.map(({ socket }) => socket as TLSSocket) } // a server of TLS has made them
}

interface Opening {
  readonly isTrusted?: boolean
  readonly addresses?: readonly object[]
  readonly connections?: number
  readonly connectMs?: number
}

const HERE = { address: '127.0.0.1', family: 4 }
/** Nobody listens there. */
const ELSEWHERE = { address: '::1', family: 6 }

/** As if the machine vouched for the certificate, or not. Every name leads here. */
function open(host: string, port: number, opening: Opening = {}): Http {
  const { isTrusted = true, addresses = [HERE], connections = 1, connectMs = 10_000 } = opening
  // Overloaded, and only one of its ways is asked for.
  const lookup = ((_: string, __: unknown, found: (...told: unknown[]) => void) => found(null, addresses)) as never
  const looked = vi.spyOn(dns, 'lookup').mockImplementation(lookup)
  const { cert } = certificate
  const tls = process.getBuiltinModule('node:tls')
  const trust = vi.spyOn(tls, 'createSecureContext')
  if (isTrusted) trust.mockReturnValueOnce(createSecureContext({ ca: [cert] }))
  const http = createSocketHttp({ origin: new URL(`https://${host}:${port}`), connections, connectMs })
  trust.mockRestore()
  onTestFinished(() => looked.mockRestore())
  return http
}

const toldOf = (error: unknown) => {
  const { code, retryable, why, hint } = s3Error(error, { action: 'put', bucket: 'b', key: 'a' })
  return { code, retryable, why, hint }
}

async function failureOf(http: Http): Promise<unknown> {
  return http.send(requestFor('/a')).then(
    () => expect.unreachable('it was answered'),
    (error: unknown) => error,
  )
}

it('a store is told its name, offered HTTP/1.1 alone, and asked at every address', async () => {
  const server = await secureServer()
  const http = open('store.example', server.port, { addresses: [ELSEWHERE, HERE] })
  expect((await http.send(requestFor('/a'))).body.toString()).toBe('ok')
  expect(server.lines().map(({ servername, alpnProtocol }) => [servername, alpnProtocol])).toEqual([
    ['store.example', 'http/1.1'],
  ])
})

it('an address is no name, and has to stand in the certificate itself', async () => {
  const server = await secureServer()
  expect((await open('127.0.0.1', server.port).send(requestFor('/a'))).status).toBe(200)
  expect(server.lines()[0]?.servername).toBe(false)
})

it.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a store whose name is another is refused, again and again (%s)',
  async (version) => {
    const server = await secureServer({ minVersion: version, maxVersion: version })
    const addresses = [HERE]
    const http = open('other.example', server.port, { addresses })
    for (let turn = 0; turn < 4; turn += 1) {
      if (turn === 2) addresses.unshift(ELSEWHERE)
      const failure = await failureOf(http)
      expect(failure).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
      expect(toldOf(failure)).toMatchObject({ retryable: false, hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') })
    }
    expect(server.heard).toEqual([])
  },
)

it('a store for which nobody vouches is refused', async () => {
  const server = await secureServer()
  const failure = await failureOf(open('store.example', server.port, { isTrusted: false }))
  expect(failure).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  expect(toldOf(failure)).toMatchObject({ retryable: false, hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') })
  expect(server.heard).toEqual([])
})

/** A server that takes one request of each connection. @returns which of them went on from one before */
async function closingServer(version: 'TLSv1.2' | 'TLSv1.3') {
  const resumed: boolean[] = []
  const server = await secureServer({ minVersion: version, maxVersion: version }, (_, { socket }) => {
    resumed.push((socket as TLSSocket).isSessionReused()) // a server of TLS has made it
    socket.write(OK.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'))
  })
  return { port: server.port, resumed }
}

it.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'the first connection shakes hands in full, the next ones go on from it (%s)',
  async (version) => {
    const server = await closingServer(version)
    const http = open('store.example', server.port)
    for (const target of ['/a', '/b', '/c']) await http.send(requestFor(target))
    expect(server.resumed).toEqual([false, true, true])
  },
)

/** Before a server of TLS. The handshakes whose numbers, from 1, are not let through are cut. */
async function relayTo(port: number, isLetThrough: (number: number) => boolean): Promise<number> {
  let count = 0
  const sockets: Socket[] = []
  const relay = createServer((near) => {
    sockets.push(near)
    near.on('error', () => undefined)
    near.once('data', (hello) => {
      count += 1
      if (!isLetThrough(count)) return void near.resetAndDestroy()
      const far = connect(port, '127.0.0.1')
      sockets.push(far)
      far.on('error', () => undefined)
      far.write(hello)
      near.pipe(far).pipe(near)
    })
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    relay.close()
  })
  return portOf(relay)
}

it('a session is not offered again when a connection fails, which may be its fault', async () => {
  const server = await closingServer('TLSv1.3')
  const http = open('store.example', await relayTo(server.port, (number) => number !== 2))
  await http.send(requestFor('/a'))
  expect(await failureOf(http)).toMatchObject({ code: 'ECONNRESET' })
  await http.send(requestFor('/b'))
  expect(server.resumed).toEqual([false, false])
})

it.each([1, 2])('each of those who wait ends when all but %i of the handshakes are cut', async (count) => {
  const server = await secureServer()
  const port = await relayTo(server.port, (number) => number <= count)
  const http = open('store.example', port, { connections: 4 })
  const ends = await Promise.allSettled(Array.from({ length: 30 }, (_, index) => http.send(requestFor(`/${index}`))))
  const told = ends.map((end) => (end.status === 'fulfilled' ? end.value.status : end.reason.code))
  expect(told.filter((end) => end === 200 || end === 'ECONNRESET')).toHaveLength(30)
  expect(told).toContain(200)
})

it('a handshake that does not end is a connection that does not come about, and the next one is tried anew', async () => {
  const server = await secureServer()
  const sockets: Socket[] = []
  const silent = createServer((socket) => void sockets.push(socket))
  const port = await portOf(silent)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const failure = await failureOf(open('store.example', port, { connectMs: 50 }))
  expect(failure).toMatchObject({ name: 'TimeoutError', message: 'could not establish a connection within 50 ms' })
  expect(toldOf(failure)).toMatchObject({ code: 'E_TIMEOUT', retryable: true })
  expect((await open('store.example', server.port).send(requestFor('/a'))).status).toBe(200)
})

it('a body of megabytes comes and goes whole', async () => {
  const body = Buffer.alloc(1_000_000, 'the bytes of a body ')
  const server = await secureServer({}, (_, { socket }) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`)
    socket.write(body)
  })
  const http = open('store.example', server.port)
  for (const target of ['/a', '/b']) {
    const answer = await http.send(requestFor(target, { method: 'PUT', body }))
    expect(answer.body.equals(body)).toBe(true)
  }
  expect(server.heard.map(({ body: size }) => size)).toEqual([body.length, body.length])
  expect(server.lines()).toHaveLength(1)
})

it('a server of plain http is told from one whose certificate is wrong', async () => {
  const plain = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const port = await portOf(plain)
  onTestFinished(() => void plain.close())
  expect(toldOf(await failureOf(open('store.example', port)))).toEqual({
    code: 'E_UNREACHABLE',
    retryable: false,
    why: expect.stringMatching(/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/),
    hint: 'It may be a server of plain http, or another port: check `endpoint`.',
  })
})
