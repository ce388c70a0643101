import { expect, it } from 'vitest'
import { openingOf } from '../../../src/store/s3/transport/opening.ts'
import { requestFor } from './raw-server.ts'

const guard = (): void => undefined
const KIB = 1024

it.each([
  ['a small body', 10 * KIB, 1],
  ['the largest body that is copied', 256 * KIB, 1],
  ['a larger one, which is not held twice', 256 * KIB + 1, 2],
])('a guarded request with %s leaves in as few pieces as can be, and as a copy where it is one', (_, size, pieces) => {
  const body = new Uint8Array(size).fill(7)
  const { first, rest } = openingOf(requestFor('/a', { method: 'PUT', body, guard }), false)
  expect(rest === undefined ? 1 : 2).toBe(pieces)
  expect(rest === undefined || rest === body).toBe(true)
  if (pieces === 1) body.fill(8) // the memory was lent, and is somebody else's by then
  const sent = Buffer.concat([
    typeof first === 'string' ? Buffer.from(first, 'latin1') : first,
    rest ?? Buffer.alloc(0),
  ])
  const head = `PUT /a HTTP/1.1\r\nconnection: keep-alive\r\ncontent-length: ${size}\r\nhost: store.example\r\n\r\n`
  expect(sent.subarray(0, head.length).toString('latin1')).toBe(head)
  expect(sent.subarray(head.length).equals(Buffer.alloc(size, 7))).toBe(true)
})

it('what no guard is asked for is not copied', () => {
  const body = new Uint8Array(10)
  expect(openingOf(requestFor('/a', { method: 'PUT', body }), false).rest).toBe(body)
})
