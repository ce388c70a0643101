import { hash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { type LadingConfig, LadingError, type Verification, type VerifyOptions, verify } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFaultyStore, type FaultyStore } from '../rig/faulty-store.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, type Published, stateOf } from '../rig/published.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const FILES = {
  'index.html': '<link rel="stylesheet" href="site.css"><img src="photo.png">',
  'site.css': 'body{color:red}',
  'photo.png': 'pixels',
  'robots.txt': 'User-agent: *',
}

type Watched = Published &
  FaultyStore & { look(options?: Partial<VerifyOptions>): Promise<Verification>; drift(): string[] }

async function published(config: LadingConfig): Promise<Watched> {
  const faulty = createFaultyStore(createMemoryStore())
  const made = createPublished({ files: FILES, config, store: faulty.store })
  all.push(made)
  await made.site.sync()
  return {
    ...made,
    ...faulty,
    look: (options = {}) => verify({ ...made.history(), ...options }, made.run),
    drift: () =>
      made.said.flatMap((event) => (event.type === 'drift' ? [`${event.kind} ${event.key}: ${event.detail}`] : [])),
  }
}

const MODES: [string, LadingConfig, number][] = [
  ['mirror', MIRROR, 4],
  ['offload', {}, 2],
  ['host', { host: true }, 6],
]

it.each(MODES)(
  '%s: a store that is as it was left is as it was left, and nothing is written to find out',
  async (_mode, config, objects) => {
    const { look, drift, store } = await published(config)
    const before = await stateOf(store)
    expect(await look()).toMatchObject({ ok: true, exit: 0, objects, looked: objects, bytes: 0, drift: 0, foreign: 0 })
    expect(await look({ download: true })).toMatchObject({ ok: true, looked: objects, bytes: expect.any(Number) })
    expect(drift()).toEqual([])
    expect(await stateOf(store)).toEqual(before)
  },
)

describe('what differs is told, each with what is wrong, and the exit code is 10', () => {
  it('an object that is missing', async () => {
    const { look, drift, lose } = await published(MIRROR)
    await lose('photo.png')
    expect(await look()).toMatchObject({ ok: false, exit: 10, drift: 1 })
    expect(drift()).toEqual(['missing photo.png: it is not there'])
  })

  it('an object that somebody has edited, of another size and of the same', async () => {
    const { look, drift, edit } = await published(MIRROR)
    await edit('photo.png', 'PIXELS')
    await edit('robots.txt', 'Disallow: /')
    expect(await look()).toMatchObject({ exit: 10, drift: 2 })
    expect(drift()).toEqual([
      'content photo.png: somebody else has put it',
      'content robots.txt: it has 11 bytes, not 13',
    ])
  })

  it('an object that holds another version of ours', async () => {
    const { look, drift, store } = await published(MIRROR)
    const bytes = Buffer.from('PIXELS')
    await store.put('photo.png', { size: 6, sha256: hash('sha256', bytes), read: async () => bytes }, {})
    await look()
    expect(drift()).toEqual(['content photo.png: it is another version than the one that was published'])
  })

  it('headers that somebody has changed', async () => {
    const { look, drift, store } = await published(MIRROR)
    await store.reheader('photo.png', { 'content-type': 'image/png', 'cache-control': 'no-store' })
    expect(await look()).toMatchObject({ exit: 10, drift: 1 })
    expect(drift()).toEqual(['headers photo.png: cache-control is "no-store", not "public, max-age=300"'])
  })

  it('bytes that have rotted, but only to who reads them', async () => {
    const { look, drift, rot, keys } = await published({})
    const [image = ''] = (await keys()).filter((key) => key.startsWith('a/photo.'))
    rot(image)
    expect(await look()).toMatchObject({ ok: true, bytes: 0 })
    expect(await look({ download: true })).toMatchObject({ exit: 10, drift: 1, looked: 2 })
    expect(drift()).toEqual([`content ${image}: its bytes are not those that its digest promises`])
  })

  it('the content of a page that is no longer kept', async () => {
    const { look, drift, lose, site } = await published({})
    await lose(`.lading/blobs/${hash('sha256', site.read('out/index.html'))}`)
    expect(await look()).toMatchObject({ exit: 10, drift: 1 })
    expect(drift()).toEqual([
      expect.stringMatching(/^state index\.html: the page as release r1-\w+ has it is not kept/),
    ])
  })

  it('the record of a live release that is gone, although this machine has a copy', async () => {
    const { look, drift, lose, site } = await published(MIRROR)
    const { release } = await site.sync()
    await lose(`.lading/releases/${release}.json`)
    expect(await look()).toMatchObject({ exit: 10, drift: 1 })
    expect(drift()).toEqual([`state ${release}: the record of the live release of production cannot be read`])
  })

  it('the manifest that is gone or damaged, although this machine has a copy, ends it', async () => {
    const { look, lose, rot, store } = await published(MIRROR)
    const [manifest = ''] = Object.keys(await stateOf(store)).filter((key) => key.includes('manifests/'))
    rot(manifest)
    await expect(look()).rejects.toMatchObject({ code: 'E_MANIFEST', exitCode: 7 })
    await lose(manifest)
    await expect(look()).rejects.toMatchObject({ code: 'E_MANIFEST', exitCode: 7 })
  })
})

describe('a sample', () => {
  it('is drawn from what is there, by the randomness it is given', async () => {
    const { history, run } = await published(MIRROR)
    const draws = [0.9, 0.05, 0.5, 0.2]
    const random = (): number => draws.shift() ?? 1
    expect(await verify({ ...history(), sample: 0.3 }, { ...run, random })).toMatchObject({ objects: 4, looked: 2 })
    expect(draws).toEqual([])
    expect(await verify({ ...history(), sample: 0 }, run)).toMatchObject({ ok: true, looked: 0 })
  })

  it('never passes over what is missing', async () => {
    const { look, drift, lose } = await published(MIRROR)
    await lose('photo.png', 'robots.txt')
    expect(await look({ sample: 0 })).toMatchObject({ exit: 10, looked: 2, drift: 2 })
    expect(drift()).toHaveLength(2)
  })
})

it('objects of somebody else are counted and left alone', async () => {
  const { look, edit, text } = await published(MIRROR)
  await edit('theirs.txt', 'theirs')
  expect(await look({ download: true })).toMatchObject({ ok: true, objects: 4, foreign: 1 })
  expect(await text('theirs.txt')).toBe('theirs')
})

it('a deploy that has not been finished is said, since what it named may differ', async () => {
  const memory = createMemoryStore()
  let isBroken = false
  const made = createPublished({
    files: FILES,
    config: MIRROR,
    store: {
      ...memory,
      async put(key, ...rest) {
        if (isBroken && key === 'index.html') throw new LadingError('E_STORE', 'the store is full')
        return memory.put(key, ...rest)
      },
    },
  })
  all.push(made)
  await made.site.sync()
  made.become({ ...FILES, 'index.html': 'new', 'photo.png': 'new' })
  isBroken = true
  await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_STORE' })
  expect(await verify(made.history(), made.run)).toMatchObject({ exit: 10, drift: 1 })
  expect(made.said).toContainEqual(expect.objectContaining({ type: 'warning', code: 'W_UNSETTLED' }))
})

it('a store to which nothing was published does not pass for a whole one', async () => {
  const made = createPublished({ files: FILES, config: MIRROR })
  all.push(made)
  const refused = { code: 'E_UNPUBLISHED', exitCode: 3 }
  await expect(verify(made.history(), made.run)).rejects.toMatchObject(refused)
})
