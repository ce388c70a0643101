import { afterEach, describe, expect, it } from 'vitest'
import { type LadingConfig, LadingError, prune, releases, remove, type Store, verify } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'
import { createPublished, type Published } from '../rig/published.ts'

const projects: { remove(): void }[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

/** A store that fails to take one key, while it is told to. */
function failing(): { store: Store; failOn: (key: string | undefined) => void; puts: string[] } {
  const memory = createMemoryStore()
  const puts: string[] = []
  let broken: string | undefined
  return {
    puts,
    failOn: (key) => {
      broken = key
    },
    store: {
      ...memory,
      put: async (key, ...rest) => {
        if (key === broken) throw new LadingError('E_STORE', 'the store is full')
        puts.push(key)
        return memory.put(key, ...rest)
      },
    },
  }
}

const FIRST = { 'a.js': 'first a', 'index.html': 'first page' }

async function text(store: Store, key: string): Promise<string> {
  return Buffer.from((await store.get(key))?.bytes ?? []).toString()
}

describe.each<[string, LadingConfig]>([
  ['mirror', MIRROR],
  ['host', { host: true }],
])('%s: after a run that wrote some files and failed', (_mode, config) => {
  async function halfDone(): Promise<{ site: Project; puts: string[]; failOn: (key: string | undefined) => void }> {
    const { store, failOn, puts } = failing()
    const site = createProject({ files: FIRST, store, config })
    projects.push(site)
    await site.sync()
    site.write('site/a.js', 'second a')
    site.write('site/index.html', 'second page')
    failOn('index.html')
    await expect(site.sync()).rejects.toMatchObject({ code: 'E_STORE' })
    expect(await text(store, 'a.js')).toBe('second a')
    failOn(undefined)
    puts.length = 0
    return { site, puts, failOn }
  }

  it('the same files again finish it, and what had arrived is not sent again', async () => {
    const { site, puts } = await halfDone()
    expect(await site.sync()).toMatchObject({ published: true, seq: 2 })
    expect(await text(site.store, 'index.html')).toBe('second page')
    expect(puts).not.toContain('a.js')
    expect(await site.sync()).toMatchObject({ published: false, bytes: 0 })
  })

  it('the files of before put everything back', async () => {
    const { site } = await halfDone()
    for (const [path, content] of Object.entries(FIRST)) site.write(`site/${path}`, content)
    expect(await site.sync()).toMatchObject({ published: true })
    expect(await text(site.store, 'a.js')).toBe('first a')
    expect(await text(site.store, 'index.html')).toBe('first page')
    expect(await site.sync()).toMatchObject({ published: false })
  })

  it('a third state is what ends up there', async () => {
    const { site } = await halfDone()
    site.write('site/a.js', 'third a')
    await site.sync()
    expect(await text(site.store, 'a.js')).toBe('third a')
    expect(await text(site.store, 'index.html')).toBe('second page')
  })

  it('keys of two failures in a row are both looked at', async () => {
    const { site, failOn } = await halfDone()
    site.write('site/b.js', 'b')
    failOn('index.html')
    await expect(site.sync()).rejects.toMatchObject({ code: 'E_STORE' })
    failOn(undefined)
    for (const [path, content] of Object.entries(FIRST)) site.write(`site/${path}`, content)
    await site.sync()
    expect(await text(site.store, 'a.js')).toBe('first a')
    expect(await text(site.store, 'b.js')).toBe('b')
  })
})

describe('a page that only the run which failed has brought', () => {
  const LIVE = { 'index.html': 'first page' }

  async function withNewPage(): Promise<Published> {
    const { store, failOn } = failing()
    const made = createPublished({ files: { ...LIVE, 'old.txt': 'old' }, store, config: MIRROR })
    projects.push(made)
    await made.site.sync()
    made.become(LIVE)
    await made.site.sync()
    made.become({ 'index.html': 'second page', 'embargoed.html': 'not before Monday' })
    failOn('index.html')
    await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_STORE' })
    expect(await made.text('embargoed.html')).toBe('not before Monday')
    failOn(undefined)
    made.become(LIVE)
    return made
  }

  it('goes when the files of before are deployed again, once', async () => {
    const made = await withNewPage()
    expect(await made.site.sync()).toMatchObject({ published: true, removed: 1 })
    expect(await made.keys()).toEqual(['index.html', 'old.txt'])
    expect(await made.site.sync()).toMatchObject({ published: false, removed: 0 })
  })

  it.each<[string, (made: Published) => Promise<unknown>]>([
    ['prune', (made) => prune(made.history(), made.run)],
    ['remove', (made) => remove({ ...made.history(), subject: 'old.txt', now: true }, made.run)],
  ])('goes then also when a %s has settled the deploy meanwhile', async (_command, settle) => {
    const made = await withNewPage()
    await settle(made)
    await made.site.sync()
    expect(await made.text('embargoed.html')).toBeUndefined()
    expect(await made.text('index.html')).toBe('first page')
  })
})

it.each<[string, LadingConfig]>([
  ['mirror', MIRROR],
  ['host', { host: true }],
])('%s: a run that was told to stop gives its deploy up, so that the next one does not wait', async (_mode, config) => {
  const memory = createMemoryStore()
  const stop = new AbortController()
  const store: Store = {
    ...memory,
    async put(key, ...rest) {
      if (key === 'index.html') stop.abort(new LadingError('E_ABORTED', 'stopped by SIGTERM'))
      return memory.put(key, ...rest)
    },
  }
  const stopped = createProject({ files: FIRST, store, config, run: { signal: stop.signal } })
  const said: string[] = []
  const next = createProject({ files: FIRST, store: memory, config, run: { emit: ({ type }) => said.push(type) } })
  projects.push(stopped, next)
  await expect(stopped.sync()).rejects.toMatchObject({ code: 'E_ABORTED' })
  expect(JSON.parse(await text(memory, '.lading/deploys/1.json'))).toMatchObject({ phase: 'publish', holder: '' })
  expect(await next.sync({ lockTimeoutSeconds: 0 })).toMatchObject({ published: true, seq: 1 })
  expect(said).not.toContain('wait')
  expect(await text(memory, 'index.html')).toBe('first page')
})

it('a name that carries a hash is not given to other bytes, and the plan says so too', async () => {
  const record = JSON.stringify({
    v: 1,
    bundler: 'test',
    url: 'https://cdn.example.com/',
    cors: true,
    rewritten: true,
    files: [['app-12345678.js', 'a/app-12345678.js', true]],
    origin: [],
    sent: [],
  })
  const files = { 'app-12345678.js': 'one', 'index.html': '', '.lading/build.json': record }
  const site = createProject({ files, config: { cors: true } })
  projects.push(site)
  await site.sync()
  site.write('site/app-12345678.js', 'two')
  await expect(site.plan()).rejects.toMatchObject({ code: 'E_IMMUTABLE_CONFLICT', details: ['app-12345678.js'] })
})

it('another channel that publishes in between does not settle what it did not look at', async () => {
  const { store, failOn } = failing()
  const site = createProject({ files: FIRST, store, config: { ...MIRROR, channel: 'live' } })
  const preview = createProject({
    files: { 'index.html': '<img src="x.png">', 'x.png': 'x' },
    store,
    config: { channel: 'preview' },
  })
  projects.push(site, preview)
  await site.sync()
  site.write('site/a.js', 'second a')
  site.write('site/index.html', 'second page')
  failOn('index.html')
  await expect(site.sync()).rejects.toMatchObject({ code: 'E_STORE' })
  failOn(undefined)
  expect(await preview.sync()).toMatchObject({ published: true, seq: 2 })
  for (const [path, content] of Object.entries(FIRST)) site.write(`site/${path}`, content)
  await site.sync()
  expect(await text(store, 'a.js')).toBe('first a')
  expect(await text(store, 'index.html')).toBe('first page')
})

it('its release is listed as one that was not published, whatever comes after it', async () => {
  const { store, failOn } = failing()
  const made = createPublished({ files: FIRST, store })
  projects.push(made)
  const published = async () => (await releases(made.history(), made.run)).map(({ id, ...of }) => [id, of.published])
  const first = await made.site.sync()
  made.become({ ...FIRST, 'a.js': 'second a' })
  failOn('.lading/pointer.json')
  await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_STORE' })
  failOn(undefined)
  expect(await published()).toEqual([
    [expect.stringMatching(/^r2-/), false],
    [first.release, true],
  ])
  made.become({ ...FIRST, 'a.js': 'third a' })
  const third = await made.site.sync()
  expect(await published()).toEqual([
    [third.release, true],
    [expect.stringMatching(/^r2-/), false],
    [first.release, true],
  ])
})

describe('a mirrored site has a folder `a/` of its own: after a run that wrote some of it and failed', () => {
  const files = (time: string) => ({
    'a/app.js': `${time} app`,
    'a/old.html': `${time} old`,
    'index.html': `${time} page`,
  })

  async function halfDone(isFirst: boolean) {
    const { store, failOn } = failing()
    const made = createPublished({ files: files('first'), store, config: MIRROR })
    projects.push(made)
    if (!isFirst) await made.site.sync()
    if (!isFirst) made.become(files('second'))
    failOn('index.html')
    await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_STORE' })
    failOn(undefined)
    return made
  }

  it.each([
    ['at the first deploy', true],
    ['later', false],
  ])('%s: a third state is what ends up there, and a page that is gone goes', async (_when, isFirst) => {
    const made = await halfDone(isFirst)
    expect(await text(made.store, 'a/app.js')).toBe(`${isFirst ? 'first' : 'second'} app`)
    made.become({ 'a/app.js': 'third app', 'index.html': 'third page' })
    expect(await made.site.sync()).toMatchObject({ published: true })
    expect(await text(made.store, 'a/app.js')).toBe('third app')
    expect(await made.keys()).toEqual(['a/app.js', 'index.html'])
    expect(await verify(made.history(), made.run)).toMatchObject({ ok: true })
  })
})
