import { mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LadingConfig, LadingEvent, Store } from '../../src/index.ts'
import type { Run } from '../../src/line/run.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { bytesBody } from '../../src/transfer/bytes-body.ts'
import { type Clock, SYSTEM_CLOCK } from '../../src/transfer/lease.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'

const FILES = {
  'index.html': '<link rel="stylesheet" href="a.css"><img src="x.png">',
  'a.css': 'a{background:url(x.png)}',
  'img/x.png': 'x',
  'robots.txt': 'User-agent: *',
}

const HOST: LadingConfig = { host: true }

interface Site extends Project {
  /** Keys asked for in the last run. */
  readonly gets: string[]
  /** Called before the store is asked. */
  onGet: (key: string) => void | Promise<void>
  /** Where the next run finds its credentials. */
  env: Readonly<Record<string, string>>
  /** Syncs without this machine's copies of the state, so that whoever needs the manifest has to ask for it. */
  syncAgain(config?: LadingConfig): ReturnType<Project['sync']>
  /** Whether the last run read the manifest, as everybody does who decides on files. */
  looked(): boolean
}

const sites: Site[] = []
afterAll(() => {
  for (const site of sites) site.remove()
})

function site(config: LadingConfig, more: Run = {}): Site {
  const gets: string[] = []
  const inner: Store = createMemoryStore()
  const store: Store = {
    ...inner,
    get: async (key, ...rest) => {
      gets.push(key)
      await made.onGet(key)
      return inner.get(key, ...rest)
    },
  }
  const run = {
    tellsKept: false,
    ...more,
    get env() {
      return made.env
    },
  }
  const project = createProject({ files: FILES, config, store, run })
  const made: Site = {
    ...project,
    gets,
    env: {},
    onGet: () => undefined,
    async syncAgain(more) {
      for (const name of readdirSync(project.path('cache')))
        if (name.startsWith('state-')) rmSync(project.path(`cache/${name}`), { recursive: true })
      gets.length = 0
      return project.sync(more)
    },
    looked: () => gets.some((key) => key.startsWith('.lading/manifests/')),
  }
  sites.push(made)
  return made
}

/** The file system's own time has to pass: stamps of what changed within the last two seconds prove nothing. */
async function untilSettled(folder: string): Promise<void> {
  const probe = join(folder, 'probe')
  const writtenMs = (): number => {
    writeFileSync(probe, '')
    return statSync(probe).mtimeMs
  }
  const started = writtenMs()
  while (writtenMs() - started < 2100) await new Promise((resolve) => setTimeout(resolve, 50))
}

/** Time that stands still but for one leap, after it was asked for first. */
function slowAtFirst(): Clock {
  let asked = 0
  return { ...SYSTEM_CLOCK, monotonicMs: () => (asked++ === 0 ? 0 : 5000) }
}

type Change = (site: Site) => unknown

/** What makes the next run look at the site, and what it then has to have found. */
const CHANGES: readonly (readonly [what: string, change: Change, found: Partial<Record<string, unknown>>])[] = [
  ['other bytes of the same length', (at) => at.write('site/img/x.png', 'y'), { changed: 1, published: true }],
  [
    'other bytes under a time that was put back',
    (at) => {
      const before = statSync(at.path('site/img/x.png'))
      at.write('site/img/x.png', 'z')
      utimesSync(at.path('site/img/x.png'), before.atime, before.mtime)
    },
    { changed: 1, published: true },
  ],
  ['a new file', (at) => at.write('site/img/new.png', 'n'), { added: 1, published: true }],
  ['a file that is gone', (at) => rmSync(at.path('site/robots.txt')), { expired: 1, published: true }],
  [
    'a file that was renamed',
    (at) => renameSync(at.path('site/robots.txt'), at.path('site/humans.txt')),
    { added: 1, expired: 1 },
  ],
  ['a file that must not be uploaded any more', (at) => at.write('site/.ladingignore', 'robots.txt\n'), { expired: 1 }],
  ['the times of a file', (at) => utimesSync(at.path('site/a.css'), 1, 1), { kept: 4, published: false }],
  ['a link', (at) => symlinkSync('x.png', at.path('site/img/y.png')), { added: 1, published: true }],
]

describe('a site that has not changed', () => {
  const changed = new Map(CHANGES.map(([what]) => [what, site(MIRROR)]))
  const mirror = site(MIRROR)
  const host = site(HOST)
  const told = site(MIRROR, { tellsKept: true })
  const offload = site({})
  const linked = site(MIRROR)
  const options = site(MIRROR)
  const credentials = site(MIRROR)
  const others = site(MIRROR)
  const owing = site(MIRROR)
  const damaged = site(MIRROR)
  const dead = site(MIRROR)
  const deadLater = site(MIRROR)
  const distant = site(MIRROR)
  const hasty = site(MIRROR)
  const brisk = site(MIRROR)
  const untidy = site(MIRROR)
  const fresh = site(MIRROR)
  const late = site(MIRROR)
  const fleeting = site(MIRROR, { clock: slowAtFirst() })
  let leapMs = 0
  const waited = site(MIRROR, { clock: { ...SYSTEM_CLOCK, monotonicMs: () => leapMs } })

  beforeAll(async () => {
    symlinkSync('x.png', linked.path('site/img/y.png'))
    await untilSettled(mirror.dir)
    fresh.write('site/fresh.txt', 'written a moment ago')
    const laterS = Date.now() / 1000 + 3600 // a moment ago, however long the syncs before take
    utimesSync(fresh.path('site/fresh.txt'), laterS, laterS)
    // there when the plan is made, which begins as the pointer is asked for, and neither before nor after
    for (const at of [late, fleeting]) at.onGet = () => at.write('site/draft.html', 'a draft')
    for (const at of sites) await at.sync()
    for (const at of [late, fleeting]) {
      at.onGet = () => undefined
      rmSync(at.path('site/draft.html'))
    }
  }, 30_000)

  it.each([
    ['mirror', mirror],
    ['host', host],
  ])('costs two requests right after the deploy, and says what a look would say (%s)', async (_, at) => {
    const answered = await at.syncAgain()
    expect(at.gets).toEqual(['.lading/pointer.json', '.lading/deploys/2.json'])
    const said = [...at.events]
    rmSync(at.path('cache'), { recursive: true })
    mkdirSync(at.path('cache'))
    const looked = await at.syncAgain()
    expect(at.looked()).toBe(true)
    expect(timeless(answered)).toEqual(timeless(looked))
    expect(said.map(timeless)).toEqual(at.events.map(timeless))
    expect(answered).toMatchObject({ published: false, added: 0, changed: 0 })
  })

  it.each(['.lading/pointer.json', '.lading/deploys/2.json'])(
    'is asked for both at once: %s may be answered last',
    async (last) => {
      let others = 0
      const answered = new Promise<void>((resolve) => {
        distant.onGet = (key) => {
          if (key !== last) {
            others += 1
            resolve()
          }
          return key === last ? answered : undefined
        }
      })
      await distant.syncAgain()
      expect([others, distant.looked()]).toEqual([1, false])
    },
  )

  it.each([
    ['asked to tell of every file', told],
    ['with pages at an origin, which may have changed as well', offload],
    ['with links, whose ends no stamp of the site tells of', linked],
    ['with a file that was written a moment before', fresh],
  ])('is looked at all the same when it is %s', async (_, at) => {
    await at.syncAgain()
    expect(at.looked()).toBe(true)
  })

  it.each(CHANGES)('is looked at again after %s', async (what, change, found) => {
    const at = changed.get(what) ?? site(MIRROR)
    await at.syncAgain()
    expect(at.looked()).toBe(false)
    change(at)
    expect(await at.syncAgain()).toMatchObject(found)
    expect(at.looked()).toBe(true)
  })

  it('is published as it was looked at when a file comes a moment later, and looked at again', async () => {
    expect(await late.store.get('draft.html')).toBeUndefined()
    expect(await late.syncAgain()).toMatchObject({ published: false })
    expect(late.looked()).toBe(true)
  })

  it('is read anew when the look was long ago, and looked at again when a file was there then, and is gone', async () => {
    expect((await fleeting.store.get('draft.html'))?.bytes).toBeDefined()
    expect(await fleeting.syncAgain()).toMatchObject({ published: true })
    expect(fleeting.looked()).toBe(true)
  })

  it('is read anew when the store took long to say that another run has begun', async () => {
    await announceIn(waited.store)
    waited.onGet = (key) => {
      if (!key.endsWith('deploys/2.json')) return
      waited.onGet = () => undefined
      leapMs = 5000
      waited.write('site/new.txt', 'written meanwhile')
    }
    await waited.syncAgain()
    expect(await waited.store.get('new.txt')).toBeDefined()
  })

  it('is looked at again for other options and for another channel', async () => {
    const headers = [{ match: '**/*.css', cacheControl: 'public, max-age=60' }]
    expect(await options.syncAgain({ headers })).toMatchObject({ reheadered: 1 })
    await expect(options.syncAgain({ channel: 'preview' })).rejects.toThrow(/channel/)
  })

  it('costs two requests, too, when it was published a moment after it had changed', async () => {
    await hasty.syncAgain()
    hasty.write('site/img/x.png', 'written a moment ago')
    await hasty.sync()
    hasty.gets.length = 0
    expect(await hasty.sync()).toMatchObject({ published: false })
    expect(hasty.gets).toEqual(['.lading/pointer.json', '.lading/deploys/3.json'])
  })

  it('is asked for both at once, too, after it was published a moment after it had changed', async () => {
    brisk.write('site/img/x.png', 'written a moment ago')
    await brisk.sync()
    let answer = (): void => undefined
    const asked = new Promise<void>((resolve) => {
      answer = resolve
    })
    brisk.onGet = (key) => (key.endsWith('deploys/3.json') ? answer() : asked)
    expect(await brisk.sync()).toMatchObject({ published: false })
  })

  it('is published also where the mark that it has overtaken cannot be replaced', async () => {
    await untidy.syncAgain()
    const mark = readdirSync(untidy.path('cache')).find((name) => name.startsWith('up-to-date-')) ?? 'no mark'
    untidy.onGet = () => {
      untidy.onGet = () => undefined
      rmSync(untidy.path(`cache/${mark}`))
      mkdirSync(untidy.path(`cache/${mark}`)) // which no file replaces
    }
    untidy.write('site/img/x.png', 'written a moment ago')
    expect(await untidy.sync()).toMatchObject({ published: true })
    expect(await untidy.sync()).toMatchObject({ published: false })
  })

  it('is searched again when other credentials are in force', async () => {
    await credentials.syncAgain()
    expect(credentials.looked()).toBe(false)
    credentials.env = { AWS_ACCESS_KEY_ID: 'AKIAQ7HB2L5N3D6V1R9T', AWS_SECRET_ACCESS_KEY: 'k'.repeat(40) }
    await credentials.syncAgain()
    expect(credentials.looked()).toBe(true)
  })

  it('is looked at no more where a CDN is to be told of something, and this run has none', async () => {
    const key = '.lading/pointer.json'
    const pointer = JSON.parse(Buffer.from((await owing.store.get(key))?.bytes ?? []).toString())
    const bytes = Buffer.from(JSON.stringify({ ...pointer, owed: [{ seq: 1, paths: ['/x.png'] }] }))
    await owing.store.put(key, bytesBody(bytes), {})
    await owing.syncAgain()
    expect(owing.looked()).toBe(false)
  })

  it('is looked at again when somebody else has published', async () => {
    const elsewhere = createProject({ files: { ...FILES, 'a.css': 'b{}' }, config: MIRROR, store: others.store })
    await elsewhere.sync()
    elsewhere.remove()
    expect(await others.syncAgain()).toMatchObject({ changed: 1, published: true })
  })

  it('is looked at again when somebody else has published, and nobody could read any more how', async () => {
    const elsewhere = createProject({ files: { ...FILES, 'a.css': 'b{}' }, config: MIRROR, store: damaged.store })
    await elsewhere.sync()
    elsewhere.remove()
    await damaged.store.put('.lading/deploys/2.json', bytesBody(Buffer.from('damaged')), {})
    expect(await damaged.syncAgain()).toMatchObject({ changed: 1, published: true })
  })

  it('is looked at again when a run has died in between', async () => {
    await dieIn(dead.store)
    expect(await dead.syncAgain()).toMatchObject({ published: true })
    expect((await dead.store.get('a.css'))?.bytes).toEqual(new Uint8Array(Buffer.from(FILES['a.css'])))
  })

  it('is looked at again when a run has died after others, and none of them was there a moment before', async () => {
    deadLater.onGet = async (key) => {
      if (!key.endsWith('pointer.json')) return
      deadLater.onGet = () => undefined
      for (const changes of [{ 'robots.txt': '#' }, {}]) {
        const elsewhere = createProject({ files: { ...FILES, ...changes }, config: MIRROR, store: deadLater.store })
        await elsewhere.sync()
        elsewhere.remove()
      }
      await dieIn(deadLater.store)
    }
    expect(await deadLater.syncAgain()).toMatchObject({ published: true })
    expect((await deadLater.store.get('a.css'))?.bytes).toEqual(new Uint8Array(Buffer.from(FILES['a.css'])))
  })
})

/** Leaves what a run leaves that has written its files and died before the pointer moved. */
async function dieIn(store: Store): Promise<void> {
  const dying: Store = {
    ...store,
    put: (key, ...rest) =>
      key.endsWith('pointer.json') ? Promise.reject(new Error('killed')) : store.put(key, ...rest),
  }
  const killed = createProject({ files: { ...FILES, 'a.css': 'c{}' }, config: MIRROR, store: dying })
  await expect(killed.sync()).rejects.toThrow('killed')
  killed.remove()
}

/** Leaves what a run leaves that has announced itself and died before it took the deploy. */
async function announceIn(store: Store): Promise<void> {
  const before = await store.get('.lading/deploys/1.json')
  const { seq: _, ...record } = JSON.parse(Buffer.from(before?.bytes ?? []).toString())
  const announced = JSON.stringify({ ...record, seq: 2, phase: 'upload', keys: [], holder: '' })
  await store.put('.lading/deploys/2.json', bytesBody(Buffer.from(announced)), {}, { when: 'absent' })
}

function timeless<T extends object | LadingEvent>(value: T): T {
  return 'ms' in value ? { ...value, ms: 0 } : value
}
