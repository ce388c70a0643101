import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { endChannel, type LadingConfig, prune, releases, resolveConfig, rollback, sync } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { startCloudflare } from '../rig/cloudflare.ts'
import { createFaultyStore } from '../rig/faulty-store.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, keysOf, type Published } from '../rig/published.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})
const FILES = { 'index.html': '<img src="photo.png">', 'photo.png': 'pixels', 'about.html': 'about' }

describe('a CDN is told about what comes back under its name', () => {
  async function world() {
    const cdn = await startCloudflare()
    onTestFinished(cdn.close)
    const faulty = createFaultyStore(createMemoryStore())
    const config = {
      ...MIRROR,
      site: 'https://www.example.com',
      cdn: `cloudflare:${cdn.zone}?endpoint=${cdn.endpoint}`,
    }
    const made = createPublished({
      files: FILES,
      store: faulty.store,
      config,
      run: { env: { CLOUDFLARE_API_TOKEN: cdn.token } },
    })
    all.push(made)
    return { cdn, faulty, made, config }
  }
  it('adopted objects, whose headers change, are purged', async () => {
    const { cdn, faulty, made } = await world()
    await faulty.edit('photo.png', 'pixels')
    await made.site.sync()
    expect(cdn.purges.flat()).toContain('https://www.example.com/photo.png')
  })
  it('mended objects are purged', async () => {
    const { cdn, faulty, made, config } = await world()
    await made.site.sync()
    await faulty.edit('photo.png', 'PIXELS')
    const options = resolveConfig(
      { root: 'site', to: './store', cacheDir: 'cache', ...config },
      { cwd: made.site.dir, env: {} },
    )
    await sync({ ...options, repair: true }, made.run)
    expect(cdn.purges.flat()).toContain('https://www.example.com/photo.png')
  })
  it('pages that a rollback brings back are purged', async () => {
    const { cdn, made } = await world()
    await made.site.sync()
    made.become({ 'index.html': FILES['index.html'], 'photo.png': 'pixels' })
    await made.site.sync()
    const before = cdn.purges.flat().length
    expect(before).toBeGreaterThan(0)
    await rollback(made.history(), made.run)
    expect(cdn.purges.flat().slice(before)).toContain('https://www.example.com/about.html')
  })
})
it('a channel that is published again after its end keeps its history', async () => {
  const made = createPublished({ files: FILES })
  all.push(made)
  await made.site.sync({ channel: 'preview' })
  await endChannel({ ...made.history(), name: 'preview' }, made.run)
  made.become({ ...FILES, 'photo.png': 'other' })
  await made.site.sync({ channel: 'preview' })
  await prune(made.history(), made.run)
  expect((await releases(made.history(), made.run)).length).toBe(2)
})
it('a manifest that is damaged in the store is made anew also where this machine has a copy', async () => {
  const faulty = createFaultyStore(createMemoryStore())
  const made = createPublished({ files: FILES, store: faulty.store, config: MIRROR })
  all.push(made)
  await made.site.sync()
  const [manifest = ''] = await keysOf(made.store, '.lading/manifests/')
  faulty.rot(manifest)
  const config: LadingConfig = { root: 'site', to: './store', cacheDir: 'cache', ...MIRROR }
  expect(
    await sync({ ...resolveConfig(config, { cwd: made.site.dir, env: {} }), repair: true }, made.run),
  ).toMatchObject({ published: true })
})
it('a rollback brings the headers of hashed names back too', async () => {
  const made = createPublished({ files: FILES })
  all.push(made)
  await made.site.sync()
  made.site.write('site/index.html', '<img src="photo.png">2')
  await made.site.sync({ headers: [{ match: '**/*.png', cacheControl: 'public, max-age=600' }] })
  await rollback(made.history(), made.run)
  const [key = ''] = (await made.keys()).filter((k) => k.endsWith('.png'))
  expect((await made.store.head(key))?.headers['cache-control']).toContain('immutable')
})
it('a channel whose live release has lost its record is named by the repair that lets go of it', async () => {
  const faulty = createFaultyStore(createMemoryStore())
  const made = createPublished({ files: FILES, store: faulty.store })
  all.push(made)
  const { release } = await made.site.sync({ channel: 'preview' })
  made.become({ ...FILES, 'photo.png': 'other' })
  await made.site.sync()
  await faulty.lose(`.lading/releases/${release}.json`)
  const config: LadingConfig = {
    root: 'site',
    to: './store',
    url: 'https://cdn.example.com/',
    out: 'out',
    cacheDir: 'cache',
  }
  await sync({ ...resolveConfig(config, { cwd: made.site.dir, env: {} }), repair: true }, made.run)
  expect(made.said).toContainEqual(expect.objectContaining({ code: 'W_CHANNEL_LOST', items: ['preview'] }))
})
it('a site whose pages come back into the store leaves none there that it has lost meanwhile', async () => {
  const made = createPublished({ files: FILES, config: { url: 'https://cdn.example.com/' } })
  all.push(made)
  await made.site.sync({ host: true })
  await made.site.sync({ out: 'out' })
  made.become({ 'index.html': FILES['index.html'], 'photo.png': 'pixels' })
  expect(await made.site.sync({ host: true })).toMatchObject({ published: true, removed: 1 })
  expect(await made.text('about.html')).toBeUndefined()
})
