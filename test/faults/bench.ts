import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import {
  type LadingConfig,
  openStore,
  parseTarget,
  resolveConfig,
  type Store,
  type Summary,
  sync,
} from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { crawl } from '../rig/crawler.ts'
import { fetchStored, fetchWritten, firstOf } from '../rig/crawler-sources.ts'
import { openCdn } from '../rig/open-cdn.ts'
import type { Snapshot } from '../rig/snapshot.ts'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'
import type { Job } from './deployer.ts'
import { rulesOf, TREES, type TreeName, writeTree } from './trees.ts'

export const MODES = ['mirror', 'offload', 'host'] as const
export type ModeName = (typeof MODES)[number]

const BUCKET = 'site-assets'
export const PREFIX = 'p/'
const CDN = 'https://cdn.test/'
const SITE = 'https://www.test/'

/** A store, a disk with four trees of one site, and everything that is asked of them afterwards. */
export interface Bench {
  readonly s3: StrictS3
  readonly dir: string
  readonly env: Readonly<Record<string, string>>
  readonly store: Store
  configOf(tree: TreeName): LadingConfig
  jobOf(tree: TreeName): Job
  /** Deploys in this process. */
  deploy(tree: TreeName): Promise<Summary>
  /** References on what visitors see now that lead nowhere. */
  broken(live: readonly string[]): readonly string[]
  /** Keys and paths that a page leads to. */
  reached(): ReadonlySet<string>
  /** The pages that visitors may ask for now. */
  pages(): readonly string[]
  save(): Saved
  load(saved: Saved): void
  close(): Promise<void>
}

export interface Saved {
  readonly objects: Snapshot
  /** A copy of what runs keep on the disk. */
  readonly disk: string
}

/** What lies on the disk besides the trees. */
const KEPT = ['out', 'cache']

export async function createBench(mode: ModeName): Promise<Bench> {
  const dir = mkdtempSync(join(tmpdir(), 'lading-faults-'))
  for (const tree of TREES) writeTree(join(dir, tree), tree)
  const s3 = await startStrictS3({ bucket: BUCKET, allowedPrefix: PREFIX })
  const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
  const to = `s3://${BUCKET}/${PREFIX}?region=us-east-1&endpoint=${encodeURIComponent(s3.endpoint)}`
  const store = await openStore(parseTarget(to, dir), { env })
  const configOf = (tree: TreeName): LadingConfig => ({ root: tree, to, ...sharedConfig(mode, tree) })
  let copies = 0

  const visible = () => new Map([...s3.objects()].filter(([key]) => !key.startsWith(`${PREFIX}.lading/`)))
  const out = join(dir, 'out')
  const allPages = (): string[] => {
    const paths = mode === 'offload' ? filesBelow(out) : [...visible().keys()].map((key) => key.slice(PREFIX.length))
    return paths.filter((path) => path.endsWith('.html'))
  }
  const visit = (pages: readonly string[]) => {
    const base = mode === 'host' ? CDN : SITE
    const stored = fetchStored(mode === 'mirror' ? SITE : CDN, PREFIX, visible())
    const fetch = mode === 'offload' ? firstOf(fetchWritten(SITE, out), stored) : stored
    return crawl(
      fetch,
      pages.map((path) => base + path),
    )
  }

  return {
    s3,
    dir,
    env,
    store,
    configOf,
    jobOf: (tree) => ({ config: configOf(tree), cwd: dir, env }),
    deploy: (tree) => sync(resolveConfig(configOf(tree), { cwd: dir, env }), { env, ask: openCdn }),
    broken(live) {
      const there = new Set(allPages())
      const pages = ['index.html', ...live].filter((page) => there.has(page))
      return visit(pages).broken.map(({ from, url, status }) => `${from} -> ${url} (${status})`)
    },
    reached: () => visit(allPages()).reached,
    pages: allPages,
    save() {
      copies += 1
      const disk = join(dir, `saved-${copies}`)
      mkdirSync(disk)
      for (const name of KEPT)
        if (existsSync(join(dir, name)))
          cpSync(join(dir, name), join(disk, name), { recursive: true, preserveTimestamps: true })
      return { objects: s3.snapshot(), disk }
    },
    load({ objects, disk }) {
      s3.restore(objects)
      s3.setClockOffset(0)
      for (const name of KEPT) {
        rmSync(join(dir, name), { recursive: true, force: true })
        if (existsSync(join(disk, name)))
          cpSync(join(disk, name), join(dir, name), { recursive: true, preserveTimestamps: true })
      }
    },
    async close() {
      await s3.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function sharedConfig(mode: ModeName, tree: TreeName): LadingConfig {
  const shared = { cacheDir: 'cache', concurrency: 4, channel: 'production', headers: rulesOf(tree), cors: true }
  if (mode === 'mirror') return shared
  return mode === 'host' ? { ...shared, url: CDN, host: true } : { ...shared, url: CDN, out: 'out' }
}

/** What a tree comes to when nothing ever went wrong. */
export interface Twin {
  /** Digest and headers by key below the prefix, without the state. */
  readonly objects: ReadonlyMap<
    string,
    { readonly sha256: string | undefined; readonly headers: Readonly<Record<string, string>> }
  >
  /** The origin's files. */
  readonly out: ReadonlyMap<string, string>
}

export async function twinOf(mode: ModeName, tree: TreeName): Promise<Twin> {
  const dir = mkdtempSync(join(tmpdir(), 'lading-twin-'))
  try {
    writeTree(join(dir, tree), tree)
    const memory = createMemoryStore()
    const config = { root: tree, to: './store', ...sharedConfig(mode, tree) }
    await sync(resolveConfig(config, { cwd: dir, env: {} }), {
      env: {},
      openStore: async () => memory,
      ask: openCdn,
    })
    return { objects: await objectsOf(memory), out: outOf(join(dir, 'out')) }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

export async function objectsOf(
  store: Store,
): Promise<Map<string, { sha256: string | undefined; headers: Readonly<Record<string, string>> }>> {
  const objects = new Map<string, { sha256: string | undefined; headers: Readonly<Record<string, string>> }>()
  for await (const page of store.list('')) {
    for (const { key } of page) {
      if (key.startsWith('.lading/')) continue
      const found = await store.head(key)
      objects.set(key, { sha256: found?.sha256, headers: found?.headers ?? {} })
    }
  }
  return objects
}

/** The files of an origin, without Lading's own record. */
export function outOf(folder: string): Map<string, string> {
  const paths = filesBelow(folder).filter((path) => !path.startsWith('.lading/'))
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'latin1')]))
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}
