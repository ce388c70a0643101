import { createServer, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { S3Options } from '../../../src/store/s3/s3.ts'
import { bodyOf, patternOf } from '../../contract/bodies.ts'
import { type StrictS3, startStrictS3 } from '../../rig/strict-s3.ts'
import { failureOf, openS3, PLAIN } from './s3-setup.ts'

describe('an S3 store behind a proxy', () => {
  let rig: StrictS3
  let proxy: Server
  let seen: string[]

  beforeEach(async () => {
    rig = await startStrictS3({ bucket: 'site' })
    seen = []
    proxy = createServer((asked, answer) => {
      seen.push(`${asked.method} ${asked.url}`)
      const onward = request(String(asked.url), { method: asked.method, headers: asked.headers }, (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers)
        reply.pipe(answer)
      })
      asked.pipe(onward)
    })
    proxy.on('connect', (asked, socket) => {
      seen.push(`CONNECT ${asked.url}`)
      const [host, port] = String(asked.url).split(':')
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        onward.pipe(socket).pipe(onward)
      })
      onward.on('error', () => socket.destroy())
      socket.on('error', () => onward.destroy())
    })
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
  })
  afterEach(async () => {
    proxy.closeAllConnections()
    proxy.close()
    await rig.close()
    expect(rig.violations).toEqual([])
  })

  const open = (more: Record<string, string>, options: Partial<S3Options> = {}) => {
    const { port } = proxy.address() as AddressInfo // it listens on a port
    const keys = { AWS_ACCESS_KEY_ID: rig.accessKeyId, AWS_SECRET_ACCESS_KEY: rig.secretAccessKey }
    return openS3(rig, { env: { ...keys, http_proxy: `http://127.0.0.1:${port}`, ...more }, ...options })
  }

  it('puts and gets objects through it', async () => {
    const store = open({})
    expect(await store.put('a.txt', bodyOf('through'), PLAIN)).toMatchObject({ status: 'stored' })
    expect(Buffer.from((await store.get('a.txt'))?.bytes ?? []).toString()).toBe('through')
    expect(seen.length).toBeGreaterThan(0)
    expect(rig.requests.map(({ op }) => op)).toEqual(['PutObject', 'GetObject'])
  })

  it('does not outlast the time of its request when the proxy takes the connection and says nothing', async () => {
    await open({}).head('a.txt') // what speaks to proxies is loaded by then, which counts as part of a request
    seen.length = 0
    proxy.removeAllListeners('connect')
    proxy.removeAllListeners('request')
    proxy.on('connect', () => void seen.push('silence'))
    proxy.on('request', () => void seen.push('silence'))
    const store = open({}, { requestTimeoutMs: 2000 })
    const failed = await failureOf(store.put('a.txt', bodyOf('lost'), PLAIN))
    expect(failed).toMatchObject({ code: 'E_TIMEOUT', retryable: true })
    expect(seen).toEqual(['silence'])
    expect(rig.requests.map(({ op }) => op)).toEqual(['HeadObject'])
  })

  it.each(['fast', 'sdk'] as const)('sends all that it asks through it, by the transport %s', async (transport) => {
    // A host that only the proxy knows: what goes around the proxy does not arrive.
    const store = open({}, { endpoint: 'http://store.example', allowInsecure: true, transport })
    proxy.removeAllListeners('connect')
    proxy.on('connect', (asked, socket) => {
      seen.push(`CONNECT ${asked.url}`)
      const onward = connect(Number(new URL(rig.endpoint).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        onward.pipe(socket).pipe(onward)
      })
      onward.on('error', () => socket.destroy())
      socket.on('error', () => onward.destroy())
    })
    const large = patternOf(17 * 2 ** 20)
    expect(await store.put('a & b.bin', bodyOf(large), PLAIN)).toMatchObject({ status: 'stored' })
    expect(Buffer.from((await store.get('a & b.bin'))?.bytes ?? []).equals(large)).toBe(true)
    expect(await store.get('nothing')).toBeUndefined()
    expect(await store.remove(['a & b.bin', 'nothing'])).toEqual([])
    expect(rig.requests.map(({ op }) => op)).toContain('CompleteMultipartUpload')
  })

  it('takes its address without a scheme, as other tools do', async () => {
    const { port } = proxy.address() as AddressInfo // it listens on a port
    expect(await open({ http_proxy: `127.0.0.1:${port}` }).head('a.txt')).toBeUndefined()
    expect(seen.length).toBeGreaterThan(0)
  })

  it.each(['fast', 'sdk'] as const)('looks for no other one in the environment, by %s', async (transport) => {
    vi.stubEnv('https_proxy', '10.0.0.1:3128')
    vi.stubEnv('http_proxy', 'proxy.example:3128')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await open({}, { transport }).head('a.txt')).toBeUndefined()
    expect(seen.length).toBeGreaterThan(0)
  })

  it.each(['fast', 'sdk'] as const)('names no password of an address that is none, by %s', async (transport) => {
    const failed = await failureOf(open({ http_proxy: 'http://me:hidden@[::' }, { transport }).head('a.txt'))
    expect(failed).toMatchObject({ code: 'E_ENDPOINT', retryable: false, subject: 'http_proxy' })
    expect(JSON.stringify([failed, failed.stack, failed.cause])).not.toContain('hidden')
  })

  it.each(['fast', 'sdk'] as const)('says that it was the proxy that refused, by %s', async (transport) => {
    proxy.removeAllListeners('connect')
    proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n'))
    const failed = await failureOf(open({}, { transport }).get('a.txt'))
    expect(failed).toMatchObject({ code: 'E_UNREACHABLE', why: 'the proxy answered 407', retryable: false })
    expect(rig.requests).toEqual([])
  })

  it('goes around it where NO_PROXY names the host', async () => {
    const store = open({ no_proxy: '127.0.0.1' })
    expect(await store.put('a.txt', bodyOf('around'), PLAIN)).toMatchObject({ status: 'stored' })
    expect(seen).toEqual([])
  })
})
