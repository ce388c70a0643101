import { readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../src/cli/run.ts'
import {
  type Diagnosis,
  doctor,
  type LadingConfig,
  LadingError,
  type Run,
  resolveDoctor,
  type Store,
} from '../../src/index.ts'
import { createFolderStore } from '../../src/store/folder/folder.ts'
import {
  adding,
  allowing,
  answering,
  closed,
  compressing,
  conditional,
  type Front,
  fallback,
  type Manner,
  open,
  stalling,
  startFront,
  varied,
} from '../rig/front.ts'
import { createHandClock, keysOf } from '../rig/published.ts'
import { createScreen } from '../unit/cli/screen.ts'

let dir: string
let store: Store
let front: Front

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lading-doctor-'))
  await mkdir(join(dir, 'store'))
  store = createFolderStore({ path: join(dir, 'store') })
  front = await startFront(store)
})

afterEach(async () => {
  await front.close()
  await rm(dir, { recursive: true })
})

const runOf = (): Run => ({ env: {}, openStore: async () => store, clock: createHandClock() })

async function visit(config: LadingConfig = {}): Promise<Diagnosis> {
  const given = { to: './store', cacheDir: 'cache', url: front.url, ...config }
  const found = await doctor(resolveDoctor(given, { cwd: dir, env: {} }), runOf())
  expect(await keysOf(store), 'nothing is left behind').toEqual([])
  const url = found.find(({ place }) => place === 'url')
  if (url === undefined) throw new Error('the public address was not looked at')
  return url
}

describe('doctor says of cors', () => {
  it.each<[string, Manner, boolean, object]>([
    ['that it is true', open, true, { public: { cors: 'open' }, isNews: false }],
    ['that it is true although it is not written', open, false, { public: { cors: 'open' }, isNews: true }],
    ['that it is true where caches are told', varied, true, { public: { cors: 'open' }, isNews: false }],
    ['that it is not true', closed, true, { public: { cors: 'closed' }, isNews: true }],
    ['that it is false, as it is written', closed, false, { public: { cors: 'closed' }, isNews: false }],
    ['that caches would spoil it', conditional, true, { public: { cors: 'poisonable' }, isNews: true }],
    ['that it is only for others', allowing('https://other.example'), true, { public: { cors: 'closed' } }],
  ])('%s', async (_name, manner, cors, expected) => {
    front.behave(manner)
    expect(await visit({ cors })).toMatchObject({ place: 'url', label: front.url, ...expected })
  })

  it('nothing where pages and assets share one origin', async () => {
    const { public: facts } = await visit({ site: front.url, cors: true })
    expect(facts).toMatchObject({ served: 'yes', cors: undefined })
    expect(front.asked.map(([, origin]) => origin)).toEqual([undefined, undefined, undefined])
  })

  it('what the site itself gets, when it is configured', async () => {
    front.behave(allowing('https://www.example.com'))
    expect(await visit({ site: 'https://www.example.com/' })).toMatchObject({ public: { cors: 'open' } })
  })
})

describe('doctor says whether visitors get what lies in the store', () => {
  it.each<[string, Manner, object]>([
    ['no, when they are refused', answering(403), { served: 'no', why: 'it answered 403' }],
    ['no, when they get a page instead', fallback, { served: 'no', why: 'it answered something else' }],
    ['nobody knows, without an answer', stalling, { served: 'unknown', why: expect.stringContaining('200 ms') }],
  ])('%s', async (_name, manner, expected) => {
    front.behave(manner)
    const requestTimeoutMs = manner === stalling ? 200 : 10_000
    expect(await visit({ requestTimeoutMs })).toMatchObject({ public: expected, isNews: false })
  })

  it('by a name that no file of a site has, with a space and a plus sign', async () => {
    await visit()
    expect(front.asked[0]?.[0]).toMatch(/^a\/lading-probe-[0-9a-f]{32}\/a b\+c\.css$/)
  })

  it('at the site, when the address is a path of it', async () => {
    const { public: facts } = await visit({ url: '/a-path/', site: front.url })
    expect(front.asked[0]?.[0]).toMatch(/^a-path\/a\/lading-probe-/)
    expect(facts).toMatchObject({ served: 'no' })
    expect(await visit({ url: '/a-path/' })).toMatchObject({ public: { served: 'unknown' } })
  })

  it('and removes what it has put there, also when it is told to stop', async () => {
    const stop = new AbortController()
    front.behave(() => {
      stop.abort(new Error('enough'))
      return 'stall'
    })
    const given = resolveDoctor({ to: './store', cacheDir: 'cache', url: front.url }, { cwd: dir, env: {} })
    await expect(doctor(given, { ...runOf(), signal: stop.signal })).rejects.toThrow('enough')
    expect(await keysOf(store)).toEqual([])
  })
})

describe('doctor says how it is served', () => {
  it('whether text is compressed', async () => {
    front.behave(open, compressing)
    expect(await visit()).toMatchObject({ public: { served: 'yes', compresses: true } })
    front.behave(open)
    expect(await visit()).toMatchObject({ public: { served: 'yes', compresses: false } })
  })

  it('whether headers come as they are stored', async () => {
    front.behave(adding({ 'cache-control': 'max-age=14400', 'x-content-type-options': 'nosniff' }))
    expect(await visit()).toMatchObject({ public: { keepsCacheControl: false, nosniff: true } })
    front.behave(adding({ 'cache-control': 'max-age=31536000,public,IMMUTABLE' }))
    expect(await visit()).toMatchObject({ public: { keepsCacheControl: true, nosniff: false } })
  })

  it('whether everybody can read the state, unless it lies elsewhere', async () => {
    expect(await visit()).toMatchObject({ public: { statePublic: true } })
    front.behave((reply, asked) => (asked.path.startsWith('.lading/') ? { ...reply, status: 403 } : reply))
    expect(await visit()).toMatchObject({ public: { statePublic: false } })
    const { public: facts } = await visit({ state: './state' })
    expect(facts).not.toHaveProperty('statePublic')
  })
})

describe('lading doctor', () => {
  async function command(...words: readonly string[]): Promise<{ exit: number; text: string }> {
    const screen = createScreen()
    const argv = ['doctor', '--to', './store', '--url', front.url, ...words]
    const io = { stdout: screen, stderr: screen, cwd: dir, env: { HOME: dir, LANG: 'C' }, run: runOf() }
    const exit = await runCli(argv, io)
    return { exit, text: screen.text.replaceAll(front.url, 'URL').replaceAll(dir, 'DIR') }
  }

  it('tells each fact, and what to write when it is not as declared', async () => {
    front.behave(open)
    const { exit, text } = await command()
    expect(text.slice(text.indexOf('url '))).toBe(
      [
        'url         URL',
        '  ok served      what lies in the store, also under names with a space and a plus sign',
        '  ! cors        every use is allowed, so fonts and modules can move too: write cors: true',
        "  ! compresses  nothing: turn it on at the CDN, or write compress: 'gzip'",
        '  ok caching     Cache-Control comes as it is stored',
        '  ! nosniff     X-Content-Type-Options: nosniff is not sent: let the CDN add it',
        '  ! state       everybody can read the record of your releases: write state: "s3://PRIVATE-BUCKET/PREFIX", or let the CDN refuse .lading/',
        '',
      ].join('\n'),
    )
    expect(exit).toBe(0)
  })

  it('ends with 3 when a sync would be refused', async () => {
    front.behave(conditional)
    const { exit, text } = await command('--cors')
    expect(text).toContain(
      'x cors        allowed only to who asks with Origin, and no Vary: Origin tells caches so: write cors: false',
    )
    expect(exit).toBe(3)
    const json = await command('--cors', '--json')
    expect(
      json.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .slice(-2),
    ).toMatchObject([
      { type: 'diagnosis', place: 'url', isNews: true, public: { cors: 'poisonable', declaredCors: true } },
      { type: 'summary', ok: false, exit: 3 },
    ])
    front.behave(closed)
    expect((await command('--no-cors')).exit).toBe(0)
  })
})

describe('doctor tries a folder', () => {
  const look = async (to: string): Promise<Diagnosis[]> =>
    doctor(resolveDoctor({ to, cacheDir: 'cache' }, { cwd: dir, env: {} }), { env: {}, clock: createHandClock() })

  /** What it says where nothing is amiss. */
  async function tell(...words: readonly string[]): Promise<{ text: string }> {
    const [stdout, stderr] = [createScreen(), createScreen()]
    const io = { stdout, stderr, env: { LADING_CACHE_DIR: 'cache' }, cwd: dir }
    expect(await runCli(['doctor', ...words], io)).toBe(0)
    return { text: stdout.text }
  }

  it('by an object that it writes, and leaves none', async () => {
    expect(await look('./store')).toEqual([{ place: 'store', label: './store', isMissing: false, isNews: false }])
    expect(readdirSync(join(dir, 'store')), 'something was written').not.toEqual([])
    expect(await keysOf(store)).toEqual([])
  })

  it('that is not there, makes nothing, and says that it is not there', async () => {
    const { text } = await tell('--to', 'stroe/assets')
    expect(text).toContain('there is no such folder')
    expect(readdirSync(dir)).toEqual(['store'])
  })

  it('that is not there, and asks no public address for what nothing can hold', async () => {
    const { text } = await tell('--to', 'stroe', '--url', front.url, '--cors')
    expect(text).toContain('there is no such folder')
    expect(text).toContain('served      could not be found out: the store is not there yet')
    const records = (await tell('--to', 'stroe', '--url', front.url, '--cors', '--json')).text.trim().split('\n')
    expect(records.map((record) => JSON.parse(record))).toEqual([
      expect.objectContaining({ place: 'store', isMissing: true }),
      expect.objectContaining({
        place: 'url',
        public: { served: 'unknown', why: 'the store is not there yet', declaredCors: true },
      }),
      expect.objectContaining({ type: 'summary', ok: true }),
    ])
    expect(readdirSync(dir)).toEqual(['store'])
    expect(front.asked).toEqual([])
  })

  it('of the state that is not there, and makes none', async () => {
    const found = await doctor(
      resolveDoctor({ to: './store', state: './state', cacheDir: 'cache' }, { cwd: dir, env: {} }),
      { env: {}, clock: createHandClock() },
    )
    expect(found).toMatchObject([
      { place: 'store', isMissing: false },
      { place: 'state', isMissing: true },
    ])
    expect(readdirSync(dir)).toEqual(['store'])
  })

  it('that is not there, and writes nothing beside it either', async () => {
    const longAgo = new Date('2020-01-01')
    await utimes(dir, longAgo, longAgo)
    await look('./stroe/assets')
    expect((await stat(dir)).mtime).toEqual(longAgo)
  })

  it('that is not there and could not be made, and says so of the one that it would lie in', async () => {
    await writeFile(join(dir, 'file'), '')
    await expect(look('./file/store')).rejects.toMatchObject({ code: 'E_STORE', subject: join(dir, 'file') })
    expect(readdirSync(dir).sort()).toEqual(['file', 'store'])
  })

  it.skipIf(process.platform === 'win32')(
    'but not a link that leads nowhere, in whose place none can be made',
    async () => {
      await symlink(join(dir, 'nowhere'), join(dir, 'link'))
      const nowhere = { code: 'E_USAGE', message: 'to is a link that leads nowhere', subject: join(dir, 'link') }
      await expect(look('./link')).rejects.toMatchObject(nowhere)
      await expect(look('./link/store')).rejects.toMatchObject({ code: 'E_STORE', subject: join(dir, 'link') })
      expect(readdirSync(dir).sort()).toEqual(['link', 'store'])
    },
  )

  it('that cannot be written, and says so', async () => {
    const full = { ...store, put: async () => Promise.reject(new LadingError('E_STORE', 'the disk is full')) }
    const options = resolveDoctor({ to: './store', cacheDir: 'cache' }, { cwd: dir, env: {} })
    await expect(doctor(options, { ...runOf(), openStore: async () => full })).rejects.toMatchObject({
      code: 'E_STORE',
    })
  })

  it('but not a device, which is none', async () => {
    await expect(look('/dev/null')).rejects.toMatchObject({ code: 'E_USAGE', message: 'to is a file, not a folder' })
  })
})
