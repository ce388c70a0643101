import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LadingConfig, Store } from '../../src/index.ts'
import { createFolderStore } from '../../src/store/folder/folder.ts'
import {
  allowing,
  answering,
  caching,
  closed,
  conditional,
  type Front,
  fallback,
  type Manner,
  open,
  resetting,
  stalling,
  startFront,
  varied,
} from '../rig/front.ts'
import { createProject, type Project } from '../rig/project.ts'
import { createHandClock, stateOf } from '../rig/published.ts'

const FILES = {
  'index.html': '<link rel="stylesheet" href="site.css"><img src="logo.png">',
  'site.css': '@font-face { font-family: x; src: url(x.woff2) }',
  'x.woff2': 'a font',
  'logo.png': 'a logo',
}

let folder: string
let store: Store
let front: Front
/** Hashed names that were sent. */
let sent: string[]
const projects: Project[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-cors-'))
  const inner = createFolderStore({ path: folder })
  sent = []
  store = {
    ...inner,
    put: async (key, ...rest) => {
      if (key.startsWith('a/')) sent.push(key)
      return inner.put(key, ...rest)
    },
  }
  front = await startFront(store)
})

afterEach(async () => {
  await front.close()
  for (const project of projects.splice(0)) project.remove()
  await rm(folder, { recursive: true })
})

function project(config: LadingConfig = {}, files: Readonly<Record<string, string>> = FILES): Project {
  const made = createProject({
    files,
    store,
    config: { url: front.url, out: 'out', cors: true, ...config },
    run: { ask: undefined, clock: createHandClock() },
  })
  projects.push(made)
  return made
}

const REFUSED: readonly (readonly [name: string, manners: readonly Manner[], code: string, words: RegExp])[] = [
  ['gives no permission', [closed], 'E_CORS_MISSING', /answered no Access-Control-Allow-Origin/],
  [
    'allows another site only',
    [allowing('https://other.example')],
    'E_CORS_MISSING',
    /Origin: https:\/\/other\.example/,
  ],
  ['gives permission to who asks, and tells no cache', [conditional], 'E_CORS_MISSING', /Vary: Origin/],
  ['caches what it answered without Origin', [caching(varied)], 'E_CORS_MISSING', /answered no Access-Control/],
  ['answers 403', [answering(403)], 'E_URL_UNSERVED', /it answered 403/],
  ['answers 404', [answering(404)], 'E_URL_UNSERVED', /it answered 404/],
  ['answers everything with a page', [fallback], 'E_URL_UNSERVED', /a page of HTML instead of font\/woff2/],
  [
    'sends visitors to another host',
    [answering(302, { location: 'https://login.example.com/x' })],
    'E_URL_UNSERVED',
    /it leads to https:\/\/login\.example\.com \(302\)/,
  ],
  ['leads in a circle', [answering(301, { location: '/again' })], 'E_URL_UNSERVED', /without an end/],
]

describe.each(REFUSED)('a public address that %s', (_name, manners, code, words) => {
  it('stops the first deploy before any page is out; mended, it publishes and sends no asset again', async () => {
    const site = project()
    front.behave(...manners)
    await expect(site.sync()).rejects.toMatchObject({ code, exitCode: 3, why: expect.stringMatching(words) })
    expect(existsSync(site.path('out'))).toBe(false)
    expect(Object.keys(await stateOf(store))).not.toContain('.lading/pointer.json')
    expect(sent).toHaveLength(3)

    front.behave(open)
    expect(await site.sync()).toMatchObject({ published: true, seq: 1, exit: 0 })
    expect(sent).toHaveLength(3)
    expect(site.read('out/index.html').toString()).toContain(`href="${front.url}a/site.`)
  })

  it('stops a later deploy too, and what is live stays as it is', async () => {
    const site = project()
    await site.sync()
    const pages = site.read('out/index.html')
    const pointer = (await stateOf(store))['.lading/pointer.json']
    front.behave(...manners)
    site.write('site/x.woff2', 'another font')
    await expect(site.sync()).rejects.toMatchObject({ code, exitCode: 3 })
    expect(site.read('out/index.html')).toEqual(pages)
    expect((await stateOf(store))['.lading/pointer.json']).toBe(pointer)
    await expect(site.sync(), 'although nothing is sent any more').rejects.toMatchObject({ code })
  })
})

describe('a public address that', () => {
  it.each<[string, Manner]>([
    ['allows every origin', open],
    ['allows who asks, and says so to caches', varied],
  ])('%s passes, and is asked twice: first as an image would, then as a font', async (_name, manner) => {
    const site = project({ site: 'https://www.example.com/' })
    front.behave(manner)
    expect(await site.sync()).toMatchObject({ published: true })
    const font = expect.stringMatching(/^a\/x\.\w{16}\.woff2$/)
    expect(front.asked.slice(0, 2)).toEqual([
      [font, undefined],
      [font, 'https://www.example.com'],
    ])
  })

  it('allows the site alone passes when the site is configured, and otherwise the error says so', async () => {
    front.behave(allowing('https://www.example.com'))
    await expect(project().sync()).rejects.toMatchObject({
      code: 'E_CORS_MISSING',
      hint: expect.stringContaining('`site`'),
    })
    expect(await project({ site: 'https://www.example.com/' }).sync()).toMatchObject({ published: true })
  })

  it('moves a file within its own host passes when every step allows it', async () => {
    const site = project()
    const moving =
      (manner: Manner): Manner =>
      (reply, asked) =>
        asked.path.startsWith('a/')
          ? manner({ ...reply, status: 308, headers: { location: `/moved/${asked.path}` } }, asked)
          : open({ ...reply, status: 200, headers: { 'content-type': 'font/woff2' } }, asked)
    front.behave(moving(closed))
    await expect(site.sync()).rejects.toMatchObject({ code: 'E_CORS_MISSING' })
    front.behave(moving(open))
    expect(await site.sync()).toMatchObject({ published: true })
  })

  it.each<[string, Manner, RegExp]>([
    ['does not answer', stalling, /no whole answer within 200 ms/],
    ['ends connections', resetting, /the connection ended with/],
    ['is out of order', answering(503), /it answered 503/],
    ['wants a password', answering(401), /it answered 401 to us/],
    ['asks whether we are human', answering(403, { 'cf-mitigated': 'challenge' }), /it answered 403 to us/],
  ])('%s is a warning: what we cannot reach, visitors may', async (_name, manner, words) => {
    const site = project({ requestTimeoutMs: manner === stalling ? 200 : 10_000 })
    front.behave(manner)
    expect(await site.sync()).toMatchObject({ published: true })
    expect(site.warned('W_CORS_UNCHECKED')).toEqual([expect.stringMatching(words)])
  })

  it('needs a moment until it has a file is waited for', async () => {
    const site = project()
    let asks = 0
    front.behave(open, (reply, asked) => {
      asks += 1
      return asks < 4 ? answering(404)(reply, asked) : reply
    })
    expect(await site.sync()).toMatchObject({ published: true })
    expect(site.warned('W_CORS_UNCHECKED')).toEqual([])
  })

  it('is nobody, because its name leads nowhere, is a warning', async () => {
    const site = project({ url: 'http://lading.invalid/' })
    expect(await site.sync()).toMatchObject({ published: true })
    expect(site.warned('W_CORS_UNCHECKED')).toEqual([expect.stringContaining('http://lading.invalid/a/x.')])
  })
})

describe('nothing is asked', () => {
  it('when nothing new is named', async () => {
    const site = project()
    await site.sync()
    const before = front.asked.length
    front.behave(closed)
    expect(await site.sync()).toMatchObject({ published: false })
    site.write('site/index.html', '<img src="logo.png">')
    expect(await site.sync()).toMatchObject({ published: true })
    expect(front.asked).toHaveLength(before)
  })

  it.each<[string, LadingConfig]>([
    ['when `cors` is not set', { cors: false }],
    ['when pages and assets share one host', { site: 'http://127.0.0.1/' }],
  ])('%s', async (_name, config) => {
    const { port } = new URL(front.url)
    const site = project(config.site === undefined ? config : { site: `${config.site.slice(0, -1)}:${port}/` })
    front.behave(closed)
    expect(await site.sync()).toMatchObject({ published: true })
    expect(front.asked).toEqual([])
  })

  it('when the store is the whole site, at the one address', async () => {
    const site = project({ out: undefined, host: true })
    front.behave(closed)
    expect(await site.sync()).toMatchObject({ published: true })
    expect(front.asked).toEqual([])
  })

  it('by a plan', async () => {
    front.behave(closed)
    await project().plan()
    expect(front.asked).toEqual([])
  })
})

describe('an address that is new', () => {
  it('is asked for what lay in the store before', async () => {
    const site = project({ url: 'http://lading.invalid/' })
    await site.sync()
    front.behave(closed)
    await expect(site.sync({ url: front.url })).rejects.toMatchObject({ code: 'E_CORS_MISSING' })
    front.behave(open)
    expect(await site.sync({ url: front.url })).toMatchObject({ published: true, bytes: 0 })
  })

  it('through which everybody can read the state is a warning with the line that moves it', async () => {
    const site = project()
    await site.sync()
    expect(site.warned('W_STATE_PUBLIC')).toEqual([`${front.url}.lading/`])
    site.write('site/x.woff2', 'another font')
    await site.sync()
    expect(site.warned('W_STATE_PUBLIC')).toEqual([])
  })

  it('which refuses what lies below .lading/ is none', async () => {
    front.behave(open, (reply, asked) => (asked.path.startsWith('.lading/') ? { ...reply, status: 403 } : reply))
    const site = project()
    await site.sync()
    expect(front.asked.at(-1)?.[0]).toBe('.lading/deploys/1.json')
    expect(site.warned('W_STATE_PUBLIC')).toEqual([])
  })
})
