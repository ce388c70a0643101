import { createServer, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { S3Options } from '../../../src/store/s3/s3.ts'
import { bodyOf } from '../../contract/bodies.ts'
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

  it('goes around it where NO_PROXY names the host', async () => {
    const store = open({ no_proxy: '127.0.0.1' })
    expect(await store.put('a.txt', bodyOf('around'), PLAIN)).toMatchObject({ status: 'stored' })
    expect(seen).toEqual([])
  })
})
