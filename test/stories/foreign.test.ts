import { hash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { Body, LadingConfig, Store } from '../../src/index.ts'
import { encodePointer, NO_POINTER } from '../../src/plan/pointer.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

function body(text: string): Body {
  const bytes = Buffer.from(text)
  return { size: bytes.length, sha256: hash('sha256', bytes), read: async (start, end) => bytes.subarray(start, end) }
}

const FOREIGN_TYPE = { 'content-type': 'x/y' }

/** A store with objects that somebody else put: they carry no digest of ours. Notes what is written, by key. */
async function storeWith(objects: Readonly<Record<string, string>>): Promise<{ store: Store; written: string[] }> {
  const memory = createMemoryStore()
  const written: string[] = []
  for (const [key, text] of Object.entries(objects)) await memory.put(key, body(text), FOREIGN_TYPE)
  const store: Store = {
    ...memory,
    async head(key, options) {
      const found = await memory.head(key, options)
      const isForeign = found?.headers['content-type'] === FOREIGN_TYPE['content-type']
      return found && (isForeign ? { ...found, sha256: undefined } : found)
    },
    async put(key, ...rest) {
      written.push(key)
      return memory.put(key, ...rest)
    },
  }
  return { store, written }
}

async function text(store: Store, key: string): Promise<string> {
  return Buffer.from((await store.get(key))?.bytes ?? []).toString()
}

const FILES = { 'index.html': 'mine', 'other.html': 'other', 'robots.txt': 'User-agent: *' }

function project(store: Store, config: LadingConfig = MIRROR): Project {
  const made = createProject({ files: FILES, store, config })
  projects.push(made)
  return made
}

describe('what lies where a file of the site belongs and is not ours', () => {
  it('stops the first publish before anything is written, and all that is in the way is named', async () => {
    const objects = { 'other.html': 'theirs', 'index.html': 'theirs too', 'robots.txt': FILES['robots.txt'] }
    const { store, written } = await storeWith(objects)
    const site = project(store)
    const refused = { code: 'E_FOREIGN', exitCode: 3, details: ['index.html', 'other.html'] }
    await expect(site.plan()).rejects.toMatchObject(refused)
    await expect(site.sync()).rejects.toMatchObject(refused)
    expect(written).toEqual([])
    expect((await store.head('robots.txt'))?.headers).toEqual(FOREIGN_TYPE)
  })

  it('is adopted when its bytes are ours, without sending them', async () => {
    const { store, written } = await storeWith({ 'robots.txt': FILES['robots.txt'], 'theirs.txt': 'theirs' })
    const site = project(store)
    expect(await site.sync()).toMatchObject({ adopted: 1, added: 2, bytes: 'mine'.length + 'other'.length })
    expect(written).not.toContain('robots.txt')
    expect((await store.head('robots.txt'))?.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect((await store.head('theirs.txt'))?.headers).toEqual(FOREIGN_TYPE)
    expect(await site.sync()).toMatchObject({ published: false, kept: 3 })
  })

  it('is adopted or named before anything is written also after a first deploy that was taken over', async () => {
    const { store, written } = await storeWith({ 'robots.txt': FILES['robots.txt'], 'other.html': 'theirs' })
    const pointer = Buffer.from(encodePointer({ ...NO_POINTER, fence: 1 })).toString()
    await store.put('.lading/pointer.json', body(pointer), {})
    written.length = 0
    const site = project(store)
    await expect(site.sync()).rejects.toMatchObject({ code: 'E_FOREIGN', details: ['other.html'] })
    expect(written).toEqual([])
    await store.remove(['other.html'])
    expect(await site.sync()).toMatchObject({ adopted: 1, added: 2 })
  })

  it('is left alone when it came after the first publish', async () => {
    const { store } = await storeWith({})
    const site = project(store)
    await site.sync()
    await store.put('new.html', body('theirs'), FOREIGN_TYPE)
    site.write('site/new.html', 'mine')
    await expect(site.sync()).rejects.toMatchObject({ code: 'E_FOREIGN', exitCode: 3 })
    expect(await text(store, 'new.html')).toBe('theirs')
  })

  it('under a hashed name with other bytes is never overwritten', async () => {
    const { store } = await storeWith({})
    const site = project(store, {})
    site.write('site/x.png', 'x')
    await site.plan()
    const [key = ''] = site.events.flatMap((event) =>
      event.type === 'file' && event.path === 'x.png' ? [event.key] : [],
    )
    await store.put(key, body('damaged'), {})
    await expect(site.sync()).rejects.toMatchObject({ code: 'E_IMMUTABLE_CONFLICT', exitCode: 7 })
    expect(await text(store, key)).toBe('damaged')
  })
})
