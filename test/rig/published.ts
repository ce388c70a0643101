import { mkdirSync, rmSync } from 'node:fs'
import {
  type Clock,
  type HistoryOptions,
  type LadingConfig,
  type LadingEvent,
  type Run,
  resolveHistory,
  type Store,
} from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { openCdn } from './open-cdn.ts'
import { createProject, type Project } from './project.ts'

const DAY_MS = 86_400_000

/** A clock that goes on only when it is told to, or while somebody sleeps by it. */
export interface HandClock extends Clock {
  pass(ms: number): void
  passDays(days: number): void
}

export function createHandClock(start = '2026-03-01T12:00:00.000Z'): HandClock {
  let passed = 0
  const pass = (ms: number): void => {
    passed += ms
  }
  return {
    wallMs: () => Date.parse(start) + passed,
    monotonicMs: () => passed,
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      pass(ms)
    },
    pass,
    passDays: (days) => pass(days * DAY_MS),
  }
}

export interface PublishedOptions {
  /** Files below `site/`. */
  readonly files: Readonly<Record<string, string>>
  /** Applied to every deploy and to every command after it. */
  readonly config?: LadingConfig
  readonly store?: Store
  /** Put around the store. */
  readonly around?: (store: Store) => Store
  readonly run?: Run
}

/** A site, its store, and what the commands on what was published are given: one clock for all. */
export interface Published {
  readonly site: Project
  readonly store: Store
  readonly clock: HandClock
  /** Events of the commands on what was published; of deploys the project keeps them. */
  readonly said: readonly LadingEvent[]
  readonly run: Run
  /** The options of such a command. */
  history(config?: LadingConfig): HistoryOptions
  /** The site is exactly these files from now on. */
  become(files: Readonly<Record<string, string>>): void
  /** Keys in the store, without the state. */
  keys(): Promise<string[]>
  text(key: string): Promise<string | undefined>
  remove(): void
}

export function createPublished(options: PublishedOptions): Published {
  const { files, config = {}, around = (store) => store, run: more = {} } = options
  const clock = createHandClock()
  const store = around(options.store ?? createMemoryStore({ now: clock.wallMs }))
  const site = createProject({ files, config, store, run: { clock, env: {}, ...more } })
  const said: LadingEvent[] = []
  const heard = { openStore: async () => store, emit: (event: LadingEvent) => void said.push(event) }
  const run: Run = { ...heard, ask: openCdn, clock, env: {}, ...more }
  const { url, out } = config
  const isMirror = 'url' in config && url === undefined
  const isOut = !isMirror && !config.host && !config.inPlace
  return {
    site,
    store,
    clock,
    said,
    run,
    history(also = {}) {
      said.length = 0
      const places = { root: 'site', to: './store', cacheDir: 'cache', ...(isOut && { out: out ?? 'out' }) }
      return resolveHistory({ ...places, ...config, ...also }, { cwd: site.dir, env: {} })
    },
    become(next) {
      rmSync(site.path('site'), { recursive: true })
      mkdirSync(site.path('site'))
      for (const [path, content] of Object.entries(next)) site.write(`site/${path}`, content)
    },
    keys: async () => (await keysOf(store)).filter((key) => !key.startsWith('.lading/')),
    async text(key) {
      const found = await store.get(key)
      return found && Buffer.from(found.bytes).toString()
    },
    remove: site.remove,
  }
}

export async function keysOf(store: Store, prefix = ''): Promise<string[]> {
  const keys: string[] = []
  for await (const page of store.list(prefix)) keys.push(...page.map(({ key }) => key))
  return keys
}

/** What lies where, as digest and headers: equal before and after says that nothing was changed. */
export async function stateOf(store: Store): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const key of await keysOf(store)) {
    const { etag, headers = {}, sha256 } = (await store.head(key)) ?? {}
    found[key] = JSON.stringify([etag, Object.entries(headers).sort(), sha256])
  }
  return found
}
