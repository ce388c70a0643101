import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesIn, keyOf, project, recordOf, textOf } from './builds.ts'
import { buildFor, CDN, FILES, show, text } from './vite-previews.ts'
import { VITES } from './vites.ts'

describe('vite preview', () => {
  it.each(VITES)(
    'of $name serves the assets from a port of its own, which pages, scripts and sheets name',
    async ({ vite }) => {
      const outDir = await buildFor({ url: CDN, cors: true }, project(FILES), vite)
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
    const outDir = await buildFor({
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
    const outDir = await buildFor({ url: CDN })
    const { cdn, url } = await show(outDir)
    const picture = await fetch(cdn + keyOf(recordOf(outDir), 'img/p.png'))
    expect([picture.status, picture.headers.get('access-control-allow-origin')]).toEqual([200, null])
    expect(await text(url)).toMatch(/src="\/assets\/index-/)
  })

  it('shows pages and manifests as "lading sync" would publish them', async () => {
    const outDir = await buildFor({ url: CDN, cors: true })
    const { cdn, url } = await show(outDir)
    expect(textOf(outDir, /webmanifest$/)).not.toContain(cdn)
    expect(await text(`${url}site.webmanifest`)).toContain(`"${cdn}${keyOf(recordOf(outDir), 'img/p.png')}"`)
    expect(await text(url)).toContain(`href="${cdn}${keyOf(recordOf(outDir), 'icon.svg')}"`)
  })

  it('allows the port where a policy allows the CDN, and turns no address into https', async () => {
    const outDir = await buildFor({ url: CDN, cors: true })
    const headers = { 'Content-Security-Policy': `script-src ${CDN} 'self'; img-src *.example.com; font-src 'self'` }
    const { cdn, url } = await show(outDir, {}, { preview: { headers } })
    const origin = new URL(cdn).origin
    expect(await text(url)).toContain(`content="default-src 'self' https: ${origin}"`)
    expect((await fetch(url)).headers.get('content-security-policy')).toBe(
      `script-src ${cdn} 'self'; img-src *.example.com ${origin}; font-src 'self'`,
    )
  })

  it('follows integrity and hashes of inline scripts through what changes', async () => {
    const outDir = await buildFor({ url: CDN, cors: true })
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
    const { url, cdn } = await show(await buildFor({ url: CDN, cors: true }))
    const answer = await fetch(url, { headers: { range: 'bytes=0-3', 'accept-encoding': 'gzip' } })
    const page = await answer.text()
    expect([answer.status, page.includes(cdn)]).toEqual([200, true])
    const headers = { 'if-none-match': answer.headers.get('etag') ?? '' }
    expect((await fetch(url, { headers })).status).toBe(304)
    const head = await fetch(url, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, `${page.length}`, ''])
  })
})
