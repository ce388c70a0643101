import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  type LadingConfig,
  type LadingEvent,
  type PlannedOptions,
  plan,
  type RepairOptions,
  type Run,
  resolveConfig,
  type SavingOptions,
  type Store,
  type Summary,
  sync,
} from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { openCdn } from './open-cdn.ts'

/** A folder with a site in it, a store in memory, and what a run said. */
export interface Project {
  readonly dir: string
  readonly store: Store
  /** Events of the last run. */
  readonly events: readonly LadingEvent[]
  write(path: string, content: string | Uint8Array): void
  path(path: string): string
  read(path: string): Buffer
  sync(config?: LadingConfig & PlannedOptions & RepairOptions): Promise<Summary>
  plan(config?: LadingConfig & PlannedOptions & RepairOptions & SavingOptions): Promise<Summary>
  /** Items of the warnings with this code in the last run. */
  warned(code: string): readonly string[]
  remove(): void
}

export interface ProjectOptions {
  /** Files below `site/`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Applied to every run. */
  readonly config?: LadingConfig
  readonly store?: Store
  readonly run?: Run
}

/** Offloads `site/` to a store in memory and writes the origin to `out/`, unless the configuration says otherwise. */
export function createProject({
  files = {},
  config = {},
  store = createMemoryStore(),
  run = {},
}: ProjectOptions = {}): Project {
  const dir = mkdtempSync(join(tmpdir(), 'lading-test-'))
  const events: LadingEvent[] = []
  const options = (more: LadingConfig) =>
    resolveConfig(
      { root: 'site', to: './store', cacheDir: 'cache', ...defaults(config, more), ...config, ...more },
      { cwd: dir, env: {} },
    )
  const runWith = (): Run => {
    events.length = 0
    return { openStore: async () => store, ask: openCdn, emit: (event) => events.push(event), ...run }
  }
  const project: Project = {
    dir,
    store,
    events,
    path: (path) => join(dir, path),
    read: (path) => readFileSync(join(dir, path)),
    write(path, content) {
      mkdirSync(dirname(join(dir, path)), { recursive: true })
      writeFileSync(join(dir, path), content)
    },
    sync: async ({ planned, repair, download, ...more } = {}) =>
      sync({ ...options(more), planned, repair, download }, runWith()),
    plan: async ({ planned, repair, download, saveTo, ...more } = {}) =>
      plan({ ...options(more), planned, repair, download, saveTo }, runWith()),
    warned: (code) => events.flatMap((event) => (event.type === 'warning' && event.code === code ? event.items : [])),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
  mkdirSync(join(dir, 'site'))
  for (const [path, content] of Object.entries(files)) project.write(`site/${path}`, content)
  return project
}

const CDN = 'https://cdn.example.com/'

function defaults(config: LadingConfig, more: LadingConfig): LadingConfig {
  const all = { ...config, ...more }
  if (all.url === undefined && (all.host !== undefined || all.inPlace !== undefined)) return { url: CDN }
  if (all.host || all.inPlace || all.out !== undefined) return { url: all.url ?? CDN }
  return 'url' in all && all.url === undefined ? {} : { url: CDN, out: 'out' }
}

/** `{ url: undefined }` asks for mirror mode. */
export const MIRROR: LadingConfig = { url: undefined }
