import { join } from 'node:path'
import {
  type HistoryOptions,
  openStore,
  type Run,
  resolveConfig,
  resolveHistory,
  type Store,
  type Summary,
  type SyncOptions,
  serveFolder,
  serveStore,
  sync,
} from '../../src/index.ts'
import { startFront } from '../rig/origin.ts'

/** How origin and CDN stand to each other, and what the configuration says of it. */
export interface Arrangement {
  readonly name: string
  /** Whether the CDN answers CORS and the configuration says so. Left out of the configuration when undefined. */
  readonly cors?: true | undefined
  /** One host: the CDN's path of the site. Else the CDN is another host. */
  readonly mount?: '/_a/' | undefined
  readonly host?: 'localhost' | undefined
  /** The configuration names the site's own address. */
  readonly named?: true | undefined
  /** The image manifest, below `work`. Its variants have to lie in `store` there. */
  readonly pictures?: string | undefined
}

export const ARRANGEMENTS: readonly [Arrangement, Arrangement, Arrangement] = [
  { name: 'a CDN on another origin, with CORS', cors: true },
  { name: 'a CDN on another host, cors unset and no CORS', host: 'localhost' },
  { name: 'a path of the same host', mount: '/_a/' },
]

/** A site that was offloaded and is being served. All addresses end with `/`. */
export interface Offloaded {
  readonly url: string
  readonly cdn: string
  readonly out: string
  readonly summary: Summary
  readonly options: SyncOptions
  /** What was written to the store, in order: `put a/logo.png`. It grows with every run that is given {@link run}. */
  readonly journal: readonly string[]
  /** To sync once more, or to roll back. */
  readonly run: Run
  readonly history: HistoryOptions
  close(): Promise<void>
}

/** Gives the folder to offload, for a CDN at this address: a plain site ignores it, a build is made for it. */
type Prepare = (url: string) => Promise<string>

/** Offloads a site into a folder store below `work` and serves what came of it. */
export async function offload(prepare: Prepare, work: string, arrangement: Arrangement): Promise<Offloaded> {
  const out = join(work, 'out')
  const bucket = join(work, 'store')
  const target = { kind: 'folder', path: bucket, label: bucket } as const
  const { cors, mount, host, pictures } = arrangement
  const journal: string[] = []
  const store = withJournal(
    await openStore(target, { requestTimeoutMs: 60_000, retries: 0, concurrency: 16 }),
    (line) => void journal.push(line),
  )
  const run: Run = { env: {}, openStore: async () => store }
  const stored = await serveStore(store, { cors: cors ?? false, ...(mount && { mount }) })
  const closing: (() => Promise<void>)[] = [() => stored.close()]
  try {
    const cdn = mount ? undefined : await startFront({ routes: { '/': stored.url }, host })
    if (cdn) closing.unshift(() => cdn.close())
    const url = mount ?? cdn?.url ?? ''
    // The site's address has to be known before there is a site: what is behind it comes last.
    const routes: Record<string, string> = { '/': '', ...(mount && { [mount]: stored.url }) }
    const front = await startFront({ routes })
    closing.unshift(() => front.close())
    const root = await prepare(url)
    const site = arrangement.named && front.url
    const config = { root, to: bucket, url, out, cors, site, pictures, cacheDir: join(work, 'cache') }
    const options = resolveConfig(config, { cwd: work, env: {} })
    const history = resolveHistory(config, { cwd: work, env: {} })
    const summary = await sync(options, run)
    const folder = await serveFolder(out, {})
    closing.splice(1, 0, () => folder.close())
    routes['/'] = folder.url
    return {
      url: front.url,
      cdn: mount ? front.url.replace(/\/$/, mount) : (cdn?.url ?? ''),
      out,
      summary,
      options,
      journal,
      run,
      history,
      close: () => closeAll(closing),
    }
  } catch (error) {
    await closeAll(closing)
    throw error
  }
}

/** Tells every write before it happens. */
function withJournal(store: Store, note: (line: string) => void): Store {
  return {
    ...store,
    put(key, ...rest) {
      note(`put ${key}`)
      return store.put(key, ...rest)
    },
    copy(from, to, ...rest) {
      note(`copy ${to}`)
      return store.copy(from, to, ...rest)
    },
    reheader(key, ...rest) {
      note(`reheader ${key}`)
      return store.reheader(key, ...rest)
    },
    remove(keys, ...rest) {
      for (const key of keys) note(`remove ${key}`)
      return store.remove(keys, ...rest)
    },
  }
}

/** Serves a folder as it is. */
export async function serveUntouched(dir: string): Promise<{ url: string; close(): Promise<void> }> {
  const folder = await serveFolder(dir, {})
  const front = await startFront({ routes: { '/': folder.url } })
  return { url: front.url, close: () => closeAll([() => front.close(), () => folder.close()]) }
}

async function closeAll(closing: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closing) await close()
}
