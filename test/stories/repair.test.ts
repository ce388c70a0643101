import { hash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { contactSheetKey, LEADER_KEY, originalKey } from '../../src/batch/plan/keys.ts'
import {
  channels,
  type LadingConfig,
  LadingError,
  plan,
  prune,
  releases,
  resolveConfig,
  rollback,
  type Store,
  type Summary,
  sync,
  verify,
} from '../../src/index.ts'
import { createFolderStore } from '../../src/store/folder/folder.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { withPrefix } from '../../src/store/wrappers/with-prefix.ts'
import { createFaultyStore, type FaultyStore, textBody } from '../rig/faulty-store.ts'
import { createProject, MIRROR } from '../rig/project.ts'
import { createPublished, keysOf, type Published, stateOf } from '../rig/published.ts'
import { receiptOf } from '../rig/receipts.ts'

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

interface Watched extends Published, FaultyStore {
  repair(how?: { readonly download?: boolean; readonly dryRun?: boolean; readonly cacheDir?: string }): Promise<Summary>
  /** Kinds and keys of what `verify` still finds. */
  drift(): Promise<string[]>
  hashedKey(stem: string): Promise<string>
}

async function published(config: LadingConfig, store: Store = createMemoryStore()): Promise<Watched> {
  const faulty = createFaultyStore(store)
  const made = createPublished({ files: FILES, config, store: faulty.store })
  all.push(made)
  await made.site.sync()
  const places = { root: 'site', to: './store', cacheDir: 'cache', url: 'https://cdn.example.com/' }
  const origin = 'host' in config || 'url' in config ? {} : { out: 'out' }
  return {
    ...made,
    ...faulty,
    async repair({ dryRun = false, cacheDir = 'cache', ...how } = {}) {
      const options = resolveConfig({ ...places, ...origin, ...config, cacheDir }, { cwd: made.site.dir, env: {} })
      return (dryRun ? plan : sync)({ ...options, ...how, repair: true }, made.run)
    },
    async drift() {
      made.history()
      await verify({ ...made.history(), download: true }, made.run)
      return made.said.flatMap((event) => (event.type === 'drift' ? [`${event.kind} ${event.key}`] : []))
    },
    async hashedKey(stem) {
      return (await made.keys()).find((key) => key.startsWith(`a/${stem}.`)) ?? ''
    },
  }
}

const MODES: [string, LadingConfig][] = [
  ['mirror', MIRROR],
  ['offload', {}],
  ['host', { host: true }],
]

it.each(MODES)('%s: what is whole is left as it is', async (_mode, config) => {
  const { repair, store } = await published(config)
  const before = await stateOf(store)
  expect(await repair({ download: true })).toMatchObject({ published: false, added: 0, changed: 0, bytes: 0 })
  expect(await stateOf(store)).toEqual(before)
})

describe.each(MODES)('%s: objects that differ are mended, and nothing else is sent', (_mode, config) => {
  const isHashed = config !== MIRROR
  const targetOf = async ({ hashedKey }: Watched): Promise<string> => (isHashed ? hashedKey('photo') : 'photo.png')

  it('one that is missing', async () => {
    const made = await published(config)
    const key = await targetOf(made)
    await made.lose(key)
    expect(await made.site.sync()).toMatchObject({ published: false }) // it believes the manifest
    expect(await made.repair({ dryRun: true })).toMatchObject({ added: 1, published: true })
    expect(await made.repair()).toMatchObject({ added: 1, changed: 0, bytes: 6, published: true })
    expect(await made.drift()).toEqual([])
  })

  it('one that somebody has edited', async () => {
    const made = await published(config)
    const key = await targetOf(made)
    await made.edit(key, 'PIXELS')
    expect(await made.repair({ dryRun: true })).toMatchObject({ changed: 1, published: true })
    expect(await made.repair()).toMatchObject({ added: 0, changed: 1, bytes: 6, published: true })
    expect(await made.text(key)).toBe('pixels')
    expect(await made.drift()).toEqual([])
  })

  it('one whose bytes have rotted, when every byte is read', async () => {
    const made = await published(config)
    const key = await targetOf(made)
    made.rot(key)
    expect(await made.repair()).toMatchObject({ published: false })
    expect(await made.drift()).toEqual([`content ${key}`])
    expect(await made.repair({ download: true })).toMatchObject({ changed: 1, bytes: 6, published: true })
    expect(await made.drift()).toEqual([])
  })

  it('one with other headers, whose bytes stay', async () => {
    const made = await published(config)
    const key = await targetOf(made)
    await made.store.reheader(key, { 'content-type': 'image/png', 'cache-control': 'no-store' })
    expect(await made.repair()).toMatchObject({ reheadered: 1, changed: 0, bytes: 0, published: true })
    expect(await made.drift()).toEqual([])
  })
})

it.each(MODES.filter(([, config]) => config !== MIRROR))(
  '%s: other contents under a hashed name that no manifest knows yet',
  async (_mode, config) => {
    const repainted = { ...FILES, 'photo.png': 'repainted' }
    const made = await published(config)
    const twin = await published(config)
    twin.become(repainted)
    await twin.site.sync()
    const before = await made.keys()
    const key = (await twin.keys()).find((one) => one.startsWith('a/photo.') && !before.includes(one)) ?? ''

    made.become(repainted)
    await made.edit(key, 'not this')
    await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_IMMUTABLE_CONFLICT' })
    expect(await made.repair()).toMatchObject({ published: true })
    expect(await made.text(key)).toBe('repainted')
    expect(await made.drift()).toEqual([])
  },
)

it('an older version of ours at its own path is replaced', async () => {
  const made = await published(MIRROR)
  await made.store.put('photo.png', textBody('older!'), { 'content-type': 'image/png' })
  expect(await made.repair()).toMatchObject({ changed: 1, published: true })
  expect(await made.text('photo.png')).toBe('pixels')
  expect(await made.drift()).toEqual([])
})

it('another version with other headers, of a file that the site has no more, is recorded at once', async () => {
  const made = await published(MIRROR)
  rmSync(made.site.path('site/robots.txt'))
  await made.site.sync()
  await made.store.put('robots.txt', textBody('User-agent: x'), { 'content-type': 'x/y', 'cache-control': 'no-store' })
  await made.repair()
  expect(await made.drift()).toEqual([])
})

describe.each([
  ['on the machine that published', 'cache'],
  ['on another machine', 'another'],
])('parts of the state that are lost are made anew, %s', (_where, cacheDir) => {
  const stateKey = async ({ store }: Published, kind: string): Promise<string> =>
    (await keysOf(store, `.lading/${kind}`)).at(-1) ?? ''

  it.each(MODES)('%s: the manifest', async (_mode, config) => {
    const made = await published(config)
    await made.lose(await stateKey(made, 'manifests/'))
    await expect(made.drift()).rejects.toMatchObject({ code: 'E_MANIFEST' })
    expect(await made.repair({ cacheDir })).toMatchObject({ published: true, bytes: 0 })
    expect(await made.drift()).toEqual([])
    expect(await made.site.sync()).toMatchObject({ published: false })
  })

  it.each(MODES)('%s: the record of the live release', async (_mode, config) => {
    const made = await published(config)
    await made.lose(await stateKey(made, 'releases/'))
    expect(await made.repair({ cacheDir })).toMatchObject({ published: true, bytes: 0 })
    expect(await made.drift()).toEqual([])
    expect(await made.site.sync({ cacheDir: 'a third' })).toMatchObject({ published: false })
  })

  it.each(MODES)('%s: the pointer, damaged', async (_mode, config) => {
    const made = await published(config)
    made.rot('.lading/pointer.json')
    await expect(made.site.sync({ cacheDir })).rejects.toMatchObject({ code: 'E_MANIFEST' })
    expect(await made.repair({ cacheDir })).toMatchObject({ published: true, bytes: 0 })
    expect(await made.drift()).toEqual([])
    expect(await made.site.sync({ cacheDir: 'a third' })).toMatchObject({ published: false })
  })
})

it.each(MODES)('%s: a damaged manifest is made anew on a machine without a copy', async (_mode, config) => {
  const made = await published(config)
  const [manifest = ''] = await keysOf(made.store, '.lading/manifests/')
  made.rot(manifest)
  await expect(made.site.sync({ cacheDir: 'another' })).rejects.toMatchObject({ code: 'E_MANIFEST', exitCode: 7 })
  expect(await made.repair({ cacheDir: 'another' })).toMatchObject({ published: true, bytes: 0 })
  expect(await made.drift()).toEqual([])
})

describe('after a pointer was made anew', () => {
  const POINTER = '.lading/pointer.json'
  it.each([
    ['damaged', (made: Watched) => made.rot(POINTER)],
    ['gone', (made: Watched) => made.lose(POINTER)],
  ])('that was %s, earlier releases can be put back, and other channels keep what they name', async (_how, harm) => {
    const made = await published({})
    const { release } = await made.site.sync()
    await made.site.sync({ channel: 'preview' })
    made.become({ ...FILES, 'photo.png': 'second', 'robots.txt': 'second' })
    await made.site.sync()
    await harm(made)
    expect(await made.repair({ cacheDir: 'another' })).toMatchObject({ published: true, bytes: 0, expired: 0 })
    expect(await made.drift()).toEqual([])
    expect(await made.site.sync()).toMatchObject({ published: false })
    await rollback({ ...made.history(), id: release }, made.run)
    const first = made.site.read('out/index.html').toString()
    const images = (await made.keys()).filter((key) => first.includes(key) && key.startsWith('a/photo.'))
    expect(await Promise.all(images.map(made.text))).toEqual(['pixels'])
  })

  it('a page that the site has lost meanwhile goes, as after any deploy', async () => {
    const made = await published(MIRROR)
    made.become({ ...FILES, 'old.html': 'old', 'data.csv': 'd' })
    await made.site.sync()
    rmSync(made.site.path('site/old.html'))
    rmSync(made.site.path('site/data.csv'))
    const [, manifest = ''] = await keysOf(made.store, '.lading/manifests/')
    await made.lose(manifest)
    expect(await made.repair({ cacheDir: 'another' })).toMatchObject({ published: true, removed: 1, expired: 1 })
    expect(await made.text('old.html')).toBeUndefined()
    expect(await made.text('data.csv')).toBe('d')
    expect(await made.text(`.lading/blobs/${hash('sha256', 'old')}`)).toBe('old')
  })
})

it('objects of somebody else stay what they are when the manifest is made anew', async () => {
  const made = await published(MIRROR)
  await made.edit('theirs.html', 'theirs')
  const [manifest = ''] = await keysOf(made.store, '.lading/manifests/')
  await made.lose(manifest)
  await made.repair({ cacheDir: 'another' })
  expect(await made.text('theirs.html')).toBe('theirs')
  expect((await verify(made.history(), made.run)).foreign).toBe(1)
})

it('another site below this one stays what it is when the manifest is made anew', async () => {
  const made = await published(MIRROR)
  const blog = createProject({ files: FILES, config: MIRROR, store: withPrefix(made.store, 'blog/') })
  onTestFinished(blog.remove)
  await blog.sync()
  const theirs = await keysOf(made.store, 'blog/')
  const [manifest = ''] = await keysOf(made.store, '.lading/manifests/')
  await made.lose(manifest)
  expect(await made.repair({ cacheDir: 'another' })).toMatchObject({ published: true, removed: 0, expired: 0 })
  made.become({ ...FILES, 'index.html': 'another front' })
  await made.site.sync({ maxDelete: '100%' })
  expect(await keysOf(made.store, 'blog/')).toEqual(theirs)
})

it.each(MODES)(
  '%s: what was rendered, and what batches keep, is no part of a site whose manifest is made anew',
  async (_mode, config) => {
    const made = await published(config)
    const { src, variants } = receiptOf({ bytes: 'a photograph' })
    const bulk = [
      ...variants.map(({ key }) => key),
      originalKey(src.sha256, 'jpg'),
      contactSheetKey('first'),
      LEADER_KEY,
    ]
    for (const key of bulk) await made.store.put(key, textBody(key), {})
    const [manifest = ''] = await keysOf(made.store, '.lading/manifests/')
    await made.lose(manifest)
    expect(await made.repair({ cacheDir: 'another' })).toMatchObject({ published: true, removed: 0, expired: 0 })
    // The first prune only notes what nobody names.
    await prune(made.history(), made.run)
    made.clock.passDays(400)
    await prune(made.history(), made.run)
    expect(await keysOf(made.store)).toEqual(expect.arrayContaining(bulk))
  },
)

it('a pointer that is gone is no reason to send anything again', async () => {
  const made = await published(MIRROR)
  await made.lose('.lading/pointer.json')
  expect(await made.repair()).toMatchObject({ published: true, bytes: 0 })
  expect(await made.drift()).toEqual([])
})

it('bytes that a folder store has lost are found and put there again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lading-lost-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const made = await published(MIRROR, createFolderStore({ path: folder }))
  const bodies = readdirSync(join(folder, 'objects')).filter((name) => /^(?:photo|robots)/.test(name))
  expect(bodies).toHaveLength(2)
  const [photo = '', robots = ''] = bodies.sort()
  rmSync(join(folder, 'objects', photo))
  truncateSync(join(folder, 'objects', robots), 4)
  expect(await made.drift()).toEqual(['content photo.png', 'content robots.txt'])
  expect(await made.repair()).toMatchObject({ changed: 2, kept: 2 })
  expect([await made.text('photo.png'), await made.text('robots.txt')]).toEqual(['pixels', 'User-agent: *'])
})

it.each(['pointer', 'manifests', 'releases'])(
  'a part of the state that a folder store has cut is made anew: %s',
  async (part) => {
    const folder = mkdtempSync(join(tmpdir(), 'lading-lost-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const made = await published(MIRROR, createFolderStore({ path: folder }))
    const bodies = readdirSync(join(folder, 'objects'), { recursive: true }).map(String)
    const torn = bodies.filter((name) => name.includes('.lading') && name.includes(part) && name.includes('json'))
    expect(torn).toHaveLength(1)
    for (const name of torn) truncateSync(join(folder, 'objects', name), 20)
    const found = verify({ ...made.history({ cacheDir: 'elsewhere' }) }, made.run).catch((error) => error)
    expect(await found).toMatchObject(part === 'releases' ? { ok: false } : { code: 'E_MANIFEST', exitCode: 7 })
    expect(await made.repair({ cacheDir: 'elsewhere' })).toMatchObject({ published: true, bytes: 0 })
    expect(await made.drift()).toEqual([])
  },
)

it('bytes that a folder store has lost stop no repair of a file that has changed meanwhile', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lading-lost-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const made = await published(MIRROR, createFolderStore({ path: folder }))
  for (const name of readdirSync(join(folder, 'objects')))
    if (/^photo/.test(name)) rmSync(join(folder, 'objects', name))
  made.become({ ...FILES, 'photo.png': 'other pixels' })
  await expect(made.site.sync()).rejects.toMatchObject({
    code: 'E_INTEGRITY',
    hint: expect.stringContaining('--repair'),
  })
  expect(await made.repair()).toMatchObject({ changed: 1 })
  expect(await made.text('photo.png')).toBe('other pixels')
  expect(await made.drift()).toEqual([])
})

describe('a release whose deploy failed behind its record', () => {
  /** Its deploys fail at the pointer while they are to. */
  async function failing(config: LadingConfig) {
    const inner = createMemoryStore()
    let [isDown, isBlind, isMute] = [false, false, false]
    let pointersLeft = Number.POSITIVE_INFINITY
    const made = await published(config, {
      ...inner,
      async head(key, ...rest) {
        if (isBlind) throw new LadingError('E_ACCESS_DENIED', 'nothing is looked at')
        return inner.head(key, ...rest)
      },
      async put(key, ...rest) {
        if (isDown && key === '.lading/pointer.json') throw new LadingError('E_ACCESS_DENIED', 'no pointer is taken')
        const result = await inner.put(key, ...rest)
        if (key !== '.lading/pointer.json') return result
        isBlind = --pointersLeft === 0
        if (isMute) throw new LadingError('E_TIMEOUT', 'no answer')
        return result
      },
    })
    const fail = async (more: LadingConfig = {}): Promise<void> => {
      made.become({ ...FILES, 'photo.png': 'never published' })
      isDown = true
      await expect(made.site.sync(more)).rejects.toMatchObject({ code: 'E_ACCESS_DENIED' })
      isDown = false
      made.become({ ...FILES, 'photo.png': 'third' })
    }
    /** It publishes, and then cannot look back at what the one before may have changed late. */
    const failLate = async (): Promise<void> => {
      pointersLeft = 2 // it takes over, then it publishes
      await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_ACCESS_DENIED' })
      isBlind = false
    }
    /** It publishes, and never hears of it. */
    const succeedUnheard = async (): Promise<void> => {
      made.become({ ...FILES, 'photo.png': 'second' })
      isMute = true
      await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_TIMEOUT' })
      isMute = false
      made.become({ ...FILES, 'photo.png': 'third' })
    }
    return { ...made, fail, failLate, succeedUnheard, releases: () => releases(made.history(), made.run) }
  }

  it.each(MODES)('%s: is not taken for the live one when the pointer is made anew', async (_mode, config) => {
    const made = await failing(config)
    const [first] = await made.releases()
    await made.fail()
    expect(await keysOf(made.store, '.lading/releases/')).toHaveLength(2)
    made.rot('.lading/pointer.json')
    const { release } = await made.repair({ cacheDir: 'another' })
    const known = await made.releases()
    expect(known.find(({ id }) => id === release)).toMatchObject({ live: true, previous: first?.id })
  })

  it.each(MODES)('%s: but one whose run never heard that it was published is', async (_mode, config) => {
    const made = await failing(config)
    await made.succeedUnheard()
    const [unheard] = await made.releases()
    expect(unheard).toMatchObject({ seq: 2, live: true })
    made.rot('.lading/pointer.json')
    const { release } = await made.repair({ cacheDir: 'another' })
    const known = await made.releases()
    expect(known.find(({ id }) => id === release)).toMatchObject({ live: true, previous: unheard?.id })
  })

  it('nor where another channel has published under its number', async () => {
    const made = await failing({})
    const { release } = await made.site.sync({ channel: 'preview' })
    await made.fail({ channel: 'preview' })
    await made.site.sync()
    made.rot('.lading/pointer.json')
    await made.repair({ cacheDir: 'another' })
    const known = await channels(made.history(), made.run)
    expect(known.find(({ name }) => name === 'preview')).toMatchObject({ release })
  })

  it('is the live one where the deploy failed only behind the pointer', async () => {
    const made = await failing(MIRROR)
    await made.fail()
    made.clock.pass(1000)
    await made.failLate()
    const late = (await made.releases()).find(({ live }) => live)
    expect(late).toMatchObject({ seq: 2 })
    made.rot('.lading/pointer.json')
    const { release } = await made.repair({ cacheDir: 'another' })
    expect((await made.releases()).find(({ id }) => id === release)).toMatchObject({ previous: late?.id })
  })

  it('is kept where its channel has no other: rather too much than too little', async () => {
    const made = await failing({})
    await made.fail({ channel: 'preview' })
    made.rot('.lading/pointer.json')
    await made.repair({ cacheDir: 'another' })
    expect((await channels(made.history(), made.run)).map(({ name }) => name)).toContain('preview')
  })
})
