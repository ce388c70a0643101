import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { bodyOf } from '../../contract/bodies.ts'
import { openAt, PLAIN } from './s3-setup.ts'

/** Answers every PUT, and notes who has sent it: Node's client writes its own headers with capitals. */
async function observer(): Promise<{ port: number; senders: string[] }> {
  const senders: string[] = []
  const server = createServer((asked, answer) => {
    senders.push(asked.rawHeaders.includes('Connection') ? 'node' : 'undici')
    asked.resume()
    asked.on('end', () => {
      const sha256 = String(asked.headers['x-amz-checksum-sha256'])
      answer.writeHead(200, { etag: `"${'0'.repeat(32)}"`, 'x-amz-checksum-sha256': sha256 }).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, senders } // it listens to a port
}

it('undici is loaded after so many requests, also where that one is large and goes over the other client', async () => {
  // Known already, so that it is there as soon as it is asked for.
  await import('../../../src/store/s3-undici.ts')
  const { port, senders } = await observer()
  const store = openAt(`http://127.0.0.1:${port}`, 3)
  const sizes = [10, 10, 300_000, ...Array<number>(40).fill(10)]
  for (const [index, size] of sizes.entries()) await store.put(`k${index}`, bodyOf('x'.repeat(size)), PLAIN)
  expect(senders.slice(0, 3)).toEqual(['node', 'node', 'node'])
  expect(senders.at(-1)).toBe('undici')
})
