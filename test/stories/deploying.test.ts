import { existsSync, readdirSync, utimesSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { LadingError, type Store } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createProject, MIRROR, type Project, type ProjectOptions } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

function project(options: ProjectOptions): Project {
  const made = createProject(options)
  projects.push(made)
  return made
}

/** A store that notes every call as `method key`. */
function logged(store: Store = createMemoryStore()): { store: Store; log: string[] } {
  const log: string[] = []
  const noted =
    <Key extends string | readonly string[], Rest extends readonly unknown[], T>(
      method: string,
      call: (key: Key, ...rest: Rest) => T,
    ) =>
    (key: Key, ...rest: Rest): T => {
      log.push(`${method} ${key}`)
      return call(key, ...rest)
    }
  return {
    log,
    store: {
      ...store,
      get: noted('get', store.get),
      head: noted('head', store.head),
      put: noted('put', store.put),
      copy: noted('copy', store.copy),
      reheader: noted('reheader', store.reheader),
      list: noted('list', store.list),
      remove: noted('remove', store.remove),
    },
  }
}

const FILES = {
  'index.html': '<link rel="stylesheet" href="a.css"><img src="x.png">',
  'a.css': 'a{background:url(x.png)}',
  'x.png': 'x',
  'robots.txt': 'User-agent: *',
}

const kindOf = (line: string): string => {
  if (/put a\//.test(line)) return 'hashed'
  if (/put \.lading\/(?:manifests|releases)/.test(line)) return 'record'
  if (/put \.lading\/pointer/.test(line)) return 'pointer'
  if (/put \.lading\/deploys/.test(line)) return 'deploy'
  if (/put \.lading\/blobs/.test(line)) return 'page kept'
  return /put .*\.html$/.test(line) ? 'page' : line.startsWith('put') ? 'own path' : 'read'
}

describe('order', () => {
  it('is announcement, hashed names, deploy, other names, pages, manifest and release, pointer', async () => {
    const { store, log } = logged()
    await project({ files: FILES, store, config: { host: true } }).sync()
    const kinds = log.map(kindOf).filter((kind, index, all) => kind !== all[index - 1])
    // the deploy is said before the first hashed name goes out, and taken before the first name that stays
    const written = ['deploy', 'hashed', 'deploy', 'own path', 'page', 'record', 'pointer']
    expect(kinds).toEqual(['read', ...written])
  })

  it('brings a new page before a sitemap that is replaced names it, and every page before the service worker that lists it', async () => {
    const { store, log } = logged()
    const naming = (page: string): Record<string, string> => ({
      'index.html': `<a href="${page}">`,
      'sitemap.xml': `<urlset><url><loc>https://www.example.com/${page}</loc></url></urlset>`,
      'sw.js': `precache(["/${page}"])`,
    })
    const site = project({ files: naming('index.html'), store, config: MIRROR })
    await site.sync()
    for (const [path, text] of Object.entries({ ...naming('new.html'), 'new.html': '' }))
      site.write(`site/${path}`, text)
    log.length = 0
    await site.sync()
    const order = log.filter((line) => /^put [^.]/.test(line))
    expect(order).toEqual(['put new.html', 'put sitemap.xml', 'put index.html', 'put sw.js'])
  })

  it('writes pages at the origin after the assets and before the pointer', async () => {
    const { store, log } = logged()
    const seen: string[] = []
    const site: Project = project({
      files: FILES,
      store: {
        ...store,
        put: (key, ...rest) => {
          seen.push(`${kindOf(`put ${key}`)}, page ${existsSync(site.path('out/index.html')) ? 'there' : 'absent'}`)
          return store.put(key, ...rest)
        },
      },
    })
    await site.sync()
    expect(seen).toEqual([
      'deploy, page absent',
      'hashed, page absent',
      'hashed, page absent',
      'deploy, page absent',
      'page kept, page absent',
      'record, page absent',
      'record, page absent',
      'pointer, page there',
    ])
    // what is live, whether a pointer is lost, and which pages are kept already
    const kept = 'list .lading/blobs/'
    const read = ['get .lading/pointer.json', 'get .lading/deploys/1.json', 'list .lading/releases/', kept]
    expect(log.filter((line) => kindOf(line) === 'read')).toEqual(read)
  })
})

describe.each([['mirror', MIRROR] as const, ['offload', {}] as const, ['host', { host: true }] as const])(
  '%s',
  (_mode, config) => {
    it('asks for the pointer and the next deploy, and writes nothing when nothing changed', async () => {
      const { store, log } = logged()
      const site = project({ files: FILES, store, config })
      await site.sync()
      log.length = 0
      expect(await site.sync()).toMatchObject({
        added: 0,
        changed: 0,
        bytes: 0,
        release: expect.stringMatching(/^r1-/),
      })
      expect(log).toEqual(['get .lading/pointer.json', 'get .lading/deploys/2.json'])
    })

    it('asks once more on a machine without a copy of the manifest', async () => {
      const { store, log } = logged()
      const site = project({ files: FILES, store, config })
      await site.sync()
      log.length = 0
      await site.sync({ cacheDir: 'elsewhere' })
      expect(log).toEqual([
        'get .lading/pointer.json',
        expect.stringMatching(/^get \.lading\/manifests\/1-[0-9a-f]{16}\.json\.gz$/),
        'get .lading/deploys/2.json',
      ])
    })

    it('does not mind times: a touched file is the same file', async () => {
      const site = project({ files: FILES, config })
      await site.sync()
      utimesSync(site.path('site/x.png'), new Date(0), new Date(0))
      expect(await site.sync()).toMatchObject({ added: 0, changed: 0, bytes: 0 })
    })

    it('notices other bytes of the same size and time', async () => {
      const site = project({ files: FILES, config })
      await site.sync()
      utimesSync(site.path('site/x.png'), new Date(0), new Date(0))
      await site.sync()
      site.write('site/x.png', 'y')
      utimesSync(site.path('site/x.png'), new Date(0), new Date(0))
      const { added, changed } = await site.sync()
      expect(added + changed).toBeGreaterThan(0)
    })

    it('sends no body when only a header rule changed', async () => {
      const { store, log } = logged()
      const site = project({ files: FILES, store, config })
      await site.sync()
      log.length = 0
      const headers = [{ match: '**/*.png', contentLanguage: 'de' }]
      const count = config === MIRROR || !('host' in config) ? 1 : 2
      expect(await site.sync({ headers })).toMatchObject({ reheadered: count, added: 0, changed: 0, bytes: 0 })
      expect(log.filter((line) => kindOf(line) === 'hashed' || kindOf(line) === 'own path')).toEqual([])
      expect(await site.sync({ headers })).toMatchObject({ reheadered: 0 })
    })

    it('publishes nothing when an object cannot be sent, and goes on when run again', async () => {
      const memory = createMemoryStore()
      let isBroken = true
      const site = project({
        files: FILES,
        config,
        store: {
          ...memory,
          put: async (key, ...rest) => {
            if (isBroken && key.includes('x.')) throw new LadingError('E_STORE', 'the disk of the store is full')
            return memory.put(key, ...rest)
          },
        },
      })
      const error = await site.sync().catch((reason: unknown) => reason)
      expect(error).toMatchObject({
        code: 'E_STORE',
        message: expect.stringMatching(config === MIRROR ? /no release was published$/ : /nothing was published$/),
      })
      expect(await memory.head('.lading/pointer.json')).toBeUndefined()
      expect(await memory.head('index.html')).toBeUndefined()
      expect(existsSync(site.path('out'))).toBe(false)
      isBroken = false
      expect(await site.sync()).toMatchObject({ release: expect.stringMatching(/^r1-/) })
    })

    it('plans exactly what it then does, and writes nothing to tell', async () => {
      const { store, log } = logged()
      const site = project({ files: FILES, store, config })
      const planned = await site.plan()
      const said = site.events.filter(({ type }) => type === 'file')
      expect(log.filter((line) => !/^(?:get|head|list) /.test(line))).toEqual([])
      expect(existsSync(site.path('out'))).toBe(false)
      const done = await site.sync()
      expect({ ...planned, ms: 0, release: done.release, seq: 1 }).toEqual({ ...done, ms: 0, dryRun: true })
      expect(site.events.filter(({ type }) => type === 'file')).toEqual(said.map((event) => ({ ...event, done: true })))
    })
  },
)

describe('the origin in a folder of its own', () => {
  it('holds the whole site, pages rewritten, and loses what the site loses', async () => {
    const site = project({
      files: { ...FILES, '.htaccess': 'x', '.env.example': 'S=', 'app.js.map': '{}', 'old/gone.txt': 'x' },
    })
    await site.sync()
    expect(readdirSync(site.path('out')).sort()).toEqual([
      '.htaccess',
      '.lading',
      'a.css',
      'index.html',
      'old',
      'robots.txt',
      'x.png',
    ])
    expect(site.read('out/a.css').toString()).toBe(FILES['a.css'])
    const { rmSync } = await import('node:fs')
    rmSync(site.path('site/old'), { recursive: true })
    await site.sync()
    expect(existsSync(site.path('out/old'))).toBe(false)
  })

  it('is never a folder that holds somebody else’s files', async () => {
    const site = project({ files: FILES })
    site.write('out/mine.txt', 'x')
    await expect(site.sync()).rejects.toMatchObject({ code: 'E_OUT', exitCode: 3 })
    expect(readdirSync(site.path('out'))).toEqual(['mine.txt'])
    expect(await site.store.head('.lading/pointer.json')).toBeUndefined()
  })

  it('is mended when somebody changed it', async () => {
    const site = project({ files: FILES })
    await site.sync()
    const before = site.read('out/index.html')
    site.write('out/index.html', 'changed by hand')
    expect(await site.sync()).toMatchObject({ pages: { written: 1, unchanged: 0 }, added: 0 })
    expect(site.read('out/index.html')).toEqual(before)
  })
})

describe('a name at the origin', () => {
  it('may become a folder and a file again', async () => {
    const { rmSync } = await import('node:fs')
    const site = project({ files: { 'index.html': 'i', news: 'n' } })
    await site.sync()
    rmSync(site.path('site/news'))
    site.write('site/news/index.html', 'y')
    await site.sync()
    expect(site.read('out/news/index.html').toString()).toBe('y')
    rmSync(site.path('site/news'), { recursive: true })
    site.write('site/news', 'n')
    await site.sync()
    expect(site.read('out/news').toString()).toBe('n')
  })
})

describe('pages rewritten in place', () => {
  const IN_PLACE = { inPlace: true }
  const html = (site: Project): string => site.read('site/index.html').toString()

  it('stay as they are the second time', async () => {
    const site = project({ files: FILES, config: IN_PLACE })
    await site.sync()
    const first = html(site)
    expect(first).toMatch(/cdn\.example\.com\/a\/x\.\w+\.png/)
    expect(await site.sync()).toMatchObject({ pages: { written: 0, unchanged: 1 }, added: 0, seq: 1 })
    expect(html(site)).toBe(first)
  })

  it('follow a changed image to its new name', async () => {
    const site = project({ files: FILES, config: IN_PLACE })
    await site.sync()
    const first = html(site)
    site.write('site/x.png', 'changed')
    expect(await site.sync()).toMatchObject({ pages: { written: 1, unchanged: 0 } })
    expect(html(site)).not.toBe(first)
    const key = /a\/x\.\w+\.png/.exec(html(site))?.[0] ?? ''
    expect(Buffer.from((await site.store.get(key))?.bytes ?? []).toString()).toBe('changed')
  })

  it('are told one by one, and so is each other file that changes there', async () => {
    const site = project({
      files: {
        'index.html': '<link rel="manifest" href="/site.webmanifest"><img src="x.png">',
        'site.webmanifest': '{"icons":[{"src":"/x.png"}]}',
        'robots.txt': 'User-agent: *',
        'x.png': 'x',
      },
      config: IN_PLACE,
    })
    const rewritten = (): string[] =>
      site.events.flatMap((event) => (event.type === 'file' && event.op === 'page' ? [event.key] : []))
    await site.plan()
    expect(rewritten()).toEqual(['index.html', 'site.webmanifest'])
    await site.sync()
    expect(rewritten()).toEqual(['index.html', 'site.webmanifest'])
    expect(site.read('site/site.webmanifest').toString()).toContain('cdn.example.com')
  })

  it('follow the store to another address, and come back when assets may not move any more', async () => {
    const site = project({
      files: {
        'f.woff2': 'x',
        'x.png': 'x',
        'index.html': '<link rel="preload" as="font" crossorigin href="f.woff2"><img src="x.png">',
      },
      config: IN_PLACE,
    })
    await site.sync({ cors: true })
    await site.sync({ cors: true, url: 'https://new.example.com/' })
    expect(html(site)).toMatch(
      /^<link [^>]*href="https:\/\/new\.example\.com\/a\/f\.\w+\.woff2"><img src="https:\/\/new/,
    )
    await site.sync({ url: 'https://new.example.com/' })
    expect(html(site)).toMatch(/^<link [^>]*href="\/f\.woff2"><img src="https:\/\/new/)
  })

  it('keep naming an object whose file is gone, as long as the store has it; an unknown one is an error', async () => {
    const site = project({ files: FILES, config: IN_PLACE })
    await site.sync()
    const first = html(site)
    const { rmSync } = await import('node:fs')
    rmSync(site.path('site/x.png'))
    site.write('site/a.css', 'a{}')
    await site.sync()
    expect(html(site)).toContain(/https:\S+x\.\w+\.png/.exec(first)?.[0])
    site.write('site/index.html', '<img src="https://cdn.example.com/a/never.aaaaaaaaaaaaaaaa.png">')
    await expect(site.sync()).rejects.toMatchObject({ code: 'E_REF_UNKNOWN_KEY', exitCode: 3 })
  })
})

it.each([
  [64, 4],
  [2, 2],
])(
  'of %d requests at once, connections for %d that will be made are asked for while the deploy is taken, and for none without news',
  async (concurrency, warmed) => {
    const memory = createMemoryStore()
    // as over a network, nothing is answered in the turn in which it is asked
    const { store, log } = logged({ ...memory, put: (...given) => setImmediate().then(() => memory.put(...given)) })
    const warming: Store = { ...store, warmUp: (requests) => void log.push(`warm up ${requests}`) }
    const { sync } = project({ files: FILES, config: { ...MIRROR, concurrency }, store: warming })
    await sync()
    const told = log.filter((line) => /^warm up|^put/.test(line))
    expect(told.slice(0, 2)).toEqual(['put .lading/deploys/1.json', `warm up ${warmed}`])
    log.length = 0
    await sync()
    expect(log.filter((line) => line.startsWith('warm up'))).toEqual([])
  },
)
