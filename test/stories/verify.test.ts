import { hash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { imageManifestKey } from '../../src/batch/plan/keys.ts'
import { type Receipt, receiptBytes } from '../../src/images/plan/receipt.ts'
import { receiptKeyOf } from '../../src/images/plan/recipe.ts'
import { variantHeaders } from '../../src/images/variant-headers.ts'
import {
  type LadingConfig,
  LadingError,
  remove,
  type Store,
  type Target,
  type Verification,
  type VerifyOptions,
  verify,
} from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { bytesBody } from '../../src/transfer/bytes-body.ts'
import { createFaultyStore, type FaultyStore } from '../rig/faulty-store.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, type Published, stateOf } from '../rig/published.ts'
import { manifestOf, receiptOf } from '../rig/receipts.ts'

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

describe('what was rendered of images', () => {
  const [ours, others] = [receiptOf({ bytes: 'pixels' }), receiptOf({ bytes: 'others' })]
  const variant = ours.variants[0]?.key ?? ''

  /** Puts variants as a render does. */
  async function render(store: Store, receipts: readonly Receipt[]): Promise<void> {
    for (const { key, bytes, format } of receipts.flatMap(({ variants }) => variants)) {
      await store.put(key, bytesBody(Buffer.alloc(bytes, 'x')), variantHeaders(format))
    }
  }
  const putJson = (store: Store, key: string, bytes: Uint8Array) => store.put(key, bytesBody(bytes), {})

  /** Where what was made is written down: each of them alone is enough. */
  const PLACES: [string, (store: Store) => Promise<unknown>][] = [
    ['the image manifest', (store) => putJson(store, '.lading/images.json', manifestOf({ 'photo.png': ours }))],
    ['a receipt beside it', (store) => putJson(store, receiptKeyOf(ours.src.sha256, ours.recipe), receiptBytes(ours))],
    ['the manifest of a batch', (store) => putJson(store, imageManifestKey('b1'), manifestOf({ 'photo.png': ours }))],
  ]

  it.each(PLACES)("is looked at with the rest when %s names it, and is nobody else's", async (_place, write) => {
    const { look, drift, store } = await published({ host: true })
    await render(store, [ours])
    await write(store)
    const before = await stateOf(store)
    expect(await look({ download: true })).toMatchObject({ ok: true, variants: ours.variants.length, foreign: 0 })
    expect(drift()).toEqual([])
    expect(await stateOf(store)).toEqual(before)
  })

  it.each(PLACES)('is missed when %s names it and it is gone, in a sample too', async (_place, write) => {
    const { look, drift, store, lose } = await published({ host: true })
    await render(store, [ours])
    await write(store)
    await lose(variant)
    expect(await look({ sample: 0 })).toMatchObject({ exit: 10, drift: 1, variants: 1 })
    expect(drift()).toEqual([`missing ${variant}: it is not there`])
  })

  it.each(PLACES)('is looked at where there is no site, and %s names it', async (_place, write) => {
    const made = createPublished({ files: FILES, config: MIRROR })
    all.push(made)
    await render(made.store, [ours])
    await write(made.store)
    expect(await verify(made.history(), made.run)).toMatchObject({ ok: true, objects: 0, variants: 3, foreign: 0 })
    await made.store.remove([variant])
    expect(await verify(made.history(), made.run)).toMatchObject({ exit: 10, drift: 1, variants: 3 })
  })

  it('does not make a store whole that has lost what says which site was published there', async () => {
    const { look, store } = await published({ host: true })
    await render(store, [ours])
    await putJson(store, '.lading/images.json', manifestOf({ 'photo.png': ours }))
    await store.remove(['.lading/pointer.json'])
    await expect(look()).rejects.toMatchObject({ code: 'E_UNPUBLISHED' })
  })

  it('is told of when somebody has edited it, or served it otherwise', async () => {
    const { look, drift, store, edit } = await published({ host: true })
    await render(store, [ours])
    await putJson(store, '.lading/images.json', manifestOf({ 'photo.png': ours }))
    const [first = '', second = '', third = ''] = ours.variants.map(({ key }) => key)
    await edit(first, 'y')
    await edit(second, 'much longer')
    await store.reheader(third, { 'content-type': 'image/jpeg', 'cache-control': 'no-store' })
    expect(await look()).toMatchObject({ exit: 10, drift: 3 })
    expect(drift().sort()).toEqual(
      [
        `content ${first}: somebody else has put it`,
        `content ${second}: it has 11 bytes, not 1`,
        `headers ${third}: cache-control is "no-store", not "public, max-age=31536000, immutable"`,
      ].sort(),
    )
  })

  it('that has rotted is found by who reads it', async () => {
    const { look, drift, store, rot } = await published({ host: true })
    await render(store, [ours])
    await putJson(store, '.lading/images.json', manifestOf({ 'photo.png': ours }))
    rot(variant)
    expect(await look()).toMatchObject({ ok: true })
    expect(await look({ download: true })).toMatchObject({ exit: 10, drift: 1 })
    expect(drift()).toEqual([`content ${variant}: its bytes are not those that its digest promises`])
  })

  it('by a batch and taken down whole since is missed by nobody', async () => {
    const { look, store } = await published({ host: true })
    await render(store, [others])
    await putJson(store, imageManifestKey('b1'), manifestOf({ 'photo.png': ours, 'other.png': others }))
    expect(await look()).toMatchObject({ ok: true, variants: others.variants.length })
  })

  it('is not taken for what a site has put under such a name itself', async () => {
    const { look, site, drift } = await published({ host: true })
    site.write('site/b/gallery/images.json', '["a gallery of the site"]')
    await site.sync()
    expect(await look()).toMatchObject({ ok: true, variants: 0 })
    expect(drift()).toEqual([])
  })

  it('and taken down since is missed by nobody', async () => {
    const { look, drift, store, history, run } = await published({ host: true })
    const earlier = receiptOf({ bytes: 'a picture that the site had once' })
    await render(store, [earlier, others])
    await putJson(store, '.lading/images.json', manifestOf({ 'earlier.png': earlier, 'other.png': others }))
    await remove({ ...history(), subject: earlier.variants[0]?.key ?? '', now: true }, run)
    expect(await look()).toMatchObject({ ok: true, variants: others.variants.length })
    expect(drift()).toEqual([])
  })

  it('and is written down where nobody can read it is told', async () => {
    const { look, drift, store } = await published({ host: true })
    const receipt = receiptKeyOf(ours.src.sha256, ours.recipe)
    await putJson(store, receipt, Buffer.from('{'))
    await putJson(store, '.lading/images.json', Buffer.from('{}'))
    expect(await look()).toMatchObject({ exit: 10, drift: 2 })
    expect(drift()).toEqual([
      'state .lading/images.json: the image manifest cannot be read',
      `state ${receipt}: the receipt of an image cannot be read`,
    ])
  })

  it('is known from a state in another store too', async () => {
    const other = createMemoryStore()
    const { history, run, store, lose } = await published({ host: true })
    await render(store, [ours])
    await lose(variant)
    for await (const page of store.list('.lading/')) {
      for (const { key } of page) {
        const found = await store.get(key)
        if (found) await other.put(key.slice('.lading/'.length), bytesBody(found.bytes), found.headers)
      }
    }
    await putJson(other, 'images.json', manifestOf({ 'photo.png': ours }))
    const openStore = async (target: Target): Promise<Store> =>
      target.kind === 'folder' && target.path.endsWith('state') ? other : store
    expect(await verify({ ...history({ state: './state' }) }, { ...run, openStore })).toMatchObject({
      exit: 10,
      drift: 1,
      variants: ours.variants.length,
    })
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
