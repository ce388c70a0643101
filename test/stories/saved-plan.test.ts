import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type LadingConfig,
  LadingError,
  type RepairOptions,
  releases,
  resolveStore,
  type SavedPlan,
  type Store,
  type StoreOptions,
  unlock,
} from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFaultyStore, textBody } from '../rig/faulty-store.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'
import { createHandClock, type HandClock, keysOf, stateOf } from '../rig/published.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

const FILES = {
  'index.html': '<link rel="stylesheet" href="site.css"><img src="photo.png">',
  'about.html': '<img src="photo.png">',
  'site.css': 'body{background:url(photo.png)}',
  'photo.png': 'pixels',
  'robots.txt': 'User-agent: *',
}

const MODES: [string, LadingConfig][] = [
  ['mirror', MIRROR],
  ['offload --out', {}],
  ['offload --in-place', { inPlace: true }],
  ['host', { host: true }],
]

interface Planned extends Project {
  /** The file of the plan. */
  readonly planned: string
  save(config?: LadingConfig & RepairOptions): Promise<void>
  saved(): SavedPlan & Record<string, unknown>
  /** Carries the plan out. */
  apply(config?: LadingConfig & RepairOptions): ReturnType<Project['sync']>
}

function project(
  config: LadingConfig = MIRROR,
  store: Store = createMemoryStore(),
  files: Readonly<Record<string, string>> = FILES,
  clock: HandClock = createHandClock(),
): Planned {
  const made = createProject({ files, config, store, run: { clock, env: {} } })
  projects.push(made)
  const planned = made.path('p.json')
  return {
    ...made,
    planned,
    save: async (more) => void (await made.plan({ ...more, saveTo: planned })),
    saved: () => JSON.parse(made.read('p.json').toString()),
    apply: (more) => made.sync({ ...more, planned }),
  }
}

interface Watched {
  readonly inner: Store
  readonly store: Store
  readonly puts: string[]
  /** Called around each put. */
  before: (key: string) => void | Promise<void>
  after: (key: string) => void | Promise<void>
  text(key: string): Promise<string>
}

/** A store in which each put is noted, and may be preceded by a deed or refused. */
function watched(inner = createMemoryStore()): Watched {
  const made: Watched = {
    inner,
    puts: [],
    before: () => undefined,
    after: () => undefined,
    store: {
      ...inner,
      async put(key, ...rest) {
        await made.before(key)
        made.puts.push(key)
        const result = await inner.put(key, ...rest)
        await made.after(key)
        return result
      },
    },
    text: async (key) => Buffer.from((await inner.get(key))?.bytes ?? []).toString(),
  }
  return made
}

const refusal = (run: Promise<unknown>): Promise<LadingError> =>
  run.then(
    () => Promise.reject(new Error('it was carried out')),
    (error) => (error instanceof LadingError ? error : Promise.reject(error)),
  )

describe.each(MODES)('%s: a saved plan', (mode, config) => {
  it('does what it said, on an empty store and on one with a release', async () => {
    const site = project(config)
    await site.save()
    expect(await site.apply()).toMatchObject({ published: true, seq: 1 })

    site.write('site/photo.png', 'other pixels')
    site.write('site/new.txt', 'new')
    await site.save()
    const plan = site.saved()
    const summary = await site.apply()
    expect(summary).toMatchObject({ published: true, seq: 2 })
    const counted = (op: string): number => plan.changes.filter((change) => change.op === op).length
    expect(counted('add')).toBe(summary.added)
    expect(counted('change')).toBe(summary.changed)
    expect(counted('expire')).toBe(summary.expired)
    expect(await site.plan()).toMatchObject({ published: false })
  })

  it('is refused when a file has changed, and names what differs', async () => {
    const { store, puts } = watched()
    const site = project(config, store)
    await site.save()
    site.write('site/photo.png', 'other pixels')
    const error = await refusal(site.apply())
    expect(error).toMatchObject({ code: 'E_PLAN_STALE', exitCode: 3, subject: site.planned })
    expect(error.details.join('\n')).toMatch(/^add (?:a\/)?photo.*png: /m)
    expect(puts).toEqual([])
  })

  it('is refused when a page has come', async () => {
    const site = project(config)
    await site.save()
    site.write('site/more.html', '<img src="photo.png">')
    const { details } = await refusal(site.apply())
    expect(details).toEqual([
      mode.startsWith('offload') ? 'write more.html: not in the plan' : 'add more.html: not in the plan',
    ])
  })

  it('with nothing to do does nothing', async () => {
    const { store, puts } = watched()
    const site = project(config, store)
    await site.sync()
    await site.save()
    expect(site.saved()).toMatchObject({ publishes: false, changes: [], store: { seq: 1 } })
    puts.length = 0
    expect(await site.apply()).toMatchObject({ published: false, seq: 1 })
    expect(puts).toEqual([])
  })
})

describe('a saved plan', () => {
  it('adopts what lay there before', async () => {
    const site = project()
    await site.store.put('robots.txt', textBody(FILES['robots.txt']), { 'content-type': 'text/plain' })
    await site.save()
    expect(site.saved().changes.map(({ op, key }) => `${op} ${key}`)).toContain('adopt robots.txt')
    expect(await site.apply()).toMatchObject({ published: true, adopted: 1 })
  })

  it('changes headers', async () => {
    const site = project()
    await site.sync()
    const config = { headers: [{ match: 'robots.txt', cacheControl: 'no-store' }] }
    await site.save(config)
    expect(site.saved().changes).toMatchObject([{ op: 'headers', headers: { 'cache-control': 'no-store' } }])
    expect(await site.apply(config)).toMatchObject({ published: true, reheadered: 1 })
  })

  it('repairs, and only with the same flags', async () => {
    const faulty = createFaultyStore(createMemoryStore())
    const site = project({}, faulty.store)
    await site.sync()
    await faulty.lose(...(await keysOf(faulty.store, 'a/')).filter((key) => key.includes('photo')))
    await site.save({ repair: true })
    const { code, details } = await refusal(site.apply())
    expect({ code, details }).toEqual({
      code: 'E_PLAN_STALE',
      details: ['option repair: planned with true, now false'],
    })
    expect(await site.apply({ repair: true })).toMatchObject({ published: true, added: 1 })
  })
})

describe('a saved plan is refused', () => {
  it('when a file has gone', async () => {
    const site = project()
    await site.save()
    rmSync(site.path('site/robots.txt'))
    const { details } = await refusal(site.apply())
    expect(details).toEqual(['add robots.txt: planned, and not to be done now'])
  })

  it('when another release was published, by name, and even when it is the same one', async () => {
    const store = createMemoryStore()
    const [site, other] = [project(MIRROR, store), project(MIRROR, store, { ...FILES, 'robots.txt': 'theirs' })]
    await other.sync()
    await site.save()
    const { release: first } = await other.sync({ order: 5 })
    other.write('site/robots.txt', 'theirs again')
    const { release: second } = await other.sync()
    const { details } = await refusal(site.apply())
    expect(details).toEqual([`store: planned on publish 1 (${first}), now publish 2 (${second})`])

    const { release } = await site.sync()
    expect((await refusal(site.apply())).details).toEqual([
      `store: planned on publish 1 (${first}), now publish 3 (${release})`,
      'site: the release that was planned is live already',
    ])
  })

  it('when the record of the same release is another one, as after a bucket was put back', async () => {
    const site = project()
    const { release } = await site.sync()
    await site.save()
    const { store } = site.saved()
    const other = { ...store, manifest: '0'.repeat(64) }
    writeFileSync(site.planned, resealed(site.read('p.json').toString(), { store: other }))
    const { details } = await refusal(site.apply())
    expect(details).toEqual([`store: planned on publish 1 (${release}), of which it now has another record`])
  })

  it('when another channel has published', async () => {
    const site = project({ url: 'https://cdn.example.com/', out: 'out' })
    await site.save()
    await site.sync({ channel: 'next', out: 'out-next' })
    const { details } = await refusal(site.apply())
    expect(details).toEqual(['store: planned on an empty store, now publish 1 (nothing in this channel)'])
  })

  it.each<[string, LadingConfig, RegExp]>([
    ['another store', { to: './elsewhere' }, /^option target\.path: planned with ".*store", now ".*elsewhere"$/],
    [
      'another mode',
      { url: undefined, out: undefined },
      /^option delivery\.mode: planned with "offload", now "mirror"\n/,
    ],
    [
      'another address',
      { url: 'https://other.example.com/' },
      /^option delivery\.url\.href: .*"https:\/\/other\.example\.com\/"$/,
    ],
    [
      'another folder for the origin',
      { out: 'else' },
      /^option delivery\.dir: planned with "..\/out", now "..\/else"$/,
    ],
    ['another channel', { channel: 'next' }, /^option channel: planned with "production", now "next"$/],
    [
      'a rule for headers',
      { headers: [{ match: ['*.zip', '*.tar', '*.gz', '*.bz2'], cacheControl: 'no-cache' }] },
      /^option headers: not as it was planned with$/,
    ],
    ['files left out', { exclude: ['*.zip'] }, /^option exclude: planned with \[\], now \["\*\.zip"\]$/],
    ['cors', { cors: true }, /^option cors: planned with false, now true$/],
    ['no limit for removals', { maxDelete: '100%' }, /^option maxDelete\.share: planned with 0\.1, now 1\n/],
    ['another CDN to tell', { cdn: 'cloudfront:E2EXAMPLE' }, /^option cdn: planned with nothing, now \{/],
  ])('with %s, before anything is asked of the store', async (_what, other, said) => {
    const inner = createMemoryStore()
    const asked: string[] = []
    const store: Store = {
      ...inner,
      get(key, ...rest) {
        asked.push(key)
        return inner.get(key, ...rest)
      },
    }
    const site = project({ url: 'https://cdn.example.com/', out: 'out' }, store)
    await site.save()
    asked.length = 0
    const { code, details } = await refusal(site.apply(other))
    expect({ code, asked }).toEqual({ code: 'E_PLAN_STALE', asked: [] })
    expect(details.join('\n')).toMatch(said)
  })

  it('when a file has gone that another channel still names, so that nothing is to be done about it', async () => {
    const site = project({ inPlace: true }, createMemoryStore(), { ...FILES, 'extra.png': 'extra' })
    await site.sync()
    await site.sync({ channel: 'next' })
    await site.save()
    rmSync(site.path('site/extra.png'))
    const { details } = await refusal(site.apply())
    expect(details).toEqual(['site: the same changes, but another release: files were renamed or removed'])
  })
})

describe('another run that publishes in between', () => {
  it.each([
    ['before the deploy is announced', '.lading/deploys/1.json'],
    ['while files are sent', 'a/'],
    ['although the deploy is held, before the switch', '.lading/releases/'],
  ])('%s stops a saved plan, and what it published stays', async (_when, prefix) => {
    const seen = watched()
    const config = { url: 'https://cdn.example.com/', out: 'out' }
    const site = project(config, seen.store)
    const other = project(config, seen.inner, { ...FILES, 'photo.png': 'their pixels' })
    await site.save()
    seen.before = async (key) => {
      if (!key.startsWith(prefix)) return
      seen.before = () => undefined
      if (prefix === '.lading/releases/')
        await unlock({ ...storeOf(other), force: true }, { openStore: async () => seen.inner })
      await other.sync()
    }
    const { code, details } = await refusal(site.apply())
    const [release] = await releases(storeOf(site), { openStore: async () => seen.inner })
    expect({ code, details }).toEqual({
      code: 'E_PLAN_STALE',
      details: [`store: planned on an empty store, now publish 1 (${release?.id})`],
    })
    expect(release).toMatchObject({ seq: 1, live: true })
    expect(await other.plan()).toMatchObject({ published: false })
  })
})

const storeOf = ({ dir }: Project): StoreOptions =>
  resolveStore({ to: './store', cacheDir: 'cache' }, { cwd: dir, env: {} })

const ENDS = [/^(?:a\/|new\.html)/, /^\.lading\/manifests/, /^\.lading\/releases/, /^\.lading\/pointer/]

describe.each(ENDS)('a run over a saved plan that could not write %s', (end) => {
  it.each(MODES)('%s: is gone on with by the same plan', async (_mode, config) => {
    const seen = watched()
    const site = project(config, seen.store)
    await site.sync()
    site.write('site/photo.png', 'other pixels')
    site.write('site/robots.txt', 'User-agent: nobody')
    site.write('site/new.html', '<img src="photo.png">')
    rmSync(site.path('site/about.html'))
    await site.save()
    seen.before = (key) => {
      if (end.test(key)) throw new LadingError('E_STORE', 'the store is full')
    }
    expect((await refusal(site.apply())).code).toBe('E_STORE')
    seen.before = () => undefined
    expect(await site.apply()).toMatchObject({ published: true, seq: 2 })
    expect(await site.plan()).toMatchObject({ published: false })
  })
})

describe('a run over a saved plan whose process was killed', () => {
  /** The next one takes its deploy over, and the lease is over by the clock of all. */
  async function killed(): Promise<{ site: Planned; seen: ReturnType<typeof watched> }> {
    const clock = createHandClock()
    const seen = watched(createMemoryStore({ now: clock.wallMs }))
    const site = project(MIRROR, seen.store, FILES, clock)
    await site.sync()
    site.write('site/robots.txt', 'User-agent: nobody')
    site.write('site/photo.png', 'other pixels')
    await site.save()
    let isDead = false
    seen.before = (key) => {
      isDead ||= key.startsWith('.lading/manifests/')
      if (isDead) throw new LadingError('E_STORE', 'the process is gone')
    }
    await expect(site.apply()).rejects.toMatchObject({ code: 'E_STORE' })
    expect(await seen.text('robots.txt')).toBe('User-agent: nobody')
    seen.before = () => undefined
    return { site, seen }
  }

  it('is taken over by the same plan', async () => {
    const { site } = await killed()
    expect(await site.apply()).toMatchObject({ published: true, seq: 2 })
    expect(await site.plan()).toMatchObject({ published: false })
  })

  it('and that wrote once more after it had been taken over is put right', async () => {
    const { site, seen } = await killed()
    seen.after = async (key) => {
      const isPublished = key === '.lading/pointer.json' && (await seen.text(key)).includes('"seq":2')
      if (!isPublished) return
      seen.after = () => undefined
      await seen.inner.put('robots.txt', textBody('late'), { 'content-type': 'text/plain' }, {})
    }
    expect(await site.apply()).toMatchObject({ published: true, seq: 3 })
    expect(await seen.text('robots.txt')).toBe('User-agent: nobody')
  })
})

describe('the file of a plan', () => {
  it('is for its owner alone, replaces an earlier plan as a whole and leaves nothing beside it', async () => {
    const site = project()
    writeFileSync(site.planned, '')
    await site.save()
    const first = site.saved()
    site.write('site/robots.txt', 'other')
    await site.save()
    expect(site.saved()).not.toEqual(first)
    if (process.platform !== 'win32') expect(statSync(site.planned).mode & 0o777).toBe(0o600)
    expect(readdirSync(site.dir).filter((name) => name.startsWith('p.json'))).toEqual(['p.json'])
  })

  it('holds no path of this machine but the store’s, and no profile', async () => {
    const config = {
      to: 's3://site-assets/_a/?profile=deployer&region=eu-west-1',
      url: 'https://cdn.example.com/',
      out: 'out',
    }
    const site = project(config)
    await site.save()
    const text = site.read('p.json').toString()
    expect(text).not.toContain(site.dir)
    expect(text).not.toContain('deployer')
    expect(site.saved().options).toMatchObject({
      target: { kind: 's3', bucket: 'site-assets', prefix: '_a/', region: 'eu-west-1' },
      delivery: { mode: 'offload', pages: 'out', dir: '../out' },
    })
    const elsewhere = { to: 's3://site-assets/_a/?region=eu-west-1', order: 7, concurrency: 3 }
    expect(await site.plan({ ...elsewhere, planned: site.planned })).toMatchObject({ published: true })
  })

  it('says of each change what will lie there', async () => {
    const site = project()
    await site.save()
    expect(site.saved().changes.find(({ key }) => key === 'robots.txt')).toMatchObject({
      op: 'add',
      sha256: hash('sha256', FILES['robots.txt']),
      bytes: FILES['robots.txt'].length,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    })
  })

  it.each<[string, (text: string) => string, string]>([
    ['is empty', () => '', 'This file is no saved plan'],
    ['is another JSON file', () => '{ "name": "shop" }', 'This file is no saved plan'],
    ['is no text', () => '\u0000\u0001', 'This file is no saved plan'],
    ['is cut', (text) => text.slice(0, 300), 'The saved plan is damaged, or was edited'],
    ['was edited', (text) => text.replace('robots.txt', 'rabbit.txt'), 'The saved plan is damaged, or was edited'],
    ['has no changes', (text) => resealed(text, { changes: undefined }), 'The saved plan is damaged, or was edited'],
    ['has odd changes', (text) => resealed(text, { changes: [null] }), 'The saved plan is damaged, or was edited'],
    [
      'is nested deeper than any plan',
      (text) => text.replace('"v": 1', `"v": 1, "x": ${'['.repeat(20_000)}${']'.repeat(20_000)}`),
      'The saved plan is damaged, or was edited',
    ],
    [
      'is of a later form',
      (text) => resealed(text, { v: 2 }),
      'The saved plan has the form of another version of Lading',
    ],
  ])('that %s is refused, and nothing is written', async (_what, spoil, message) => {
    const { store, puts } = watched()
    const site = project(MIRROR, store)
    await site.save()
    writeFileSync(site.planned, spoil(site.read('p.json').toString()))
    expect(await refusal(site.apply())).toMatchObject({ code: 'E_PLAN', exitCode: 3, message, subject: site.planned })
    expect(puts).toEqual([])
  })

  it('that is not there, or is a folder, is refused', async () => {
    const site = project()
    expect(await refusal(site.apply())).toMatchObject({ code: 'E_PLAN', message: 'There is no such plan' })
    mkdirSync(site.planned)
    expect(await refusal(site.apply())).toMatchObject({ code: 'E_PLAN', message: 'This file is no saved plan' })
  })

  it.skipIf(process.platform === 'win32')(
    'that is a pipe is refused at once: nobody may ever write to it',
    async () => {
      const site = project()
      execFileSync('mkfifo', [site.planned])
      expect(await refusal(site.apply())).toMatchObject({ code: 'E_PLAN', message: 'This file is no saved plan' })
    },
  )

  it('from elsewhere, sealed anew, steers nothing: what it adds is not done but refused', async () => {
    const site = project()
    await site.sync()
    const before = await stateOf(site.store)
    await site.save()
    for (const change of [
      { op: 'remove', key: 'index.html' },
      { op: 'add', key: '../../etc/passwd', sha256: '00', headers: null },
      { op: 'write', key: '/etc/passwd', sha256: '00' },
      { op: 'expire', key: '\u001b[2Jrobots.txt' },
    ]) {
      writeFileSync(site.planned, resealed(site.read('p.json').toString(), { changes: [change] }))
      const { code, details } = await refusal(site.apply())
      expect(code).toBe('E_PLAN_STALE')
      expect(details).toHaveLength(1)
      expect(details[0]).toMatch(/: planned, and not to be done now$/)
      expect(details[0]).not.toContain('\u001b')
    }
    writeFileSync(site.planned, resealed(site.read('p.json').toString(), { lading: '9.9.9' }))
    expect((await refusal(site.apply())).details).toContain('lading: planned with 9.9.9, now 0.1.0')
    expect(await stateOf(site.store)).toEqual(before)
  })

  it.each<[string, string, (site: Planned, path: string) => void, string]>([
    ['over a file that is no plan', 'package.json', (site, at) => site.write(at, '{}'), 'E_PLAN'],
    ['over a folder', 'folder.json', (site, at) => mkdirSync(site.path(at)), 'E_PLAN'],
    ['into a file', 'file/p.json', (site) => site.write('file', ''), 'E_WRITE'],
    ['over a link', 'link.json', (site, at) => symlinkSync('x', site.path(at)), 'E_PLAN'],
    ['into the site', 'site/p.json', () => undefined, 'E_PLAN'],
    ['into the origin', 'out/p.json', (site) => mkdirSync(site.path('out')), 'E_PLAN'],
    ['into the site, by a link', 'way/p.json', (site) => symlinkSync('site', site.path('way')), 'E_PLAN'],
    ['into a folder that is not there', 'nowhere/p.json', () => undefined, 'E_WRITE'],
  ])('is not saved %s', async (_where, path, make, code) => {
    const site = project({ url: 'https://cdn.example.com/', out: 'out' })
    make(site, path)
    expect(await refusal(site.plan({ saveTo: site.path(path) }))).toMatchObject({ code, subject: site.path(path) })
    expect(site.events.map(({ type }) => type)).toEqual(['start'])
  })

  it('that is to lie in a folder which is not there is refused with the line that makes the folder', async () => {
    const site = project()
    const { hint } = await refusal(site.plan({ saveTo: site.path('not there/p.json') }))
    expect(hint).toContain(`mkdir -p '${site.path('not there')}'`)
  })

  it('can be looked at again: plan says whether it still holds', async () => {
    const site = project()
    await site.save()
    expect(await site.plan({ planned: site.planned })).toMatchObject({ dryRun: true, published: true })
    site.write('site/robots.txt', 'other')
    expect((await refusal(site.plan({ planned: site.planned }))).details).toEqual([
      'add robots.txt: other contents than planned',
    ])
  })
})

/** A file as somebody would write it who knows the form: its own digest fits. */
function resealed(text: string, changed: Record<string, unknown>): string {
  const { sha256: _, ...rest } = { ...JSON.parse(text), ...changed }
  return JSON.stringify({ ...rest, sha256: hash('sha256', JSON.stringify(rest)) }, null, 2)
}
