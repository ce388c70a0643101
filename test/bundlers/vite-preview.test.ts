import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, get as getPlain, type IncomingMessage } from 'node:http'
import { Agent, get } from 'node:https'
import { join } from 'node:path'
import * as vite8 from 'vite'
import { createLogger, type InlineConfig, type PreviewServer } from 'vite'
import { afterEach, describe, expect, it, vi } from 'vitest'
import lading, { type LadingPluginOptions } from '../../plugins/vite.ts'
import { buildVite, filesIn, keyOf, project, recordOf, textOf } from './builds.ts'
import { VITES, type ViteModule } from './vites.ts'

/** Node makes no certificates. */
const OPENSSL = 'openssl'

const CDN = 'https://cdn.example.com/x/'
const files = {
  'index.html': `<meta http-equiv="Content-Security-Policy" content="default-src 'self' https:; upgrade-insecure-requests">
    <link rel="icon" href="/icon.svg"><link rel="manifest" href="/site.webmanifest">
    <script type="module" src="/main.js"></script><img src="/img/p.png">`,
  'main.js': `import './main.css'; import logo from './logo.png'; import('./lazy.js')
    document.title = logo; new Worker(new URL('./job.js', import.meta.url))`,
  'lazy.js': 'document.body.id = "lazy"',
  'job.js': 'postMessage(1)',
  'main.css': 'p { background: url(./logo.png) }',
  'logo.png': 'x'.repeat(20_000),
  'public/img/p.png': 'picture',
  'public/icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'public/site.webmanifest': '{"icons":[{"src":"/img/p.png"}]}',
}

const servers: { close(): Promise<unknown> | unknown }[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

interface Shown {
  /** Of the page; ends with `/`. */
  readonly url: string
  /** Where the log says that the CDN is. */
  readonly cdn: string
  readonly log: readonly string[]
  readonly outDir: string
  readonly server: PreviewServer
}

async function build(options: LadingPluginOptions, root = project(files), vite: ViteModule = vite8): Promise<string> {
  const { outDir } = await buildVite({ vite, root, folder: root, options: { rewrite: 'always', ...options } })
  return outDir
}

interface Showing extends InlineConfig {
  /** @default Vite 8 */
  readonly vite?: ViteModule
}

async function show(
  outDir: string,
  options: LadingPluginOptions = {},
  { vite = vite8, ...config }: Showing = {},
): Promise<Shown> {
  const log: string[] = []
  const customLogger = {
    ...createLogger('silent'),
    info: (line: string) => void log.push(line),
    warn: (line: string) => void log.push(line),
  }
  const server = await vite.preview({
    root: join(outDir, '..'),
    configFile: false,
    customLogger,
    build: { outDir },
    plugins: [lading({ cacheDir: join(outDir, '../cache'), ...options })],
    ...config,
    preview: { port: 0, ...config.preview },
  })
  servers.push(server)
  await vi.waitFor(() => expect(log).toContainEqual(expect.stringMatching(/served|CDN/)))
  const cdn = /served from (\S+)/.exec(log.join('\n'))?.[1] ?? ''
  return { url: server.resolvedUrls?.local[0] ?? '', cdn, log, outDir, server }
}

const text = async (url: string, headers: Record<string, string> = {}): Promise<string> =>
  (await fetch(url, { headers })).text()

/** With a Host header of its own, which fetch does not take. */
function rawGet(url: string, host: string): Promise<string> {
  return new Promise((done, fail) => getPlain(url, { headers: { host } }, collect(done)).on('error', fail))
}

/** From a server whose certificate nobody knows. */
function secureGet(url: string): Promise<string> {
  const agent = new Agent({ rejectUnauthorized: false })
  return new Promise((done, fail) => get(url, { agent }, collect(done)).on('error', fail))
}

function collect(done: (text: string) => void): (answer: IncomingMessage) => void {
  return (answer) => {
    let all = ''
    answer.setEncoding('utf8')
    answer.on('data', (piece: string) => {
      all += piece
    })
    answer.on('end', () => done(all))
  }
}

describe('vite preview', () => {
  it.each(VITES)(
    'of $name serves the assets from a port of its own, which pages, scripts and sheets name',
    async ({ vite }) => {
      const outDir = await build({ url: CDN, cors: true }, project(files), vite)
      const before = filesIn(outDir).map((path) => readFileSync(join(outDir, path), 'latin1'))
      const { url, cdn, log } = await show(outDir, {}, { vite })
      expect(log).toEqual([`lading: ${CDN} is served from ${cdn} in this preview`])
      expect(new URL(cdn)).toMatchObject({ pathname: '/x/', hostname: new URL(url).hostname })
      expect(new URL(cdn).port).not.toBe(new URL(url).port)
      const page = await text(url)
      expect(page).not.toContain(CDN)
      for (const [path, key] of recordOf(outDir).files) {
        const answer = await fetch(cdn + key)
        expect(answer.status, path).toBe(200)
        expect(await answer.text(), path).not.toContain('cdn.example.com')
      }
      const main = page.match(/src="([^"]+\.js)"/)?.[1] ?? ''
      expect(main.startsWith(cdn)).toBe(true)
      expect(await text(main)).toContain(`${cdn}a/assets/logo-`)
      const worker = recordOf(outDir).origin.find((path) => path.includes('job'))
      expect(await text(url + worker)).toContain('postMessage(1)')
      expect(filesIn(outDir).map((path) => readFileSync(join(outDir, path), 'latin1'))).toEqual(before)
    },
  )

  it('answers there with the headers that the CDN would give: type, caching, CORS, ranges, 304', async () => {
    const outDir = await build({
      url: CDN,
      cors: true,
      headers: [{ match: 'img/**', cacheControl: 'no-store' }],
    })
    const { cdn } = await show(outDir, { headers: [{ match: 'img/**', cacheControl: 'no-store' }] })
    const record = recordOf(outDir)
    const script = record.files.find(([path]) => /index-.*\.js$/.test(path))?.[1]
    const answer = await fetch(cdn + script)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'access-control-allow-origin': '*',
      'accept-ranges': 'bytes',
    })
    const tag = answer.headers.get('etag') ?? ''
    expect((await fetch(cdn + script, { headers: { 'if-none-match': tag } })).status).toBe(304)
    const part = await fetch(cdn + script, { headers: { range: 'bytes=0-3' } })
    expect([part.status, await part.text()]).toEqual([206, (await answer.text()).slice(0, 4)])
    const picture = await fetch(cdn + keyOf(record, 'img/p.png'))
    expect(picture.headers.get('cache-control')).toBe('no-store')
    expect((await fetch(`${cdn}a/none.js`)).status).toBe(404)
    expect((await fetch(cdn.replace('/x/', '/'))).status).toBe(404)
  })

  it('answers without CORS where cors is not set, as that CDN would', async () => {
    const outDir = await build({ url: CDN })
    const { cdn, url } = await show(outDir)
    const picture = await fetch(cdn + keyOf(recordOf(outDir), 'img/p.png'))
    expect([picture.status, picture.headers.get('access-control-allow-origin')]).toEqual([200, null])
    expect(await text(url)).toMatch(/src="\/assets\/index-/)
  })

  it('shows pages and manifests as "lading sync" would publish them', async () => {
    const outDir = await build({ url: CDN, cors: true })
    const { cdn, url } = await show(outDir)
    expect(textOf(outDir, /webmanifest$/)).not.toContain(cdn)
    expect(await text(`${url}site.webmanifest`)).toContain(`"${cdn}${keyOf(recordOf(outDir), 'img/p.png')}"`)
    expect(await text(url)).toContain(`href="${cdn}${keyOf(recordOf(outDir), 'icon.svg')}"`)
  })

  it('allows the port where a policy allows the CDN, and turns no address into https', async () => {
    const outDir = await build({ url: CDN, cors: true })
    const headers = { 'Content-Security-Policy': `script-src ${CDN} 'self'; img-src *.example.com; font-src 'self'` }
    const { cdn, url } = await show(outDir, {}, { preview: { headers } })
    const origin = new URL(cdn).origin
    expect(await text(url)).toContain(`content="default-src 'self' https: ${origin}"`)
    expect((await fetch(url)).headers.get('content-security-policy')).toBe(
      `script-src ${cdn} 'self'; img-src *.example.com ${origin}; font-src 'self'`,
    )
  })

  it('follows integrity and hashes of inline scripts through what changes', async () => {
    const outDir = await build({ url: CDN, cors: true })
    const sri = (body: string): string => `sha384-${createHash('sha384').update(body).digest('base64')}`
    const script = filesIn(outDir).find((path) => /index-.*\.js$/.test(path)) ?? ''
    const inline = `window.where = "${CDN}"`
    const csp = `<meta http-equiv="content-security-policy" content="script-src '${sri(inline)}' https:">`
    const tag = `<script src="${CDN}a/${script}" integrity="${sri(readFileSync(join(outDir, script), 'utf8'))}"></script>`
    writeFileSync(join(outDir, 'two.html'), `${csp}<script>${inline}</script>${tag}`)
    const { cdn, url } = await show(outDir)
    const page = await text(`${url}two.html`)
    expect(page).toContain(`'${sri(`window.where = "${cdn}"`)}'`)
    expect(page).toContain(`integrity="${sri(await text(`${cdn}a/${script}`))}"`)
  })

  it('answers a tag of its own, HEAD without a body, and any part of a text with all of it', async () => {
    const { url, cdn } = await show(await build({ url: CDN, cors: true }))
    const answer = await fetch(url, { headers: { range: 'bytes=0-3', 'accept-encoding': 'gzip' } })
    const page = await answer.text()
    expect([answer.status, page.includes(cdn)]).toEqual([200, true])
    const headers = { 'if-none-match': answer.headers.get('etag') ?? '' }
    expect((await fetch(url, { headers })).status).toBe(304)
    const head = await fetch(url, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, `${page.length}`, ''])
  })

  it('names the host by which the browser has come', async () => {
    const { server, cdn } = await show(await build({ url: CDN, cors: true }), {}, { preview: { host: '127.0.0.1' } })
    const address = server.httpServer.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const [own, second] = [`localhost:${port}`, `localhost:${new URL(cdn).port}`]
    expect(await rawGet(`http://127.0.0.1:${port}/`, own)).toContain(`http://${second}/x/a/`)
    expect(await rawGet(`http://127.0.0.1:${port}/`, own)).not.toContain('127.0.0.1')
  })

  it('answers a path of the site itself', async () => {
    const outDir = await build({ url: '/_a/' })
    const { url, log } = await show(outDir)
    expect(log).toEqual(['lading: /_a/ is served here as the CDN would, from what is built'])
    const address = (await text(url)).match(/src="(\/_a\/[^"]+\.js)"/)?.[1] ?? ''
    const answer = await fetch(new URL(address, url))
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable'])
    expect((await fetch(new URL('/_a/a/none.js', url))).status).toBe(404)
  })

  it('has an address of the site itself at its own port', async () => {
    const address = 'https://www.example.com/_a/'
    const options = { url: address, site: 'https://www.example.com/' }
    const { url } = await show(await build(options), options)
    const page = await text(url)
    expect(page).toMatch(new RegExp(`src="${url}_a/a/assets/index-`))
    expect(page).not.toContain(address)
  })

  it('shows a build that was made meanwhile', async () => {
    const root = project(files)
    const { url, cdn } = await show(await build({ url: CDN, cors: true }, root))
    writeFileSync(join(root, 'main.js'), 'document.title = "another"')
    await build({ url: CDN, cors: true }, root)
    const main = (await text(url)).match(/src="([^"]+\.js)"/)?.[1] ?? ''
    expect(main.startsWith(cdn)).toBe(true)
    expect(await text(main)).toContain('another')
  })

  it('ends the second server with the first', async () => {
    const { server, cdn } = await show(await build({ url: CDN, cors: true }))
    await server.close()
    await vi.waitFor(async () => expect(await fetch(cdn).catch(() => 'gone')).toBe('gone'))
  })

  it.each([
    [
      'no build record',
      async () => join(project({ 'dist/index.html': 'x' }), 'dist'),
      /there is no \.lading\/build\.json/,
    ],
    ['no rewrite', () => build({ url: CDN, rewrite: false }), /names its assets at the site \(rewrite: 'always'/],
  ])('changes nothing with %s, and says why in one line', async (_name, make, why) => {
    const outDir = await make()
    const { url, log } = await show(outDir, { url: CDN })
    expect(log).toEqual([expect.stringMatching(why)])
    expect(await text(url)).toBe(readFileSync(join(outDir, 'index.html'), 'utf8'))
  })

  it('shows the site without a CDN when it could not be published, and says why', async () => {
    const outDir = await build({ url: CDN, cors: true })
    writeFileSync(join(outDir, '.env.js'), 'x')
    writeFileSync(join(outDir, 'id_rsa'), '-----BEGIN OPENSSH PRIVATE KEY-----\nx\n')
    const { url, log } = await show(outDir)
    expect(log).toEqual([expect.stringMatching(/^lading: this preview has no CDN: Files with secrets(?:.|\n)*id_rsa/)])
    expect(await text(url)).toContain(CDN)
  })

  it('leaves what it hands on to another program alone', async () => {
    const behind = createServer((request, response) => {
      response.setHeader('content-type', 'text/plain')
      response.end(`${CDN} ${request.headers.range}`)
    })
    await new Promise<void>((done) => behind.listen(0, '127.0.0.1', done))
    servers.push(behind)
    const address = behind.address()
    const target = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    const { url } = await show(await build({ url: CDN, cors: true }), {}, { preview: { proxy: { '/api': target } } })
    expect(await text(`${url}api/x`, { range: 'bytes=0-3' })).toBe(`${CDN} bytes=0-3`)
  })

  it('speaks https at both ports where the preview does, with its certificate', async () => {
    const outDir = await build({ url: CDN, cors: true })
    const [key, cert] = [join(outDir, '../key.pem'), join(outDir, '../cert.pem')]
    const how = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost']
    execFileSync(OPENSSL, ['req', '-x509', ...how, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const { url, cdn } = await show(outDir, {}, { preview: { https: { key, cert } } })
    expect([url, cdn]).toEqual([expect.stringMatching(/^https:/), expect.stringMatching(/^https:/)])
    const page = await secureGet(url)
    const main = page.match(/src="([^"]+\.js)"/)?.[1] ?? ''
    expect(main.startsWith(cdn)).toBe(true)
    expect(await secureGet(main)).toContain(cdn)
  })
})
