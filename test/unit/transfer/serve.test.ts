import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { Store } from '../../../src/store/store.ts'
import { type ServeOptions, type Serving, serveFolder, serveStore } from '../../../src/transfer/serve.ts'
import { bodyOf, patternOf } from '../../contract/bodies.ts'

const PNG = { 'content-type': 'image/png', 'cache-control': 'public, max-age=31536000, immutable' }

let serving: Serving | undefined
afterEach(async () => {
  await serving?.close()
  serving = undefined
})

const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${serving?.url}${path}`, { redirect: 'manual', ...init })

/** Sends the path as it is, which fetch would tidy up. */
function askRaw(path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    request({ port: serving?.port, host: '127.0.0.1', path, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
      .on('error', reject)
      .end()
  })
}

describe('serveStore', () => {
  let store: Store
  const serve = async (options: ServeOptions = {}): Promise<void> => {
    serving = await serveStore(store, options)
  }

  beforeEach(async () => {
    store = createMemoryStore()
    await store.put('a/x.png', bodyOf('0123456789'), PNG)
  })

  it('answers with the stored headers and the ETag', async () => {
    await serve()
    const answer = await ask('a/x.png?v=1')
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('0123456789')
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      ...PNG,
      etag: `"${(await store.head('a/x.png'))?.etag}"`,
      'content-length': '10',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    })
  })

  it('answers HEAD without a body', async () => {
    await serve()
    const answer = await ask('a/x.png', { method: 'HEAD' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-length')).toBe('10')
    expect(await answer.text()).toBe('')
  })

  it('answers 304 to whoever has the bytes', async () => {
    await serve()
    const etag = `"${(await store.head('a/x.png'))?.etag}"`
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await ask('a/x.png', { headers: { 'if-none-match': known } })
      expect(answer.status).toBe(304)
      expect(answer.headers.get('etag')).toBe(etag)
      expect(answer.headers.get('cache-control')).toBe(PNG['cache-control'])
    }
    expect((await ask('a/x.png', { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
  })

  it.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
  ])('answers the range %s', async (range, text, contentRange) => {
    await serve()
    const answer = await ask('a/x.png', { headers: { range } })
    expect(answer.status).toBe(206)
    expect(answer.headers.get('content-range')).toBe(contentRange)
    expect(await answer.text()).toBe(text)
  })

  it('answers 416 to a range past the end', async () => {
    await serve()
    for (const range of ['bytes=10-', 'bytes=99-100', 'bytes=-0']) {
      const answer = await ask('a/x.png', { headers: { range } })
      expect(answer.status).toBe(416)
      expect(answer.headers.get('content-range')).toBe('bytes */10')
    }
  })

  it('answers with everything where a range does not count', async () => {
    await serve()
    const odd: Record<string, string>[] = [
      { range: 'bytes=0-1,4-5' },
      { range: 'lines=1-2' },
      { range: 'bytes=5-2' },
      { range: 'bytes=-' },
      { range: 'bytes=0-1', 'if-range': '"older"' },
    ]
    for (const headers of odd) expect((await ask('a/x.png', { headers })).status).toBe(200)
    const etag = `"${(await store.head('a/x.png'))?.etag}"`
    expect((await ask('a/x.png', { headers: { range: 'bytes=0-1', 'if-range': etag } })).status).toBe(206)
  })

  it('says with CORS on that anybody may read, of errors too, and without it nothing', async () => {
    await serve({ cors: true })
    for (const path of ['a/x.png', 'missing']) {
      const answer = await ask(path)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      expect(answer.headers.get('timing-allow-origin')).toBe('*')
    }
    await serving?.close()
    await serve()
    const answer = await ask('a/x.png', { headers: { origin: 'http://site.example' } })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    expect(answer.headers.get('timing-allow-origin')).toBeNull()
  })

  it('takes GET and HEAD only', async () => {
    await serve()
    for (const method of ['PUT', 'POST', 'DELETE', 'OPTIONS']) {
      const answer = await ask('a/x.png', { method })
      expect(answer.status).toBe(405)
      expect(answer.headers.get('allow')).toBe('GET, HEAD')
    }
    expect(await store.head('a/x.png')).toBeDefined()
  })

  it('never serves the state', async () => {
    await store.put('.lading/pointer.json', bodyOf('{}'), PNG)
    await store.put('team/.lading/pointer.json', bodyOf('{}'), PNG)
    await serve()
    for (const path of [
      '.lading/pointer.json',
      '%2elading/pointer.json',
      '.lading%2Fpointer.json',
      'team/.lading/pointer.json',
    ]) {
      expect((await ask(path)).status).toBe(404)
    }
  })

  it('answers 404 to what cannot be a key', async () => {
    await serve()
    for (const path of [
      '/',
      '//',
      '/../a/x.png',
      '/a/../a/x.png',
      '/%00',
      '/%ff',
      '/a//x.png',
      `/${'k'.repeat(2000)}`,
    ]) {
      expect((await askRaw(path)).status).toBe(404)
    }
  })

  it('reads a bare plus in a path as a space, as S3 does', async () => {
    await store.put('a b.png', bodyOf('space'), PNG)
    await store.put('a+b.png', bodyOf('plus'), PNG)
    await serve()
    expect((await askRaw('/a%20b.png')).text).toBe('space')
    expect((await askRaw('/a+b.png')).text).toBe('space')
    expect((await askRaw('/a%2Bb.png')).text).toBe('plus')
  })

  it('serves below a path of the site', async () => {
    await serve({ mount: '/_a/' })
    expect(serving?.url).toMatch(/\/_a\/$/)
    expect((await ask('a/x.png')).status).toBe(200)
    expect((await askRaw('/a/x.png')).status).toBe(404)
    expect((await askRaw('/_a')).status).toBe(404)
  })

  it('serves index.html for folders and 404.html for what is missing, unless told not to', async () => {
    const html = { 'content-type': 'text/html' }
    await store.put('index.html', bodyOf('home'), html)
    await store.put('about/index.html', bodyOf('about'), html)
    await store.put('404.html', bodyOf('lost'), html)
    await serve()
    expect(await (await ask('')).text()).toBe('home')
    expect(await (await ask('about/')).text()).toBe('about')
    const missing = await ask('no/such')
    expect(missing.status).toBe(404)
    expect(missing.headers.get('content-type')).toBe('text/html')
    expect(await missing.text()).toBe('lost')
    await serving?.close()
    await serve({ index: false })
    expect((await ask('')).status).toBe(404)
    expect(await (await ask('no/such')).text()).toBe('Not found.\n')
  })

  it('sends large objects whole, in pieces', async () => {
    const bytes = patternOf(3 * 2 ** 20 + 5)
    await store.put('big', bodyOf(bytes), PNG)
    const sizes: number[] = []
    serving = await serveStore({
      ...store,
      get: (key, options) => {
        sizes.push((options?.range?.end ?? 0) - (options?.range?.start ?? 0))
        return store.get(key, options)
      },
    })
    expect(Buffer.compare(Buffer.from(await (await ask('big')).arrayBuffer()), bytes)).toBe(0)
    expect(sizes).toEqual([2 ** 20, 2 ** 20, 2 ** 20, 5])
  })

  it('breaks off rather than mix two versions of an object', async () => {
    await store.put('big', bodyOf(patternOf(3 * 2 ** 20)), PNG)
    let reads = 0
    serving = await serveStore({
      ...store,
      get: async (key, options) => {
        reads += 1
        if (reads === 2) await store.put('big', bodyOf(patternOf(3 * 2 ** 20).reverse()), PNG)
        return store.get(key, options)
      },
    })
    await expect(ask('big').then((answer) => answer.arrayBuffer())).rejects.toThrow()
  })

  it('answers 500 when the store fails, and goes on', async () => {
    const lines: string[] = []
    let fails = true
    const failing: Store = {
      ...store,
      get: async (...asked) => (fails ? Promise.reject(new Error('secret')) : store.get(...asked)),
    }
    serving = await serveStore(failing, { log: (line) => lines.push(line) })
    const answer = await ask('a/x.png')
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('secret')
    fails = false
    expect((await ask('a/x.png')).status).toBe(200)
    expect(lines).toEqual(['500 GET /a/x.png', '200 GET /a/x.png'])
  })

  it('says so when the port is taken', async () => {
    await serve()
    await expect(serveStore(store, { port: serving?.port })).rejects.toMatchObject({
      code: 'E_USAGE',
      why: expect.stringContaining('another program'),
    })
  })
})

describe('serveFolder', () => {
  let work: string

  beforeEach(async () => {
    work = await mkdtemp(join(tmpdir(), 'lading-serve-'))
    await mkdir(join(work, 'site/about'), { recursive: true })
    await mkdir(join(work, 'site/.lading'))
    await mkdir(join(work, 'site/.well-known'))
    const files = {
      'site/index.html': 'home',
      'site/about/index.html': 'about',
      'site/404.html': 'lost',
      'site/a+b.css': 'plus',
      'site/.lading/out.json': '{}',
      'site/.well-known/security.txt': 'us',
      'secret.txt': 'secret',
    }
    for (const [name, text] of Object.entries(files)) await writeFile(join(work, name), text)
    await symlink(join(work, 'secret.txt'), join(work, 'site/link.txt'))
    await symlink(work, join(work, 'site/up'))
    await symlink('index.html', join(work, 'site/home.html'))
    serving = await serveFolder(join(work, 'site'))
  })
  afterEach(async () => {
    await rm(work, { recursive: true })
  })

  it('serves pages, folders and files by their type', async () => {
    for (const [path, text, type] of [
      ['', 'home', /^text\/html/],
      ['about/', 'about', /^text\/html/],
      ['a+b.css', 'plus', /^text\/css/],
      ['.well-known/security.txt', 'us', /^text\/plain/],
      ['home.html', 'home', /^text\/html/],
    ] as const) {
      const answer = await ask(path)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toMatch(type)
      expect(await answer.text()).toBe(text)
    }
  })

  it('sends visitors of a folder to its slash', async () => {
    const answer = await ask('about?x=1')
    expect(answer.status).toBe(301)
    expect(answer.headers.get('location')).toBe('/about/?x=1')
  })

  it('sends nobody to another host: a doubled slash is part of no name', async () => {
    for (const path of ['//about', '/%2fabout', '/./about', '/.%2fabout', '/about//index.html'])
      expect((await askRaw(path)).status, path).toBe(404)
  })

  it('shows no file that sync would never send for its dot, by no link either', async () => {
    await mkdir(join(work, 'site/.git'))
    await writeFile(join(work, 'site/.git/config'), 'secret')
    await writeFile(join(work, 'site/.env'), 'secret')
    await symlink('.env', join(work, 'site/env.txt'))
    for (const path of ['/.env', '/.git/config', '/.git', '/%2eenv', '/about/../.env', '/env.txt'])
      expect(await askRaw(path), path).toMatchObject({ status: 404, text: 'lost' })
  })

  it('answers with the page for what is missing', async () => {
    const answer = await ask('no/such.png')
    expect(answer.status).toBe(404)
    expect(await answer.text()).toBe('lost')
  })

  it('serves nothing from outside, by no path and no link', async () => {
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/about/../../secret.txt',
      '/..%5csecret.txt',
      '/%00',
      '/link.txt',
      '/up/secret.txt',
      '/.lading/out.json',
    ]) {
      const answer = await askRaw(path)
      expect(answer.status).toBe(404)
      expect(answer.text).toBe('lost')
    }
  })

  it('answers conditions and ranges', async () => {
    const etag = (await ask('about/')).headers.get('etag') ?? ''
    expect((await ask('about/', { headers: { 'if-none-match': etag } })).status).toBe(304)
    const part = await ask('about/', { headers: { range: 'bytes=1-2' } })
    expect(part.status).toBe(206)
    expect(await part.text()).toBe('bo')
  })
})
