import { expect, it } from 'vitest'
import { s3Error } from '../../../src/store/s3/errors.ts'
import { createSocketHttp } from '../../../src/store/s3/transport/sockets.ts'
import { OK, rawServer, requestFor } from './raw-server.ts'

const head = (fields: string, rest = ''): string => `HTTP/1.1 200 OK\r\n${fields}\r\n${rest}`
const chunked = (rest: string): string => head('transfer-encoding: chunked\r\n', rest)
/** Said again and again, until the connection is cut. */
const endless = (once: string): { readonly first: string; readonly again: string } => ({ first: '', again: once })

const TLS_ALERT = '\x15\x03\x01\x00\x02\x02\x16'
const HTTP2_SETTINGS = '\x00\x00\x00\x04\x00\x00\x00\x00\x00'

it.each([
  ['a banner of SSH', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['an alert of TLS', TLS_ALERT],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['settings of HTTP/2', HTTP2_SETTINGS],
  ['HTTP/2 in words', 'HTTP/2 200 OK\r\ncontent-length: 2\r\n\r\nok'],
  ['HTTP/1.2', 'HTTP/1.2 200 OK\r\ncontent-length: 2\r\n\r\nok'],
  ['HTTP/0.9', '<html>ok</html>\r\n\r\n'],
  ['ICY', 'ICY 200 OK\r\ncontent-length: 2\r\n\r\nok'],
  ['lower case', 'http/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'],
  ['a blank before it', ` ${OK}`],
  ['a line before it', `\r\n${OK}`],
  ['a mark of byte order', `\xef\xbb\xbf${OK}`],
  ['no status', 'HTTP/1.1 OK\r\ncontent-length: 2\r\n\r\nok'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\ncontent-length: 2\r\n\r\nok'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\ncontent-length: 2\r\n\r\nok'],
  ['a status below all', 'HTTP/1.1 099 OK\r\ncontent-length: 2\r\n\r\nok'],
  ['two blanks before the status', 'HTTP/1.1  200 OK\r\ncontent-length: 2\r\n\r\nok'],
  ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n'],
  ['lines that end with LF', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok'],
  ['a head that ends with LF', 'HTTP/1.1 200 OK\r\ncontent-length: 2\n\nok'],
  ['a status line that ends with LF', 'HTTP/1.1 200 OK\ncontent-length: 2\r\n\r\nok'],
  ['lines that end with CR', 'HTTP/1.1 200 OK\rcontent-length: 2\r\rok'],
  ['a CR more', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\r\n\r\nok'],
  ['a LF before a value', head('x: \ncontent-length: 2\r\n', 'ok')],
  ['a LF behind a value', head('content-length: 2\n\r\n', 'ok')],
  ['a CR in a value', head('x: a\rcontent-length: 9\r\ncontent-length: 2\r\n', 'ok')],
  ['a NUL in a value', head('x: a\0b\r\ncontent-length: 2\r\n', 'ok')],
  ['a NUL in a name', head('x\0: a\r\ncontent-length: 2\r\n', 'ok')],
  ['a NUL in the reason', 'HTTP/1.1 200 O\0K\r\ncontent-length: 2\r\n\r\nok'],
  ['a value that goes on in the next line', head('x: a\r\n b\r\ncontent-length: 2\r\n', 'ok')],
  ['a length that goes on in the next line', head('content-length: 2\r\n\t2\r\n', 'ok')],
  ['a length behind a blank', head(' content-length: 2\r\n', 'ok')],
  ['a blank behind a name', head('content-length : 2\r\n', 'ok')],
  ['a field without a colon', head('content-length\r\n', 'ok')],
  ['a field without a name', head(': 2\r\n', 'ok')],
  ['two lengths', head('content-length: 2\r\ncontent-length: 3\r\n', 'ok')],
  ['the same length twice', head('content-length: 2\r\nContent-Length: 2\r\n', 'ok')],
  ['a list of lengths', head('content-length: 2, 2\r\n', 'ok')],
  ['an empty length', head('content-length:\r\n', 'ok')],
  ['a length below zero', head('content-length: -2\r\n', 'ok')],
  ['a length with its sign', head('content-length: +2\r\n', 'ok')],
  ['a length with a fraction', head('content-length: 2.0\r\n', 'ok')],
  ['a length in hex', head('content-length: 0x2\r\n', 'ok')],
  ['a length that no number holds', head('content-length: 18446744073709551618\r\n', 'ok')],
  ['a length and chunks', head('content-length: 2\r\ntransfer-encoding: chunked\r\n', '2\r\nok\r\n0\r\n\r\n')],
  ['chunks twice', head('transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n', '2\r\nok\r\n0\r\n\r\n')],
  ['chunks that are packed', head('transfer-encoding: gzip, chunked\r\n', '2\r\nok\r\n0\r\n\r\n')],
  ['another coding', head('transfer-encoding: gzip\r\n', 'ok')],
  ['no coding', head('transfer-encoding:\r\n', 'ok')],
  ['a chunk without a size', chunked('\r\nok\r\n0\r\n\r\n')],
  ['a chunk of a size that is none', chunked('g\r\nok\r\n0\r\n\r\n')],
  ['a chunk of a size below zero', chunked('-2\r\nok\r\n0\r\n\r\n')],
  ['a chunk of a size with a mark', chunked('0x2\r\nok\r\n0\r\n\r\n')],
  ['a chunk of a size that no number holds', chunked('10000000000000002\r\nok\r\n0\r\n\r\n')],
  ['a chunk that ends with LF', chunked('2\nok\n0\n\n')],
  ['a chunk whose extension has a LF', chunked('2;a\nb\r\nok\r\n0\r\n\r\n')],
  ['a chunk that is longer than its size', chunked('2\r\nokay\r\n0\r\n\r\n')],
  ['a chunk that is shorter than its size', chunked('3\r\nok\r\n0\r\n\r\n')],
  ['a last chunk behind which a LF stands', chunked('2\r\nok\r\n0\r\n\n')],
  ['fields behind the last chunk that are none', chunked('2\r\nok\r\n0\r\nHTTP/1.1 200 OK\r\n\r\n')],
  ['an endless word', endless('x'.repeat(1000))],
  ['an endless status', { first: 'HTTP/1.1 200 ', again: 'OK'.repeat(500) }],
  ['an endless field', { first: 'HTTP/1.1 200 OK\r\nx: ', again: 'y'.repeat(1000) }],
  ['endless fields', { first: 'HTTP/1.1 200 OK\r\n', again: 'x: y\r\n'.repeat(100) }],
  ['endless heads before the answer', endless('HTTP/1.1 100 Continue\r\n\r\n'.repeat(20))],
  ['an endless size of a chunk', { first: chunked(''), again: '0'.repeat(500) }],
  ['an endless extension of a chunk', { first: chunked('2;'), again: 'a'.repeat(500) }],
  ['endless extensions of chunks', { first: chunked(''), again: `1;${'a'.repeat(500)}\r\nx\r\n` }],
  ['endless fields behind the last chunk', { first: chunked('0\r\n'), again: 'x: y\r\n'.repeat(100) }],
])('%s is no answer but a cut connection, and the next request has another', async (_, said) => {
  const { first, again } = typeof said === 'string' ? { first: said, again: '' } : said
  const server = await rawServer(({ target }, { socket }) => {
    if (target === '/next') return void socket.write(OK)
    socket.write(Buffer.from(first, 'latin1'))
    const more = (): void => {
      if (!socket.destroyed) socket.write(again, 'latin1', more)
    }
    if (again !== '') more()
  })
  const http = createSocketHttp({ origin: server.origin, connections: 1, connectMs: 10_000 })
  const failure = await http.send(requestFor('/first')).then(
    ({ body }) => Promise.reject(new Error(`it was taken for an answer: ${body}`)),
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({ code: 'ECONNRESET' })
  const told = s3Error(failure, { action: 'put', bucket: 'b', key: 'a' })
  expect([told.code, told.retryable]).toEqual(['E_UNREACHABLE', true])
  expect((await http.send(requestFor('/next'))).body.toString()).toBe('ok')
  expect(server.lines).toHaveLength(2)
})
