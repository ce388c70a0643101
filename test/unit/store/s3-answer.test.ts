import { Agent, type IncomingMessage, request as nodeRequest } from 'node:http'
import type { Socket } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerReader, type Progress } from '../../../src/store/s3/transport/answer.ts'
import { rawServer } from './raw-server.ts'

interface Sent {
  readonly method: string
  readonly bytes: Buffer
  /** Whether the connection has to be ended behind it. */
  readonly ends: boolean
  /** Where it is cut. */
  readonly cuts: readonly number[]
}

interface Read {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
  readonly keeps: boolean
}

function piecesOf({ bytes, cuts }: Sent): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b)
  return [0, ...at].map((start, index) => bytes.subarray(start, at[index])).filter((piece) => piece.length > 0)
}

/** The pieces come in memory that is written over as soon as they are read, as those of a socket do. */
function read(pieces: readonly Buffer[], method: string, wanted = Number.POSITIVE_INFINITY) {
  const reader = new AnswerReader()
  const heads: number[] = []
  let progress: Progress = 'reading'
  reader.expect({
    method,
    began: ({ status }) => {
      heads.push(status)
      return wanted
    },
  })
  for (const piece of pieces) {
    if (progress !== 'reading') break
    const shared = Buffer.from(piece)
    progress = reader.feed(shared)
    shared.fill(0xff)
  }
  const isWhole = progress !== 'reading' || reader.ended()
  return { reader, heads, progress, isWhole }
}

function ours(sent: Sent): Read {
  const { reader, heads, isWhole } = read(piecesOf(sent), sent.method)
  expect(isWhole).toBe(true)
  const { status, headers } = reader.head
  expect(heads).toEqual([status])
  return {
    status,
    headers: { ...headers } as Read['headers'],
    body: reader.take().toString('latin1'),
    keeps: reader.keeps,
  }
}

/** Of Node's own client what it has read, and whether it asks again over the same connection. */
async function nodes(): Promise<(sent: Sent) => Promise<Read>> {
  let next: Sent | undefined
  const server = await rawServer(async ({ target }, { socket }) => {
    if (target === '/again') socket.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n')
    else if (next) await play(socket, next)
  })
  return async (sent) => {
    next = sent
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = (method: string, path: string): Promise<Omit<Read, 'keeps'>> =>
      new Promise((resolve, reject) => {
        nodeRequest({ agent, port: server.port, method, path }, (response) => collect(response).then(resolve, reject))
          .on('error', reject)
          .end()
      })
    const first = await ask(sent.method, '/first')
    const lines = server.lines.length
    // A connection is free again a moment after its answer.
    await new Promise(setImmediate)
    await ask('GET', '/again')
    agent.destroy()
    return { ...first, keeps: server.lines.length === lines }
  }
}

async function play(socket: Socket, sent: Sent): Promise<void> {
  for (const piece of piecesOf(sent)) {
    socket.write(piece)
    await new Promise(setImmediate)
  }
  if (sent.ends) socket.end()
}

async function collect(response: IncomingMessage): Promise<Omit<Read, 'keeps'>> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const headers = response.headers as Read['headers'] // no cookie among them
  return { status: response.statusCode ?? 0, headers: { ...headers }, body: Buffer.concat(chunks).toString('latin1') }
}

const NAMES = ['ETag', 'x-amz-meta-a', 'X-Amz-Meta-__proto__', 'constructor', 'Content-Type', 'Date']
const latin = fc.oneof(
  fc.constantFrom(' ', '\t', '\xa0', '"', ','),
  fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)),
  fc.integer({ min: 128, max: 255 }).map((code) => String.fromCharCode(code)),
)
const value = fc.array(latin, { maxLength: 12 }).map((chars) => chars.join(''))
const field = fc
  .tuple(fc.constantFrom(...NAMES, 'Last-Modified', 'Retry-After'), fc.constantFrom('', ' ', '\t '), value)
  .map(([name, blank, said]) => `${name}:${blank}${said}\r\n`)
const connection = fc.constantFrom(
  '',
  'Connection: close',
  'connection: Keep-Alive',
  'Connection: x, close',
  'connection:  close , x',
)
const before = fc.constantFrom(
  '',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n',
)
const padding = fc.constantFrom(0, 0, 0, 1_000, 14_000)
const chunk = fc.record({
  bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  extension: fc.constantFrom('', ';a', ';a=b', ';a="b;c"'),
})
const framing = fc.oneof(
  fc.record({ kind: fc.constant('counted' as const), body: fc.uint8Array({ maxLength: 60 }) }),
  fc.record({ kind: fc.constant('until the end' as const), body: fc.uint8Array({ maxLength: 60 }) }),
  fc.record({
    kind: fc.constant('chunked' as const),
    chunks: fc.array(chunk, { maxLength: 4 }),
    trailer: fc.constantFrom('', 'x-a: 1\r\n', 'x-a: 1\r\nETag: "7"\r\n'),
  }),
)

const answer = fc
  .record({
    isOld: fc.boolean(),
    status: fc.constantFrom(200, 200, 206, 204, 304, 404, 412, 503),
    reason: fc.constantFrom('', ' ', ' OK', ' No such \xe9 thing'),
    method: fc.constantFrom('GET', 'GET', 'PUT', 'HEAD'),
    fields: fc.array(field, { maxLength: 6 }),
    ...{ connection, before, padding, framing },
    cuts: fc.array(fc.nat({ max: 20_000 }), { maxLength: 8 }),
  })
  // Left out: chunks of HTTP/1.0, after which Node keeps the connection, and HEAD without a length, where it does not; and
  // a 204 that has chunks.
  .filter(
    ({ isOld, framing: { kind }, method }) =>
      !(kind === 'chunked' && isOld) && !(kind === 'until the end' && method === 'HEAD'),
  )
  .filter(({ status, framing }) => !(framing.kind === 'chunked' && status === 204))
  .map((drawn): Sent => {
    const { isOld, status, framing, method } = drawn
    const isBare = method === 'HEAD' || status === 204 || status === 304
    const told = framing.kind === 'counted' && status !== 204 ? `Content-Length: ${framing.body.length}\r\n` : ''
    const head = [
      ...[`HTTP/1.${isOld ? 0 : 1} ${status}${drawn.reason}\r\n`, ...drawn.fields],
      drawn.connection && `${drawn.connection}\r\n`,
      drawn.padding > 0 ? `x-pad: ${'p'.repeat(drawn.padding)}\r\n` : '',
      framing.kind === 'chunked' ? 'Transfer-Encoding: Chunked\r\n' : told,
    ].join('')
    const bytes = Buffer.concat([
      Buffer.from(`${drawn.before}${head}\r\n`, 'latin1'),
      isBare ? Buffer.alloc(0) : bodyOf(framing),
    ])
    return { method, bytes, ends: !isBare && framing.kind === 'until the end', cuts: drawn.cuts }
  })

type Framing = typeof framing extends fc.Arbitrary<infer T> ? T : never

function bodyOf(framing: Framing): Buffer {
  if (framing.kind !== 'chunked') return Buffer.from(framing.body)
  const chunks = framing.chunks.map(({ bytes, extension }) =>
    Buffer.concat([Buffer.from(`${bytes.length.toString(16)}${extension}\r\n`), bytes, Buffer.from('\r\n')]),
  )
  return Buffer.concat([...chunks, Buffer.from(`0\r\n${framing.trailer}\r\n`)])
}

describe('an answer, wherever it is cut,', () => {
  it("is what Node's own client reads, and its connection is used again when that uses it again", async () => {
    const oracle = await nodes()
    let kept = 0
    await fc.assert(
      fc.asyncProperty(answer, async (sent) => {
        const [mine, theirs] = [ours(sent), await oracle(sent)]
        expect(mine).toEqual(theirs)
        if (mine.keeps) kept += 1
      }),
      { seed: 20_260, numRuns: 250 },
    )
    expect(kept).toBeGreaterThan(50)
  })
})

describe('an answer that could be read in two ways', () => {
  const close = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n'
  it.each([
    [
      'chunks of HTTP/1.0',
      'GET',
      'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a 204 that announces a body', 'PUT', 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n'],
    ['a 204 that announces chunks', 'PUT', 'HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['a body after a HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'],
    ['more than it announces', 'GET', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n'],
    ['an answer behind it', 'PUT', `${close}\r\n${close}\r\n`],
    ['closing and keeping', 'PUT', `${close}connection: keep-alive\r\nconnection: close\r\n\r\n`],
  ])('is the last one of its connection: %s', (_, method, text) => {
    const { reader, isWhole } = read([Buffer.from(text)], method)
    expect([isWhole, reader.keeps]).toEqual([true, false])
  })

  it('has fields of any name, which are never those of an object', () => {
    const text = `${close}__proto__: a\r\nconstructor: b\r\n__proto__: c\r\nx-amz-meta-tostring: d\r\n\r\n`
    const { headers } = read([Buffer.from(text)], 'GET').reader.head
    expect(Object.entries(headers)).toEqual([
      ['content-length', '0'],
      ['__proto__', 'a, c'],
      ['constructor', 'b'],
      ['x-amz-meta-tostring', 'd'],
    ])
    expect(headers.toString).toBeUndefined()
  })
})

describe('what is kept of an answer', () => {
  const long = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789`)

  it.each([0, 1, 9])('is no more than the %i bytes of its body that are wanted', (wanted) => {
    for (const pieces of [[long], [...long].map((byte) => Buffer.of(byte))]) {
      const { reader, progress } = read(pieces, 'GET', wanted)
      expect([progress, reader.take().toString()]).toEqual(['cut', '0123456789'.slice(0, wanted)])
    }
  })

  it('is all of it, when exactly that is wanted', () => {
    const { reader, progress } = read([long], 'GET', 10)
    expect([progress, reader.take().toString()]).toEqual(['whole', '0123456789'])
  })

  it('is given away once, and not kept for the next', () => {
    const { reader } = read([long], 'GET')
    expect(reader.take()).toHaveLength(10)
    expect(reader.take()).toHaveLength(0)
  })

  it('takes little more memory than its bytes, though they come one by one', () => {
    const reader = new AnswerReader()
    reader.expect({ method: 'GET', began: () => Number.POSITIVE_INFINITY })
    reader.feed(Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'))
    const before = process.memoryUsage().heapUsed
    const pieces = Buffer.from('1\r\nx\r\n'.repeat(1_000))
    for (let turn = 0; turn < 400; turn += 1) reader.feed(pieces)
    const grown = process.memoryUsage().heapUsed - before
    expect(reader.take()).toHaveLength(400_000)
    // An object for each would be 40 MB.
    expect(grown).toBeLessThan(20_000_000)
  })

  it('is not what a server only announces', () => {
    const before = process.memoryUsage()
    const pieces = [Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 900000000000000\r\n\r\nxy')]
    const { reader, isWhole } = read(pieces, 'GET')
    expect([isWhole, reader.take().toString()]).toEqual([false, 'xy'])
    expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(4_000_000)
  })
})
