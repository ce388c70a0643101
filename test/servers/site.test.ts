import { appendFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LadingConfig, openStore, type Store } from '../../src/index.ts'
import { bodyOf } from '../contract/bodies.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'
import { copySite, SITES } from '../rig/sites.ts'
import { createBucket, type RawBucket } from './bucket.ts'
import { homeOf, PROGRAMS, type Program, REQUIRED, type Server, startServer } from './server.ts'

const MODES: readonly (readonly [string, LadingConfig])[] = [
  ['mirror', MIRROR],
  ['offload', { out: 'out' }],
  ['host', { host: true }],
]

const IMAGE = 'assets/img/header-bg.jpg'
const PREFIX = 'site/'

/** In whose place other headers come for the images. Gofakes3 stores at least the second. */
const RULES: LadingConfig = {
  headers: [{ match: 'assets/img/**', cacheControl: 'public, max-age=600', contentDisposition: 'inline' }],
}

for (const program of PROGRAMS) {
  if (homeOf(program) === undefined && !REQUIRED) {
    it.skip(`a site lives in ${program.name} (not installed: scripts/servers.sh)`)
  } else describe(program.name, () => liveIn(program))
}

function liveIn(program: Program): void {
  let server: Server
  beforeAll(async () => {
    server = await startServer(program)
  })
  afterAll(() => server?.stop())

  describe.each(MODES)('a whole site in %s mode', (_, config) => {
    let site: Watched
    beforeAll(async () => {
      site = await settle(server, config)
    })
    afterAll(() => site.remove())

    const expectTwin = async (): Promise<void> => {
      const found = await site.bucket.objects(PREFIX)
      const expected = await objectsOf(site.twin.store, program.forgets)
      const stored = new Map([...found].map(([key, object]) => [key.slice(PREFIX.length), object]))
      const own = new Map([...stored].filter(([key]) => !key.startsWith('.lading/')))
      expect([...own.keys()].sort()).toEqual([...expected.keys()].sort())
      for (const [key, object] of own) expect(object, key).toEqual(expected.get(key))
    }

    it('arrives whole, with every byte and header', async () => {
      expect(await site.sync(config)).toMatchObject({ ok: true, published: true, notUploaded: 0, seq: 1 })
      expect(site.sent().length).toBeGreaterThan(15)
      await expectTwin()
    })

    it('is left alone when nothing changed', async () => {
      expect(await site.sync(config)).toMatchObject({ published: false, added: 0, changed: 0, bytes: 0 })
      expect(site.log).not.toContainEqual(expect.stringMatching(/^(put|copy|reheader|remove) /))
    })

    it('gets one changed image and what names it', async () => {
      for (const project of [site.project, site.twin]) appendFileSync(project.path(`site/${IMAGE}`), 'retouched')
      expect(await site.sync(config)).toMatchObject({ published: true, seq: 2, reheadered: 0 })
      const names = site.sent().map((key) => key.replace(/^a\/|\.[a-z2-7]{16}(?=\.)/g, ''))
      expect(names.sort()).toEqual(site.namesOfOneImage)
      await expectTwin()
    })

    it('gets changed headers without its bytes being sent', async () => {
      expect(await site.sync({ ...config, ...RULES })).toMatchObject({ published: true, seq: 3, added: 0, changed: 0 })
      expect(site.sent()).toEqual([])
      const images = site.log.filter((line) => line.startsWith('reheader '))
      expect(images.length).toBeGreaterThan(10)
      expect(images.filter((line) => !line.includes('assets/img/'))).toEqual([])
      await expectTwin()
    })
  })
}

/** A site that is synced to a server and, as what there has to be, to memory. */
interface Watched {
  readonly project: Project
  readonly twin: Project
  readonly bucket: RawBucket
  /** Calls of the last run, as `method key`. */
  readonly log: readonly string[]
  /** What a changed image sends, without hashes, sorted. */
  readonly namesOfOneImage: readonly string[]
  /** Keys whose bytes the last run sent, without the state's. */
  sent(): string[]
  sync(config: LadingConfig): ReturnType<Project['sync']>
  remove(): void
}

async function settle(server: Server, { url: _, ...mode }: LadingConfig): Promise<Watched> {
  const bucket = await createBucket(server)
  const log: string[] = []
  const to = `s3://${bucket.name}/${PREFIX}?region=us-east-1&endpoint=${encodeURIComponent(server.endpoint)}`
  const project = createProject({
    config: { to },
    run: {
      env: server.credentials,
      openStore: async (target, options) => logged(await openStore(target, options), log),
    },
  })
  const twin = createProject()
  for (const made of [project, twin]) {
    await copySite(siteNamed('startbootstrap-agency'), made.path('site'))
  }
  const named = mode.out === undefined && !mode.host ? [] : ['css/styles.css']
  // A host has it under its own name as well, for addresses that scripts put together.
  const hosted = mode.host ? [IMAGE, 'index.html'] : []
  return {
    project,
    twin,
    bucket,
    log,
    namesOfOneImage: [IMAGE, ...named, ...hosted].sort(),
    sent: () =>
      log.filter((line) => line.startsWith('put ') && !line.startsWith('put .lading/')).map((line) => line.slice(4)),
    async sync(config) {
      log.length = 0
      await twin.sync(config)
      return project.sync(config)
    },
    remove() {
      project.remove()
      twin.remove()
      bucket.close()
    },
  }
}

function siteNamed(name: string): (typeof SITES)[number] {
  const site = SITES.find((source) => source.name === name)
  if (!site) throw new Error(`there is no site ${name}`)
  return site
}

function logged(store: Store, log: string[]): Store {
  const noted =
    <Rest extends readonly unknown[], T>(method: string, call: (key: string, ...rest: Rest) => T) =>
    (key: string, ...rest: Rest): T => {
      log.push(`${method} ${key}`)
      return call(key, ...rest)
    }
  return {
    ...store,
    put: noted('put', store.put),
    copy: noted('copy', store.copy),
    reheader: noted('reheader', store.reheader),
    remove: async (keys, options) => {
      log.push(...keys.map((key) => `remove ${key}`))
      return store.remove(keys, options)
    },
  }
}

/** Every object but the state's, by its digest, as a server has to give it back that forgets some headers. */
async function objectsOf(store: Store, forgets: readonly string[]): Promise<Map<string, unknown>> {
  const objects = new Map<string, unknown>()
  for await (const page of store.list('')) {
    for (const { key } of page) {
      if (key.startsWith('.lading/')) continue
      const found = await store.get(key)
      const headers = Object.entries(found?.headers ?? {}).filter(([name]) => !forgets.includes(name))
      objects.set(key, {
        size: found?.size,
        sha256: bodyOf(found?.bytes ?? '').sha256,
        headers: Object.fromEntries(headers),
      })
    }
  }
  return objects
}
