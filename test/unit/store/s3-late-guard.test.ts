import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { bodyOf } from '../../contract/bodies.ts'
import { openAt, PLAIN } from './s3-setup.ts'

/** Node makes no certificates. */
const OPENSSL = 'openssl'

let folder: string
let certificate: { readonly key: Buffer; readonly cert: Buffer }

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-guard-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  execFileSync(OPENSSL, [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  certificate = { key: readFileSync(key), cert: readFileSync(cert) }
})
afterAll(() => rmSync(folder, { recursive: true }))

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port // it listens to a port
}

/** A store that is reached over a line which somebody has to open: until then it takes what comes, and passes on none. */
async function farStore(opened: () => void): Promise<{ endpoint: string; written: string[]; lines(): number }> {
  const written: string[] = []
  let lines = 0
  const far = createSecureServer(certificate, (asked, answer) => {
    asked.resume()
    asked.on('end', () => {
      written.push(String(asked.url))
      const sha256 = String(asked.headers['x-amz-checksum-sha256'])
      answer.writeHead(200, { etag: `"${'0'.repeat(32)}"`, 'x-amz-checksum-sha256': sha256 }).end()
    })
  })
  const port = await portOf(far)
  const relay = createServer((near) => {
    lines += 1
    // The first bytes are those of the handshake: nobody is connected yet.
    near.once('data', (data) => {
      opened()
      const onward = connect(port, '127.0.0.1')
      onward.on('error', () => near.destroy())
      near.on('error', () => onward.destroy())
      onward.write(data)
      near.pipe(onward).pipe(near)
    })
  })
  onTestFinished(() => {
    far.closeAllConnections()
    far.close()
    relay.close()
  })
  return { endpoint: `https://127.0.0.1:${await portOf(relay)}`, written, lines: () => lines }
}

/** Of a certificate that nobody vouches for. */
function open(endpoint: string, isUndici: boolean): Store {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  onTestFinished(() => void vi.unstubAllEnvs())
  return openAt(endpoint, isUndici ? 'undici' : 'fast')
}

const CLIENTS = [
  ['sockets', false],
  ['undici', true],
] as const

it.each(CLIENTS)(
  'a write does not leave when its lease has ended while it was connecting (%s)',
  async (_, isUndici) => {
    let isLost = false
    const far = await farStore(() => {
      isLost = true
    })
    const guard = (): void => {
      if (isLost) throw new Error('the lease has ended')
    }
    const write = open(far.endpoint, isUndici).put('a', bodyOf('late'), PLAIN, { guard })
    await expect(write).rejects.toThrow('the lease has ended')
    expect(far.written).toEqual([])
  },
)

it.each(CLIENTS)('every write asks once, over one connection or a new one (%s)', async (_, isUndici) => {
  const far = await farStore(() => undefined)
  const store = open(far.endpoint, isUndici)
  const asked: string[] = []
  for (const key of ['a', 'b', 'c']) {
    const written = await store.put(key, bodyOf(key), PLAIN, { guard: () => void asked.push(key) })
    expect(written.status).toBe('stored')
  }
  expect(asked).toEqual(['a', 'b', 'c'])
  expect(far.written).toEqual(['/b/a', '/b/b', '/b/c'])
  expect(far.lines()).toBeLessThan(3)
})
