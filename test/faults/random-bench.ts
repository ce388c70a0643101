import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type LadingConfig,
  type LadingEvent,
  openStore,
  parseTarget,
  plan,
  resolveConfig,
  resolveHistory,
  rollback,
  type Store,
  type Summary,
  sync,
} from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { crawl } from '../rig/crawler.ts'
import { fetchStored, fetchWritten, firstOf } from '../rig/crawler-sources.ts'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'
import { type ModeName, objectsOf, outOf, PREFIX, type Twin } from './bench.ts'
import { type RandomTree, writeTree } from './random-trees.ts'

const BUCKET = 'random-site'
const CDN = 'https://cdn.test/'
const SITE = 'https://www.test/'

/** One site whose tree is drawn anew before each deploy, in a store that believes nothing. */
export interface RandomBench {
  readonly s3: StrictS3
  readonly store: Store
  readonly out: string
  /** Events of the last run. */
  readonly events: readonly LadingEvent[]
  /** Plans, and saves the plan. */
  plan(tree: RandomTree): Promise<Summary>
  deploy(tree: RandomTree): Promise<Summary>
  /** Carries out the plan that was saved last. */
  deployPlanned(tree: RandomTree): Promise<Summary>
  rollback(id: string): Promise<Summary>
  /** References on the pages that are there which lead nowhere. */
  broken(pages: Iterable<string>): readonly string[]
  /** Empties the store and the disk. */
  clear(): void
  close(): Promise<void>
}

export async function createRandomBench(mode: ModeName): Promise<RandomBench> {
  const dir = mkdtempSync(join(tmpdir(), 'lading-random-'))
  const s3 = await startStrictS3({ bucket: BUCKET, allowedPrefix: PREFIX })
  const empty = s3.snapshot()
  const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
  const to = `s3://${BUCKET}/${PREFIX}?region=us-east-1&endpoint=${encodeURIComponent(s3.endpoint)}`
  const store = await openStore(parseTarget(to, dir), { env })
  const out = join(dir, 'out')
  const events: LadingEvent[] = []
  const run = { env, emit: (event: LadingEvent) => void events.push(event) }
  const saved = join(dir, 'p.json')
  const optionsFor = (tree: RandomTree) => {
    writeTree(join(dir, 'site'), tree)
    events.length = 0
    return resolveConfig(configOf(mode, tree, to), { cwd: dir, env })
  }
  return {
    s3,
    store,
    out,
    events,
    plan: async (tree) => plan({ ...optionsFor(tree), saveTo: saved }, run),
    deploy: async (tree) => sync(optionsFor(tree), run),
    deployPlanned: async (tree) => sync({ ...optionsFor(tree), planned: saved }, run),
    async rollback(id) {
      events.length = 0
      const config = { to, cacheDir: 'cache', ...(mode === 'offload' && { out: 'out' }) }
      return rollback({ ...resolveHistory(config, { cwd: dir, env }), id }, run)
    },
    broken(pages) {
      const visible = new Map([...s3.objects()].filter(([key]) => !key.startsWith(`${PREFIX}.lading/`)))
      const base = mode === 'host' ? CDN : SITE
      const stored = fetchStored(mode === 'mirror' ? SITE : CDN, PREFIX, visible)
      const fetch = mode === 'offload' ? firstOf(fetchWritten(SITE, out), stored) : stored
      const found = crawl(
        fetch,
        [...pages].map((page) => base + page),
      )
      return found.broken.map(({ from, url, status }) => `${from} -> ${url} (${status})`)
    },
    clear() {
      s3.restore(empty)
      for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true, force: true })
    },
    async close() {
      await s3.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function configOf(mode: ModeName, tree: RandomTree, to: string): LadingConfig {
  const shared = { root: 'site', to, cacheDir: 'cache', channel: 'production', headers: tree.rules, maxDelete: '100%' }
  if (mode === 'mirror') return shared
  return mode === 'host' ? { ...shared, url: CDN, host: true } : { ...shared, url: CDN, out: 'out' }
}

/** What a tree comes to in a store that was empty. */
export async function freshDeploy(mode: ModeName, tree: RandomTree): Promise<Twin> {
  const dir = mkdtempSync(join(tmpdir(), 'lading-fresh-'))
  try {
    writeTree(join(dir, 'site'), tree)
    const memory = createMemoryStore()
    const options = resolveConfig(configOf(mode, tree, './store'), { cwd: dir, env: {} })
    await sync(options, { env: {}, openStore: async () => memory })
    return { objects: await objectsOf(memory), out: outOf(join(dir, 'out')) }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
