import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createSecureServer } from 'node:tls'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type Certificate, makeCertificate } from './certificate.ts'
import { OK, portOf, type RawServer, rawServer } from './raw-server.ts'

let folder: string
let certificate: Certificate
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lading-processes-'))
  certificate = makeCertificate()
  const entryPoints = [join(import.meta.dirname, '../../../src/store/s3/transport/sockets.ts')]
  await build({ entryPoints, bundle: true, platform: 'node', format: 'esm', outfile: join(folder, 'sockets.mjs') })
})
afterAll(() => {
  rmSync(folder, { recursive: true })
  certificate.remove()
})

/** What a process says that knows how to send, and does nothing to end itself. It has ended when this has. */
function said(origin: URL | string, script: string, env: Record<string, string> = {}): Promise<string> {
  const source = `
    import { createSocketHttp } from ${JSON.stringify(pathToFileURL(join(folder, 'sockets.mjs')).href)}
    const http = createSocketHttp({ origin: new URL('${origin}'), connections: 4, connectMs: 60_000 })
    let stop = () => undefined
    const send = (target) => {
      const deadline = { hasStopped: false, onStop: (told) => { stop = told } }
      const passage = { deadline, isGuarded: false, guard() {}, left() {} }
      return http.send({ method: 'GET', target, headers: ['host', 'a'], body: undefined, began: () => Infinity, passage })
    }
    const say = ({ body, message, code }) => console.log(code ?? message ?? String(body))
    ${script}`
  return new Promise((resolve, reject) => {
    const argv = ['--input-type=module', '--eval', source]
    const child = execFile(process.execPath, argv, { env: { PATH: process.env.PATH, ...env } }, (error, stdout) => {
      if (error) reject(error)
      else resolve(stdout.trim())
    })
    onTestFinished(() => void child.kill('SIGKILL'))
  })
}

function secureServer(): Promise<RawServer> {
  const { key, cert } = certificate
  return rawServer((_, { socket }) => void socket.write(OK), createSecureServer({ key, cert }))
}

it('a process waits for its answers, and not for connections that it keeps', async () => {
  const server = await rawServer((_, { socket }) => void setImmediate(() => socket.write(OK)))
  const script = `for (const target of ['/a', '/b', '/c']) await Promise.all([send(target), send(target)]).then((all) => all.forEach(say))`
  expect(await said(server.origin, script)).toBe('ok\n'.repeat(6).trim())
  expect(server.lines).toHaveLength(2)
})

it('a process does not wait for a connection that is on its way for nobody', async () => {
  const sockets = new Set<object>()
  const silent = createServer((socket) => void sockets.add(socket.on('error', () => undefined)))
  const port = await portOf(silent)
  onTestFinished(() => void silent.close())
  const script = `
    const sent = send('/a').catch(say)
    setTimeout(() => stop(new Error('stopped')), 1)
    await sent`
  expect(await said(`https://127.0.0.1:${port}`, script)).toBe('stopped')
})

it.each(['http.warmUp(3)', "await send('/a'); http.warmUp(3)", 'http.warmUp(3); setTimeout(() => {}, 50)'])(
  'a process waits for no connection that is to be there in time: %s',
  async (script) => {
    const { path } = certificate
    const server = await secureServer()
    expect(await said(server.origin, script, { NODE_EXTRA_CA_CERTS: path })).toBe('')
  },
)

it('a process waits for a connection that was to be there in time, and that it needs', async () => {
  const { path } = certificate
  const server = await secureServer()
  expect(await said(server.origin, "http.warmUp(1); await send('/a').then(say)", { NODE_EXTRA_CA_CERTS: path })).toBe(
    'ok',
  )
  expect(server.lines).toHaveLength(1)
})

it('a process waits for a connection that is on its way for a later one', async () => {
  const { path } = certificate
  const server = await secureServer()
  const script = `
    const first = send('/a').catch(say)
    stop(new Error('stopped'))
    await first
    await send('/b').then(say)`
  expect(await said(server.origin, script, { NODE_EXTRA_CA_CERTS: path })).toBe('stopped\nok')
  expect(server.heard.map(({ target }) => target)).toEqual(['/b'])
})

it('a store for which NODE_EXTRA_CA_CERTS vouches is trusted, and no other', async () => {
  const { path } = certificate
  const server = await secureServer()
  const script = `await send('/a').then(say, say)`
  expect(await said(server.origin, script, { NODE_EXTRA_CA_CERTS: path })).toBe('ok')
  expect(await said(server.origin, script)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
})
