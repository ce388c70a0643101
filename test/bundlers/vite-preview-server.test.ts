import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventually } from '../rig/eventually.ts'
import { project } from './builds.ts'
import { buildFor, CDN, FILES, rawGet, secureGet, servers, show, text } from './vite-previews.ts'

/** Node makes no certificates. */
const OPENSSL = 'openssl'

describe('vite preview, as a server', () => {
  it('names the host by which the browser has come', async () => {
    const { server, cdn } = await show(await buildFor({ url: CDN, cors: true }), {}, { preview: { host: '127.0.0.1' } })
    const address = server.httpServer.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const [own, second] = [`localhost:${port}`, `localhost:${new URL(cdn).port}`]
    expect(await rawGet(`http://127.0.0.1:${port}/`, own)).toContain(`http://${second}/x/a/`)
    expect(await rawGet(`http://127.0.0.1:${port}/`, own)).not.toContain('127.0.0.1')
  })

  it('answers a path of the site itself', async () => {
    const outDir = await buildFor({ url: '/_a/' })
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
    const { url } = await show(await buildFor(options), options)
    const page = await text(url)
    expect(page).toMatch(new RegExp(`src="${url}_a/a/assets/index-`))
    expect(page).not.toContain(address)
  })

  it('shows a build that was made meanwhile', async () => {
    const root = project(FILES)
    const { url, cdn } = await show(await buildFor({ url: CDN, cors: true }, root))
    writeFileSync(join(root, 'main.js'), 'document.title = "another"')
    await buildFor({ url: CDN, cors: true }, root)
    const main = (await text(url)).match(/src="([^"]+\.js)"/)?.[1] ?? ''
    expect(main.startsWith(cdn)).toBe(true)
    expect(await text(main)).toContain('another')
  })

  it('ends the second server with the first', async () => {
    const { server, cdn } = await show(await buildFor({ url: CDN, cors: true }))
    await server.close()
    await eventually(async () => expect(await fetch(cdn).catch(() => 'gone')).toBe('gone'))
  })

  it.each([
    [
      'no build record',
      async () => join(project({ 'dist/index.html': 'x' }), 'dist'),
      /there is no \.lading\/build\.json/,
    ],
    ['no rewrite', () => buildFor({ url: CDN, rewrite: false }), /names its assets at the site \(rewrite: 'always'/],
  ])('changes nothing with %s, and says why in one line', async (_name, make, why) => {
    const outDir = await make()
    const { url, log } = await show(outDir, { url: CDN })
    expect(log).toEqual([expect.stringMatching(why)])
    expect(await text(url)).toBe(readFileSync(join(outDir, 'index.html'), 'utf8'))
  })

  it('shows the site without a CDN when it could not be published, and says why', async () => {
    const outDir = await buildFor({ url: CDN, cors: true })
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
    const { url } = await show(await buildFor({ url: CDN, cors: true }), {}, { preview: { proxy: { '/api': target } } })
    expect(await text(`${url}api/x`, { range: 'bytes=0-3' })).toBe(`${CDN} bytes=0-3`)
  })

  it('speaks https at both ports where the preview does, with its certificate', async () => {
    const outDir = await buildFor({ url: CDN, cors: true })
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
