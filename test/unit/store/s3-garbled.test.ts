import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import type { LadingError } from '../../../src/words/errors.ts'
import { bodyOf } from '../../contract/bodies.ts'
import { openAt, PLAIN } from './s3-setup.ts'

function isWhole(request: string): boolean {
  const end = request.indexOf('\r\n\r\n')
  const size = Number(/content-length: (\d+)/i.exec(request)?.[1] ?? 0)
  return end !== -1 && request.length >= end + 4 + size
}

function answerTo(request: string): string {
  if (request.startsWith('HEAD')) return 'HTTP/1.1 404 Not Found\r\ncontent-length: 15\r\n\r\n'
  const sha256 = /x-amz-checksum-sha256: (\S+)/i.exec(request)?.[1] ?? ''
  const proof = `etag: "${'0'.repeat(32)}"\r\nx-amz-checksum-sha256: ${sha256}`
  return `HTTP/1.1 200 OK\r\n${proof}\r\ncontent-length: 0\r\n\r\n`
}

/** Sends a body after its answer to a HEAD, as soon as the next request has come on that connection. */
async function garbler(): Promise<{ port: number; garbled(): number; closed(): number }> {
  let garbled = 0
  let closed = 0
  const server = createServer((socket) => {
    let text = ''
    let owed = ''
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      text += data.toString('latin1')
      if (!isWhole(text)) return
      const request = text
      text = ''
      if (owed !== '') garbled += 1
      if (/connection: close/i.test(request)) closed += 1
      socket.write(owed || answerTo(request))
      if (request.startsWith('HEAD')) owed = '<Error></Error>'
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, garbled: () => garbled, closed: () => closed } // it listens to a port
}

it.each([
  ['sockets', false],
  ['undici', true],
])(
  'a body after an answer to HEAD ends a request, which may be made again, and soon no more (%s)',
  async (_, isUndici) => {
    const server = await garbler()
    const store = openAt(`http://127.0.0.1:${server.port}`, isUndici ? 'undici' : 'fast')
    const failures: LadingError[] = []
    const note = (error: LadingError): void => void failures.push(error)
    for (let turn = 0; turn < 40; turn += 1) {
      await store.head('a').catch(note)
      await store.put('a', bodyOf('x'), PLAIN).catch(note)
    }
    expect(new Set(failures.map(({ code, retryable, why }) => `${code} ${retryable} ${why}`))).toEqual(
      new Set([`E_UNREACHABLE true the connection to 127.0.0.1:${server.port} ended with ECONNRESET`]),
    )
    // One for each connection that had answered a HEAD by then, of which undici may have two.
    expect(server.garbled()).toBeLessThan(3)
    expect(server.closed()).toBeGreaterThan(30)
  },
)
