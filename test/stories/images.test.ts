import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type ImageEvent,
  type ImagesAsked,
  type LadingConfig,
  parseImageManifest,
  type Run,
  renderImages,
  resolveImages,
  type Store,
} from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { bytesBody } from '../../src/transfer/bytes-body.ts'
import { createFaultyStore } from '../rig/faulty-store.ts'
import { CHILD, photo } from '../rig/images.ts'

const MAIN = join(import.meta.dirname, '../../dist/src/cli/main.cjs')

function folderWith(files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'lading-images-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

const jpeg = async (width = 800): Promise<Buffer> => (await photo(width)).jpeg({ quality: 95 }).toBuffer()

interface World {
  readonly cwd: string
  readonly store: Store
  readonly events: ImageEvent[]
  images(asked?: Partial<ImagesAsked>, more?: Partial<Run> & { config?: LadingConfig }): ReturnType<typeof renderImages>
}

function world(cwd: string, store: Store = createMemoryStore()): World {
  const events: ImageEvent[] = []
  return {
    cwd,
    store,
    events,
    images: (asked, { config, ...run } = {}) => {
      const options = resolveImages({ to: 's3://bucket/x', ...config }, { source: 'pics', ...asked }, { cwd, env: {} })
      const emit: Run['emit'] = (event) => void (event.type === 'image' && events.push(event))
      return renderImages({ ...options, child: CHILD }, { openStore: async () => store, emit, ...run })
    },
  }
}

async function keysOf(store: Store): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const page of store.list('')) keys.push(...page.map(({ key }) => key))
  return keys
}

const manifestIn = async (store: Store) =>
  parseImageManifest((await store.get('.lading/images.json'))?.bytes ?? new Uint8Array(), 'images.json')

describe('the images of a folder', () => {
  it('are rendered once, and a second run renders and writes nothing', async () => {
    const one = await jpeg()
    const cwd = folderWith({
      'pics/a.jpg': one,
      'pics/in/twin.jpg': one,
      'pics/b.png': await (await photo(300)).png().toBuffer(),
    })
    const store = createFaultyStore(createMemoryStore())
    const { images, events } = world(cwd, store.store)
    const first = await images()
    expect(first).toMatchObject({ ok: true, exit: 0, images: 3, rendered: 2, failed: 0, left: [] })
    expect(first.visit.after).toBeLessThan(first.visit.before)
    expect(events.map(({ result }) => result).sort()).toEqual(['known', 'rendered', 'rendered'])
    const before = await keysOf(store.store)
    const { images: receipts } = await manifestIn(store.store)
    expect([...receipts.keys()]).toEqual(['a.jpg', 'b.png', 'in/twin.jpg'])
    expect(receipts.get('in/twin.jpg')).toEqual({
      ...receipts.get('a.jpg'),
      src: { ...receipts.get('a.jpg')?.src, path: 'in/twin.jpg' },
    })
    for (const receipt of receipts.values()) for (const { key } of receipt.variants) expect(before).toContain(key)
    // and all that lies there is named, or is a receipt
    expect(before.filter((key) => !/^v\/.*\.(?:avif|jpg|webp|json)$|^\.lading\/images\.json$/.test(key))).toEqual([])

    const second = await images()
    expect(second).toMatchObject({ rendered: 0, put: 0, putBytes: 0, variants: first.variants, visit: first.visit })
    expect(await keysOf(store.store)).toEqual(before)
  })

  it('that fail are named, stop nothing, and are tried again', async () => {
    const cwd = folderWith({ 'pics/good.jpg': await jpeg(), 'pics/bad.png': '<html>', 'pics/logo.svg': '<svg/>' })
    const { images, store } = world(cwd)
    const result = await images()
    expect(result).toMatchObject({
      ok: false,
      exit: 6,
      rendered: 1,
      failed: 1,
      failures: [{ path: 'bad.png', code: 'E_IMAGE_FORMAT', message: 'it is an HTML page' }],
      left: ['logo.svg'],
    })
    const manifest = await manifestIn(store)
    expect([...manifest.images.keys(), ...manifest.failures.keys()]).toEqual(['good.jpg', 'bad.png'])
    writeFileSync(join(cwd, 'pics/bad.png'), await (await photo(300)).png().toBuffer())
    expect(await images()).toMatchObject({ exit: 0, rendered: 1, failed: 0 })
  })

  it('that cannot be read, or are gone by then, are failures of their own', async () => {
    const store = createMemoryStore()
    for (const key of ['a.jpg', 'gone.jpg']) await store.put(key, bytesBody(await jpeg()), {})
    const get: Store['get'] = async (key, options) => (key === 'gone.jpg' ? undefined : store.get(key, options))
    const { images } = world(folderWith({}), { ...store, get })
    const failures = [{ path: 'gone.jpg', code: 'E_UNREADABLE', message: 'an image is gone' }]
    expect(await images({ source: 's3://other/site' })).toMatchObject({ exit: 6, rendered: 1, failures })
    expect([...(await manifestIn(store)).failures.keys()]).toEqual(['gone.jpg'])
  })

  it('of a folder in which some cannot be taken are rendered; those are failures, and their names need be no keys', async () => {
    const cwd = folderWith({ 'pics/a.jpg': await jpeg(), 'pics/two\nlines.jpg': await jpeg(300) })
    symlinkSync('nowhere.jpg', join(cwd, 'pics/dead.jpg'))
    symlinkSync('/etc/hostname', join(cwd, 'pics/out.jpg'))
    const { images, store } = world(cwd)
    expect(await images()).toMatchObject({
      exit: 6,
      images: 4,
      rendered: 2,
      failures: [
        { path: 'dead.jpg', code: 'E_UNREADABLE', message: 'it is a link that leads nowhere' },
        {
          path: 'out.jpg',
          code: 'E_UNREADABLE',
          message: 'it is a link out of the folder',
        },
      ],
    })
    expect([...(await manifestIn(store)).images.keys()]).toEqual(['a.jpg', 'two\nlines.jpg'])
  })

  it('by a recipe of the configuration, with the manifest in a file too', async () => {
    const { images, cwd, store } = world(folderWith({ 'pics/a.jpg': await jpeg() }))
    const config = { images: { recipes: { small: { widths: [64], formats: { webp: {} } } } } }
    const result = await images({ recipe: 'small', manifest: 'made.json' }, { config })
    const manifest = parseImageManifest(readFileSync(join(cwd, 'made.json')), 'made.json')
    expect(manifest).toEqual(await manifestIn(store))
    expect(manifest.recipe).toBe(result.recipe)
    expect(manifest.images.get('a.jpg')?.variants).toMatchObject([{ width: 64, height: 48, format: 'webp' }])
  })

  it.each([
    ['another file', 'pics/notes.txt', 'E_OUT'],
    ['a folder', 'pics', 'E_WRITE'],
    ['a file in a folder that is not there', 'none/made.json', 'E_WRITE'],
  ])(
    'whose manifest would be written over or into %s: refused before anything is rendered',
    async (_, manifest, code) => {
      const { images, cwd, store } = world(folderWith({ 'pics/a.jpg': await jpeg(), 'pics/notes.txt': 'notes' }))
      await expect(images({ manifest })).rejects.toMatchObject({
        code,
        subject: join(cwd, manifest),
        hint: expect.any(String),
      })
      expect(await keysOf(store)).toEqual([])
      expect(readFileSync(join(cwd, 'pics/notes.txt'), 'utf8')).toBe('notes')
    },
  )

  it('replace the manifest of an earlier run, and an empty file', async () => {
    const { images, cwd } = world(folderWith({ 'pics/a.jpg': await jpeg(), 'made.json': '' }))
    await images({ recipe: 'thumb', manifest: 'made.json' })
    await images({ manifest: 'made.json' })
    expect(parseImageManifest(readFileSync(join(cwd, 'made.json')), 'made.json').images.size).toBe(1)
  })

  it('over the limits of the configuration are failures, without being read', async () => {
    const { images } = world(folderWith({ 'pics/a.jpg': await jpeg() }))
    const config = { images: { limits: { bytes: 100 } } }
    expect(await images({}, { config })).toMatchObject({ exit: 6, failures: [{ code: 'E_IMAGE_BYTES' }] })
  })

  it('a receipt that is damaged is made again, from variants that are there', async () => {
    const { images, store } = world(folderWith({ 'pics/a.jpg': await jpeg() }))
    await images()
    const [receipt = ''] = (await keysOf(store)).filter((key) => key.endsWith('.json') && key.startsWith('v/'))
    await store.put(receipt, bytesBody(Buffer.from('{"v":1')), { 'content-type': 'application/json' })
    expect(await images()).toMatchObject({ rendered: 1, put: 0 })
    expect(await images()).toMatchObject({ rendered: 0 })
  })

  it('a stop leaves no manifest; the next run goes on', async () => {
    const { images, store } = world(folderWith({ 'pics/a.jpg': await jpeg(), 'pics/b.jpg': await jpeg(801) }))
    const stop = new AbortController()
    const emit: Run['emit'] = (event) => {
      if (event.type === 'image') stop.abort(new Error('enough'))
    }
    await expect(images({}, { signal: stop.signal, emit })).rejects.toThrow('enough')
    expect((await keysOf(store)).filter((key) => key.startsWith('.lading/'))).toEqual([])
    const result = await images()
    expect(result.exit).toBe(0)
    expect(result.rendered).toBeLessThan(2)
  })
})

it('of a file, which is no folder, none are looked for', async () => {
  const { images } = world(folderWith({ 'pics/a.jpg': await jpeg() }))
  const hint = expect.stringContaining('lading images ')
  await expect((async () => images({ source: 'pics/a.jpg' }))()).rejects.toMatchObject({ code: 'E_ROOT_NOT_DIR', hint })
})

it('the images of a store are rendered into another, without what Lading made', async () => {
  const store = createMemoryStore()
  for (const key of ['pics/a.jpg', 'v/ab/x/y-1.jpg', '.lading/blobs/x.jpg']) {
    await store.put(key, bytesBody(await jpeg()), { 'content-type': 'image/jpeg' })
  }
  const { images } = world(folderWith({}), store)
  expect(await images({ source: 's3://other/site' })).toMatchObject({ images: 1, rendered: 1 })
  expect((await manifestIn(store)).images.get('pics/a.jpg')?.src.key).toBe('pics/a.jpg')
})

describe('what cannot be right is refused', () => {
  const refused = (config: LadingConfig, asked: Partial<ImagesAsked> = {}) => {
    const cwd = folderWith({ 'pics/x': '' })
    return () => resolveImages({ to: 'store', ...config }, { source: 'pics', ...asked }, { cwd, env: {} })
  }
  it.each<[LadingConfig, Partial<ImagesAsked>, object]>([
    [{}, { recipe: 'weeb' }, { code: 'E_USAGE', hint: 'Did you mean "web"?' }],
    [
      { images: { recipes: { a: { widths: [0] } } } },
      { recipe: 'a' },
      { code: 'E_CONFIG', subject: 'images.recipes.a.widths' },
    ],
    [{ images: { limits: { pixels: -1 } } }, {}, { code: 'E_CONFIG', subject: 'images.limits.pixels' }],
    [{ to: 'pics/store' }, {}, { code: 'E_ROOT_DANGEROUS' }],
  ])('%j %j', (config, asked, expected) => {
    expect(refused(config, asked)).toThrow(expect.objectContaining(expected))
  })

  it('an option of images that is unknown', () => {
    const images: object = { recipe: {} }
    expect(refused({ images })).toThrow(
      expect.objectContaining({ code: 'E_CONFIG', message: expect.stringContaining('"recipes"') }),
    )
  })

  it.each([
    ['a folder that is empty', {}, /^It is empty; images are files/, /Name the folder/],
    [
      'a folder with other files',
      { 'a.txt': 'x', 'b.svg': 'x' },
      /has files \(2\), and none is an image/,
      /Name the fol/,
    ],
    ['a filter that leaves no image', { 'a.txt': 'x', 'b.jpg': 'x' }, /images \(1\), .* leave all of them/, /filter/],
  ])('%s, in words for images', async (_, files, why, hint) => {
    const folder = folderWith(files)
    const { images } = world(folder)
    const error = await images({ source: folder }, { config: { exclude: ['*.jpg'] } }).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'E_ROOT_EMPTY', exitCode: 3, message: 'there are no images to render' })
    expect(error).toMatchObject({ why: expect.stringMatching(why), hint: expect.stringMatching(hint) })
  })
})

it('I12: the command takes any file name, and no shell sees it', async () => {
  const names = ['-rf.jpg', '$(touch hacked);.jpg', '`touch hacked`.jpg', "it's a 'name'.jpg"]
  const bytes = await jpeg(400)
  const cwd = folderWith(Object.fromEntries(names.map((name) => [`pics/${name}`, bytes])))
  const argv = ['images', 'pics', '--to', 'store', '--recipe', 'thumb', '--json']
  const { status, stdout } = spawnSync(process.execPath, [MAIN, ...argv], { cwd, encoding: 'utf8', env: { HOME: cwd } })
  const records = stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  expect(status).toBe(0)
  expect(records.at(-1)).toMatchObject({ type: 'summary', ok: true, images: 4, rendered: 1 })
  expect(records.filter((record) => JSON.stringify(record).includes('"image"'))).toHaveLength(4)
  expect(spawnSync('ls', [], { cwd, encoding: 'utf8' }).stdout).toBe('pics\nstore\n')
})

it('the command says where the manifest went, and who reads it', async () => {
  const cwd = folderWith({ 'pics/a.jpg': await jpeg(400), 'work/empty': '' })
  const argv = ['images', '../pics', '--to', '../store', '--recipe', 'thumb', '--manifest', 'made.json']
  const { stderr } = spawnSync(process.execPath, [MAIN, ...argv], {
    cwd: join(cwd, 'work'),
    encoding: 'utf8',
    env: { HOME: cwd },
  })
  expect(stderr).toMatch(/^ok: 1 image, 1 rendered;.*\n {2}wrote made\.json, which sync --pictures reads\n$/s)
})
