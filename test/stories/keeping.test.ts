import { hash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig, Store } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { SYSTEM_CLOCK } from '../../src/transfer/lease.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

/** A site in a store that notes what is written, removed and copied: `copy old.html -> .lading/blobs/…`. */
function logged(files: Readonly<Record<string, string>>, config: LadingConfig): { site: Project; log: string[] } {
  const memory = createMemoryStore()
  const log: string[] = []
  const store: Store = {
    ...memory,
    async put(key, ...rest) {
      log.push(`put ${key}`)
      return memory.put(key, ...rest)
    },
    async copy(from, to, options) {
      log.push(`copy ${from} -> ${to}`)
      return memory.copy(from, to, options)
    },
    async remove(keys, options) {
      log.push(...keys.map((key) => `remove ${key}`))
      return memory.remove(keys, options)
    },
  }
  const site = createProject({ files, store, config })
  projects.push(site)
  return { site, log }
}

const blobOf = (text: string): string => `.lading/blobs/${hash('sha256', text)}`

async function text(store: Store, key: string): Promise<string | undefined> {
  const found = await store.get(key)
  return found && Buffer.from(found.bytes).toString()
}

const FILES = { 'index.html': 'front', 'old.html': 'old', 'feed.xml': '<feed/>' }

describe.each<[string, LadingConfig]>([
  ['mirror', MIRROR],
  ['host', { host: true }],
])('%s: what a deploy takes away', (_mode, config) => {
  it('is copied inside the store before it is overwritten', async () => {
    const { site, log } = logged(FILES, config)
    await site.sync()
    log.length = 0
    site.write('site/old.html', 'new')
    expect(await site.sync()).toMatchObject({ changed: 1, removed: 0 })
    const copy = log.indexOf(`copy old.html -> ${blobOf('old')}`)
    expect(copy).toBeGreaterThan(log.indexOf('put .lading/deploys/2.json'))
    expect(log.indexOf('put old.html')).toBeGreaterThan(copy)
    expect(await text(site.store, blobOf('old'))).toBe('old')
  })

  it('is a page that the site has lost: kept, then removed once the other pages are in place', async () => {
    const { site, log } = logged(FILES, config)
    await site.sync()
    log.length = 0
    rmSync(site.path('site/old.html'))
    rmSync(site.path('site/feed.xml'))
    site.write('site/index.html', 'front without the old one')
    expect(await site.sync()).toMatchObject({ changed: 1, removed: 1, expired: 1 })
    const steps = [
      'put .lading/deploys/2.json',
      'put index.html',
      `copy old.html -> ${blobOf('old')}`,
      'remove old.html',
      'put .lading/pointer.json',
    ]
    expect(log.filter((line) => steps.includes(line))).toEqual(steps)
    expect(await text(site.store, 'old.html')).toBeUndefined()
    expect(await text(site.store, blobOf('old'))).toBe('old')
    expect(await text(site.store, 'feed.xml')).toBe('<feed/>')
    expect(await site.sync()).toMatchObject({ published: false, removed: 0 })
  })

  it('is also a page in a folder of the site that is called like that of hashed names', async () => {
    const { site } = logged({ ...FILES, 'a/index.html': 'a page' }, config)
    await site.sync()
    rmSync(site.path('site/a'), { recursive: true })
    expect(await site.sync()).toMatchObject({ removed: 1 })
    expect(await text(site.store, 'a/index.html')).toBeUndefined()
  })

  it('is never more than was allowed, and the plan says so too', async () => {
    const { site, log } = logged(FILES, config)
    await site.sync()
    log.length = 0
    rmSync(site.path('site/old.html'))
    const refused = { code: 'E_MAX_DELETE', exitCode: 3, details: ['old.html'] }
    await expect(site.plan({ maxDelete: 0 })).rejects.toMatchObject(refused)
    await expect(site.sync({ maxDelete: 0 })).rejects.toMatchObject(refused)
    expect(log).toEqual([])
    expect(await site.sync({ maxDelete: 1 })).toMatchObject({ removed: 1 })
  })

  it('is no obstacle when somebody else has removed it already', async () => {
    const { site } = logged(FILES, config)
    await site.sync()
    await site.store.remove(['old.html', 'feed.xml'])
    rmSync(site.path('site/old.html'))
    site.write('site/feed.xml', '<feed>new</feed>')
    expect(await site.sync()).toMatchObject({ changed: 1, removed: 1 })
    expect(await text(site.store, 'feed.xml')).toBe('<feed>new</feed>')
  })

  it('comes back with its file', async () => {
    const { site } = logged(FILES, config)
    await site.sync()
    rmSync(site.path('site/old.html'))
    await site.sync()
    site.write('site/old.html', 'old')
    expect(await site.sync()).toMatchObject({ added: 1, removed: 0 })
    expect(await text(site.store, 'old.html')).toBe('old')
  })
})

describe('pages at the origin', () => {
  it('are kept in the store by their bytes, each once', async () => {
    const { site, log } = logged({ 'index.html': 'front', 'same.html': 'front', 'old.html': 'old' }, {})
    await site.sync()
    const kept = (): string[] => log.filter((line) => line.startsWith('put .lading/blobs/')).sort()
    expect(kept()).toEqual([`put ${blobOf('front')}`, `put ${blobOf('old')}`].sort())
    log.length = 0
    site.write('site/old.html', 'new')
    await site.sync()
    expect(kept()).toEqual([`put ${blobOf('new')}`])
    expect(await text(site.store, blobOf('old'))).toBe('old')
  })

  it('that the site has lost leave the origin, and nothing is removed from the store', async () => {
    const { site, log } = logged({ 'index.html': 'front', 'old.html': 'old' }, {})
    await site.sync()
    log.length = 0
    rmSync(site.path('site/old.html'))
    expect(await site.sync()).toMatchObject({ removed: 0, pages: { written: 0, unchanged: 1, removed: 1 } })
    expect(log.filter((line) => line.startsWith('remove'))).toEqual([])
  })
})

it('offload: a page is not kept by who has lost the deploy while it was looked for', async () => {
  const memory = createMemoryStore()
  let leapMs = 0
  const store: Store = {
    ...memory,
    async head(key, ...rest) {
      if (key === blobOf('changed')) leapMs = 3_600_000
      return memory.head(key, ...rest)
    },
  }
  const clock = { ...SYSTEM_CLOCK, monotonicMs: () => SYSTEM_CLOCK.monotonicMs() + leapMs }
  const site = createProject({ files: { 'index.html': 'front' }, store, run: { clock } })
  projects.push(site)
  await site.sync()
  site.write('site/index.html', 'changed')
  await expect(site.sync()).rejects.toMatchObject({ code: 'E_LOCK_LOST' })
  expect([leapMs > 0, await text(store, blobOf('changed'))]).toEqual([true, undefined])
})
