import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type LadingConfig,
  type LadingEvent,
  openStore,
  type Run,
  resolveConfig,
  resolveStore,
  sync,
  unlock,
  verify,
} from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'
import type { KinName } from '../rig/s3-kin.ts'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'

const projects: Project[] = []
const servers: StrictS3[] = []
afterEach(async () => {
  for (const project of projects.splice(0)) project.remove()
  for (const server of servers.splice(0)) await server.close()
})

const FILES = { 'index.html': '<img src="x.png">', 'x.png': 'x', 'about.html': 'about' }
const POINTER = '.lading/pointer.json'

function project(options: Parameters<typeof createProject>[0] = {}): Project {
  const made = createProject({ files: FILES, config: MIRROR, ...options })
  projects.push(made)
  return made
}

/** A site on a strict S3 of some kind. */
async function onS3(profile: KinName, clockOffsetMs = 0) {
  const s3 = await startStrictS3({ bucket: 'site-assets', profile, clockOffsetMs, allowedPrefix: 'p/' })
  servers.push(s3)
  const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
  const to = `s3://site-assets/p/?region=us-east-1&endpoint=${encodeURIComponent(s3.endpoint)}`
  const site = project({ config: { to }, run: { env, openStore } })
  const config = (more: LadingConfig = {}): LadingConfig => ({ root: 'site', to, cacheDir: 'cache', ...more })
  const run = (more: Run = {}): Run => ({ env, ...more })
  const options = (more: LadingConfig = {}) => resolveConfig(config(more), { cwd: site.dir, env })
  return { s3, site, run, options, state: () => resolveStore(config(), { cwd: site.dir, env }) }
}

describe('two at once', () => {
  it('G01: a second deploy waits, and says at its end who holds the first and how to unlock it', async () => {
    const { s3, site, run, options } = await onS3('aws')
    await sync(options(), run())
    site.write('site/index.html', 'second')
    const hold = s3.holdAt({ op: 'PutObject', key: 'p/index.html' })
    const first = sync(options({ channel: 'production', order: 'ci:41' }), run())
    await hold.reached
    const events: LadingEvent[] = []
    const emit = (event: LadingEvent): number => events.push(event)
    const second = sync(options({ lockTimeoutSeconds: 1, cacheDir: 'other' }), run({ emit }))
    await expect(second).rejects.toMatchObject({
      code: 'E_LOCKED',
      exitCode: 8,
      details: [
        expect.stringMatching(/^d2 {2}channel production {2}ci #41 {2}started .* ago, last sign of life .* ago$/),
      ],
      hint: expect.stringContaining('lading unlock d2'),
    })
    expect(events).toContainEqual(expect.objectContaining({ type: 'wait', deploy: 'd2', channel: 'production' }))
    hold.release()
    await first
  })

  it('G02: a holder that is silent for longer than its lease is taken over; what it writes afterwards is refused', async () => {
    const { s3, site, run, options } = await onS3('aws')
    await sync(options(), run())
    site.write('site/index.html', 'of the silent one')
    const hold = s3.holdAt({ op: 'PutObject', key: 'p/index.html' })
    const silent = sync(options({ cacheDir: 'other' }), run({ clock: STOPPED }))
    await hold.reached
    s3.setClockOffset(60_000)
    for (const [path, text] of Object.entries(FILES)) site.write(`next/${path}`, text)
    site.write('next/index.html', 'of the next one')
    expect(await sync(options({ root: 'next' }), run())).toMatchObject({ published: true, seq: 2 })
    asleep = true
    hold.release()
    await expect(silent).rejects.toMatchObject({ code: 'E_LOCK_LOST', exitCode: 8 })
    asleep = false
    expect(s3.objects().get('p/index.html')?.bytes.toString()).toBe('of the next one')
  })
})

/** A machine that was asleep since: the time has passed by its wall clock alone. */
const started = Date.now()
let asleep = false
const STOPPED = {
  wallMs: () => (asleep ? started + 3_600_000 : Date.now()),
  monotonicMs: () => performance.now(),
  sleep: async () => undefined,
}

describe.each<[string, KinName]>([
  ['G03: a store that ignores conditions', 'deaf'],
  ['G04: a store that answers 501 to conditions', 'plain501'],
])('%s', (row, kin) => {
  it(`${row} is found out by the probe, and the run says that its lock is advisory`, async () => {
    const { site, run, options, state } = await onS3(kin)
    const events: LadingEvent[] = []
    expect(await sync(options(), run({ emit: (event) => events.push(event) }))).toMatchObject({ published: true })
    const codes = events.flatMap((event) => (event.type === 'warning' ? [event.code] : []))
    expect(codes).toContain('W_LOCK_ADVISORY')
    site.write('site/index.html', 'second')
    expect(await sync(options(), run())).toMatchObject({ published: true, changed: 1 })
    expect(await sync(options(), run())).toMatchObject({ published: false })
    expect(await verify({ ...state(), download: true }, run())).toMatchObject({ ok: true })
  })
})

describe('the disk of the machine', () => {
  it('G08: a cache that cannot be written costs a warning, not the deploy', async () => {
    const site = project()
    writeFileSync(site.path('cache'), 'a file where the cache belongs')
    expect(await site.sync()).toMatchObject({ published: true })
    expect(site.warned('W_CACHE')).toHaveLength(1)
    const warning = site.events.find((event) => event.type === 'warning' && event.code === 'W_CACHE')
    expect(warning).toMatchObject({ fix: expect.stringContaining('`cacheDir`') })
    expect(await site.sync()).toMatchObject({ published: false })
  })

  it.each<[string, (file: string) => void]>([
    ['truncated', (file) => writeFileSync(file, readFileSync(file).subarray(0, statSync(file).size / 2))],
    [
      'flipped',
      (file) =>
        writeFileSync(
          file,
          readFileSync(file).map((byte, at) => (at % 7 === 3 ? byte ^ 1 : byte)),
        ),
    ],
    ['emptied', (file) => writeFileSync(file, '')],
    ['of another version', (file) => writeFileSync(file, '{"v":999}')],
  ])('G09: a cache that is %s is made anew and never believed over the store', async (_how, spoil) => {
    const site = project()
    await site.sync()
    for (const file of filesBelow(site.path('cache'))) spoil(file)
    expect(await site.sync()).toMatchObject({ published: false, bytes: 0 })
    site.write('site/x.png', 'y')
    expect(await site.sync()).toMatchObject({ published: true, changed: 1 })
  })

  it('G14: two builds that write into the root while it is synced fail that file, and nothing is published', async () => {
    const memory = createMemoryStore()
    const site = project({
      store: {
        ...memory,
        put: async (key, body, ...rest) => {
          if (key === 'x.png') site.write('site/x.png', 'the other build was here')
          return memory.put(key, body, ...rest)
        },
      },
    })
    await expect(site.sync()).rejects.toMatchObject({ code: 'E_SOURCE_CHANGED', exitCode: 6 })
    expect(await memory.get(POINTER)).toBeUndefined()
    expect(await memory.get('index.html')).toBeUndefined()
  })
})

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

describe('the state and the objects, when somebody else has touched them', () => {
  it('G10: a manifest that cannot be read stops the run, and a repair makes it anew from what lies there', async () => {
    const { s3, run, options, state } = await onS3('aws')
    await sync(options(), run())
    const [manifest = ''] = [...s3.objects().keys()].filter((key) => key.startsWith('p/.lading/manifests/'))
    s3.tamper(manifest, (object) => object && { ...object, bytes: object.bytes.subarray(0, 20) })
    const elsewhere = { cacheDir: 'elsewhere' }
    await expect(sync(options(elsewhere), run())).rejects.toMatchObject({ code: 'E_MANIFEST', exitCode: 7 })
    expect(await sync({ ...options(elsewhere), repair: true }, run())).toMatchObject({
      published: true,
      added: 0,
      changed: 0,
    })
    expect(await sync(options(elsewhere), run())).toMatchObject({ published: false })
    expect(await verify({ ...state(), download: true }, run())).toMatchObject({ ok: true })
  })

  it('G11: an object that somebody removed or edited is drift, exit 10, and a repair puts it right', async () => {
    const { s3, run, options, state } = await onS3('aws')
    await sync(options(), run())
    s3.tamper('p/x.png', () => undefined)
    s3.tamper(
      'p/about.html',
      (object) => object && { ...object, bytes: Buffer.from('ABOUT'), headers: {}, etag: 'e'.repeat(32) },
    )
    const kinds: string[] = []
    const emit = (event: LadingEvent): void => void (event.type === 'drift' && kinds.push(`${event.key} ${event.kind}`))
    expect(await verify(state(), run({ emit }))).toMatchObject({ ok: false, exit: 10, drift: 2 })
    expect(kinds).toEqual(['about.html content', 'x.png missing'])
    expect(await sync({ ...options(), repair: true }, run())).toMatchObject({ published: true, added: 1, changed: 1 })
    expect(await verify({ ...state(), download: true }, run())).toMatchObject({ ok: true, exit: 0 })
    expect(s3.objects().get('p/about.html')?.bytes.toString()).toBe('about')
  })

  it.each([-3_600_000, 3_600_000])('G12: a clock that is %d ms off works', async (offset) => {
    const { site, run, options } = await onS3('aws', offset)
    expect(await sync(options(), run())).toMatchObject({ published: true })
    site.write('site/x.png', 'y')
    expect(await sync(options(), run())).toMatchObject({ published: true, changed: 1 })
  })
})

it('G08: a read-only cache folder is no failure either', async () => {
  const site = project()
  mkdirSync(site.path('cache'))
  chmodSync(site.path('cache'), 0o500)
  expect(await site.sync()).toMatchObject({ published: true })
})

it('G02: an unlocked run that is alive all the same does not overwrite the one after it', async () => {
  const { s3, site, run, options, state } = await onS3('aws')
  await sync(options(), run())
  for (const [path, text] of Object.entries(FILES)) site.write(`next/${path}`, text)
  site.write('next/index.html', 'of the next one')
  site.write('site/index.html', 'of the unlocked one')
  const hold = s3.holdAt({ op: 'PutObject', key: 'p/index.html' })
  const unlocked = sync(options({ cacheDir: 'other', lockTimeoutSeconds: 0 }), run())
  await hold.reached
  expect(await unlock({ ...state(), force: true }, run())).toMatchObject({ deploy: 'd2' })
  expect(await sync(options({ root: 'next' }), run())).toMatchObject({ published: true, seq: 2 })
  hold.release()
  // it believes for some seconds more that it holds the deploy
  await expect(unlocked).rejects.toMatchObject({ code: 'E_LOCK_LOST', exitCode: 8 })
  expect(s3.objects().get('p/index.html')?.bytes.toString()).toBe('of the next one')
})
