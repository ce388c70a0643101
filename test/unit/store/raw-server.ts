import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { Deadline } from '../../../src/store/s3/transport/deadline.ts'
import type { HttpRequest } from '../../../src/store/s3/transport/http.ts'

/** What one connection has heard, and what may be done with it. */
export interface Line {
  /** From 1, in the order of their coming. */
  readonly number: number
  readonly socket: Socket
}

/** A request as it came: its first line and its fields, and how much of its body. */
export interface Heard {
  readonly text: string
  readonly target: string
  readonly body: number
}

export interface RawServer {
  readonly port: number
  readonly origin: URL
  readonly heard: Heard[]
  /** Those that have come at all. */
  readonly lines: Line[]
}

export type Answering = (heard: Heard, line: Line) => void

/** Says what the test says: nothing of HTTP is known to it but where a request ends. */
export async function rawServer(answer: Answering, server?: Server): Promise<RawServer> {
  const heard: Heard[] = []
  const lines: Line[] = []
  const listening = server ?? createServer()
  listening.on(server ? 'secureConnection' : 'connection', (socket: Socket) => {
    const line = { number: lines.length + 1, socket }
    lines.push(line)
    listen(socket, (request) => {
      heard.push(request)
      answer(request, line)
    })
  })
  const port = await portOf(listening)
  onTestFinished(() => {
    for (const { socket } of lines) socket.destroy()
    listening.close()
  })
  return { port, origin: new URL(`${server ? 'https' : 'http'}://127.0.0.1:${port}`), heard, lines }
}

function listen(socket: Socket, told: (heard: Heard) => void): void {
  let bytes = Buffer.alloc(0)
  socket.on('error', () => undefined)
  socket.on('data', (data) => {
    bytes = Buffer.concat([bytes, data])
    const end = bytes.indexOf('\r\n\r\n')
    if (end === -1) return
    const text = bytes.toString('latin1', 0, end)
    const size = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0)
    if (bytes.length < end + 4 + size) return
    bytes = bytes.subarray(end + 4 + size)
    told({ text, target: text.split(' ')[1] ?? '', body: size })
  })
}

export async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port // it listens to a port
}

/** A port where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  const port = await portOf(server)
  server.close()
  await once(server, 'close')
  return port
}

export interface Asking extends Partial<Omit<HttpRequest, 'passage'>> {
  readonly guard?: () => void
  readonly left?: () => void
  readonly signal?: AbortSignal
}

/** A request that takes all of its answer, with a minute for it. */
export function requestFor(target: string, { guard, left, signal, ...more }: Asking = {}): HttpRequest {
  const deadline = new Deadline(60_000, 0, signal)
  onTestFinished(() => deadline.done())
  const passage = {
    deadline,
    isGuarded: guard !== undefined,
    guard: guard ?? (() => undefined),
    left: left ?? (() => undefined),
  }
  const headers = ['host', 'store.example']
  return { method: 'GET', target, headers, body: undefined, began: () => Infinity, passage, ...more }
}

export const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
