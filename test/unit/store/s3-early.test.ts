import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { profileOf } from '../../../src/store/s3/profiles.ts'
import { createS3Store } from '../../../src/store/s3/s3.ts'
import type { Body } from '../../../src/words/model.ts'

const SIZE = 8 * 1024 * 1024

const bodyOf = (letter: string): Body => {
  const bytes = Buffer.alloc(SIZE, letter)
  return {
    size: SIZE,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    read: async (start, end) => bytes.subarray(start, end),
  }
}

/** Says of every body that it is stored when it has read the head of the request, and reads it when it is told to. */
async function hastyServer(): Promise<{ readonly port: number; resume(): void; received(): Promise<string[]> }> {
  const sockets: Socket[] = []
  const bodies: { key: string; left: number; letters: Set<number> }[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    let head = ''
    let body: (typeof bodies)[number] | undefined
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      let rest = data
      if (body === undefined) {
        head += data.toString('latin1')
        const end = head.indexOf('\r\n\r\n')
        if (end === -1) return
        const field = (name: string): string => new RegExp(`${name}: (\\S+)`, 'i').exec(head)?.[1] ?? ''
        body = { key: /^PUT (\S+)/.exec(head)?.[1] ?? '', left: Number(field('content-length')), letters: new Set() }
        bodies.push(body)
        socket.write(
          `HTTP/1.1 200 OK\r\netag: "${'0'.repeat(32)}"\r\nx-amz-checksum-sha256: ${field('x-amz-checksum-sha256')}\r\ncontent-length: 0\r\n\r\n`,
        )
        rest = Buffer.from(head.slice(end + 4), 'latin1')
        socket.pause()
      }
      body.left -= rest.byteLength
      for (const byte of rest) body.letters.add(byte)
      if (body.left === 0) {
        body = undefined
        head = ''
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port, // it listens to a port
    resume: () => {
      for (const socket of sockets) socket.resume()
    },
    async received() {
      while (bodies.some(({ left }) => left > 0)) await new Promise((resolve) => setImmediate(resolve))
      return bodies.map(({ key, letters }) => `${key} ${String.fromCharCode(...letters)}`)
    },
  }
}

it.each([
  ['sockets', false],
  ['undici', true],
])('memory is not used again while a store that answered too early still reads it (%s)', async (_, isUndici) => {
  const server = await hastyServer()
  const store = createS3Store({
    bucket: 'b',
    endpoint: `http://127.0.0.1:${server.port}`,
    region: 'us-east-1',
    service: { ...profileOf(undefined), addressing: 'path' },
    requestTimeoutMs: 60_000,
    concurrency: 4,
    isUndici,
    env: { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'x'.repeat(40) },
  })
  expect(await store.put('A', bodyOf('A'), {})).toMatchObject({ status: 'stored' })
  const second = store.put('B', bodyOf('B'), {})
  await second
  server.resume()
  expect((await server.received()).sort()).toEqual(['/b/A A', '/b/B B'])
})
