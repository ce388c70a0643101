import { afterEach, describe, expect, it } from 'vitest'
import { type FindingEvent, type LadingConfig, resolveConfig, type Store, sync, verifyLive } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { type Serving, serveFolder, serveSite, serveStore } from '../../src/transfer/serve.ts'
import { copySite, SITES, type SiteSource, type TemporaryFolder, temporaryFolder } from '../rig/sites.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

function kept(serving: Serving): Serving {
  open.push(serving)
  return serving
}

interface Bench {
  readonly folder: TemporaryFolder
  readonly store: Store
  readonly publish: (config: LadingConfig) => Promise<void>
}

async function bench(source: SiteSource): Promise<Bench> {
  const folder = await temporaryFolder()
  open.push({ close: folder.remove })
  const root = await copySite(source, `${folder.path}/site`)
  const store = createMemoryStore()
  return {
    folder,
    store,
    publish: async (config) => {
      const context = { cwd: folder.path, env: {} }
      await sync(resolveConfig({ root, to: './store', cacheDir: 'cache', ...config }, context), {
        openStore: async () => store,
      })
    },
  }
}

/** Starts where the site does, and says what a visitor would stumble over. */
async function findings(start: string): Promise<{ found: string[]; visited: number; followed: number }> {
  const found: string[] = []
  const say = ({ kind, page, line, url, message }: FindingEvent): string => `${kind} ${page}:${line} ${url} ${message}`
  const { visited, followed } = await verifyLive(
    { start },
    { emit: (event) => event.type === 'finding' && found.push(say(event)) },
  )
  return { found, visited, followed }
}

const REAL = SITES.filter(({ name }) => name !== 'reveal.js')

describe.each(REAL)('a real site, published: $name', (source) => {
  it('has nothing for verify --live to find as a mirror', async () => {
    const { store, publish } = await bench(source)
    await publish({})
    const { url } = kept(await serveStore(store))
    expect(await findings(url)).toMatchObject({ found: [] })
  })

  it('has nothing to find as a host with assets on another host', async () => {
    const { store, publish } = await bench(source)
    const site = kept(await serveStore(store))
    const cdn = kept(await serveStore(store, { cors: true, index: false }))
    await publish({ url: cdn.url, host: true, cors: true, site: site.url })
    const { found, followed } = await findings(site.url)
    expect(found).toEqual([])
    expect(followed).toBeGreaterThan(0)
  })

  it('has nothing to find offloaded to another host without CORS, or to a path', async () => {
    const { store, publish, folder } = await bench(source)
    const cdn = kept(await serveStore(store, { index: false }))
    await publish({ url: cdn.url, out: 'origin' })
    const origin = kept(await serveFolder(`${folder.path}/origin`))
    expect(await findings(origin.url)).toMatchObject({ found: [] })

    const other = await bench(source)
    await other.publish({ url: '/_a/', out: 'origin' })
    const both = kept(await serveSite({ dir: `${other.folder.path}/origin`, store: other.store, mount: '/_a/' }))
    expect(await findings(both.url)).toMatchObject({ found: [] })
  })
})
