import { hash } from 'node:crypto'
import {
  endChannel,
  type LadingConfig,
  type PruneOptions,
  prune,
  type Removal,
  rollback,
  type Store,
} from '../../src/index.ts'
import { createPublished, keysOf, type Published } from '../rig/published.ts'

const DAY_MS = 86_400_000
const STATE = '.lading/'
const BLOBS = `${STATE}blobs/`

export type Files = Readonly<Record<string, string>>

/** A release as the test remembers it. */
interface Remembered {
  readonly id: string
  readonly channel: string
  readonly atMs: number
  /** Everything in the store that it names. */
  readonly keys: ReadonlySet<string>
  /** Digests of what lay at its own paths. */
  readonly contents: ReadonlySet<string>
}

export interface Rules {
  readonly keepReleases: number
  readonly keepDays: number
}

/** What should go and what has gone: keys of the site, contents, records of releases; each sorted. */
export interface Gone {
  readonly keys: readonly string[]
  readonly contents: readonly string[]
  readonly releases: readonly string[]
}

/**
 * A site that is deployed, rolled back and pruned as days pass, and a memory of its own of what was named when. What
 * prune has to remove follows from that memory alone; nothing of the state is read for it.
 */
export interface PruneWorld extends Published {
  deploy(files: Files, config?: LadingConfig): Promise<string>
  back(id: string, config?: LadingConfig): Promise<string>
  end(name: string): Promise<void>
  days(count: number): void
  /** Objects that lie there by other hands; `ours` when they carry our digest. */
  lay(key: string, text: string, options?: { readonly ours: boolean }): Promise<void>
  expected(rules: Rules): Promise<Gone>
  /** Prunes, and says what is not there any more. */
  prune(
    options?: LadingConfig & Pick<PruneOptions, 'dryRun'>,
  ): Promise<{ readonly gone: Gone; readonly removal: Removal }>
}

export function createPruneWorld(config: LadingConfig, around = (store: Store): Store => store): PruneWorld {
  const published = createPublished({
    files: { 'index.html': 'x' },
    config: { maxDelete: '100%', ...config },
    around: (store) => around(withForeign(store)),
  })
  const { site, store, clock, run } = published
  const memory = createMemory(clock.wallMs)
  const orphans = new Map<string, number>()

  async function remember(id: string, channel: string, events: readonly { type: string }[]): Promise<string> {
    const keys = new Set<string>()
    const contents = new Set<string>()
    for (const key of keysNamedIn(events)) {
      keys.add(key)
      if (!key.startsWith('a/')) contents.add(await digestAt(key))
    }
    memory.publish({ id, channel, atMs: clock.wallMs(), keys, contents })
    return id
  }
  const digestAt = async (key: string): Promise<string> => hash('sha256', (await store.get(key))?.bytes ?? '')

  return {
    ...published,
    async deploy(files, more = {}) {
      published.become(files)
      const { release = '' } = await site.sync(more)
      return remember(release, more.channel ?? 'production', site.events)
    },
    async back(id, more = {}) {
      const { release = '' } = await rollback({ ...published.history(more), id }, run)
      return remember(release, more.channel ?? 'production', published.said)
    },
    async end(name) {
      await endChannel({ ...published.history(), name }, run)
      memory.end(name)
    },
    days: clock.passDays,
    async lay(key, text, { ours } = { ours: false }) {
      const bytes = Buffer.from(text)
      const body = {
        size: bytes.length,
        sha256: hash('sha256', bytes),
        read: async (from: number, to: number) => bytes.subarray(from, to),
      }
      await store.put(key, body, { 'content-type': ours ? 'image/png' : FOREIGN })
      if (ours) orphans.set(key, clock.wallMs())
    },
    async expected(rules) {
      const { kept, gone, contents } = memory.prune(rules)
      const isOld = (atMs: number): boolean => clock.wallMs() - atMs >= Math.max(1, rules.keepDays) * DAY_MS
      const known = memory.everNamed()
      const there = new Set(await keysOf(store))
      const lost = [...orphans].filter(([key, atMs]) => isOld(atMs) && !known.has(key)).map(([key]) => key)
      const blobs = (await keysOf(store, BLOBS)).map((key) => key.slice(BLOBS.length))
      const records = (await keysOf(store, `${STATE}releases/`)).map((key) => key.slice(`${STATE}releases/`.length, -5))
      return {
        // a page that the site had lost is gone since then
        keys: [...gone, ...lost].filter((key) => there.has(key)).sort(),
        contents: config.url === undefined ? blobs.filter((digest) => !contents.has(digest)).sort() : [],
        releases: records.filter((id) => !kept.has(id)).sort(),
      }
    },
    async prune({ dryRun, ...more } = {}) {
      const before = await keysOf(store)
      const removal = await prune({ ...published.history(more), dryRun }, run)
      const after = new Set(await keysOf(store))
      const gone = before.filter((key) => !after.has(key)).sort()
      const below = (folder: string): string[] =>
        gone.filter((key) => key.startsWith(folder)).map((key) => key.slice(folder.length))
      const keys = gone.filter((key) => !key.startsWith(STATE))
      memory.forget(keys)
      return {
        removal,
        gone: {
          keys,
          contents: config.url === undefined ? below(BLOBS) : [],
          releases: below(`${STATE}releases/`).map((name) => name.slice(0, -'.json'.length)),
        },
      }
    },
  }
}

const FOREIGN = 'x/foreign'

/** Objects that somebody else put carry no digest of ours. */
function withForeign(store: Store): Store {
  return {
    ...store,
    async head(key, options) {
      const found = await store.head(key, options)
      return found?.headers['content-type'] === FOREIGN ? { ...found, sha256: undefined } : found
    },
  }
}

/** What a deploy said that it named in the store. */
function keysNamedIn(events: readonly { readonly type: string }[]): string[] {
  const isGone = new Set(['expire', 'remove', 'page'])
  return events.flatMap((event) =>
    event.type === 'file' && 'op' in event && 'key' in event && !isGone.has(String(event.op))
      ? [String(event.key)]
      : [],
  )
}

interface Memory {
  publish(release: Remembered): void
  end(channel: string): void
  forget(keys: readonly string[]): void
  everNamed(): ReadonlySet<string>
  prune(rules: Rules): { kept: ReadonlySet<string>; gone: readonly string[]; contents: ReadonlySet<string> }
}

function createMemory(nowMs: () => number): Memory {
  const lines = new Map<string, Remembered[]>()
  const ended = new Map<string, number>()
  /** Since when no live release names a key that some release has named. */
  const unnamed = new Map<string, number>()
  const named = new Set<string>()
  const live = (): Set<string> =>
    new Set([...lines].flatMap(([name, [newest]]) => (ended.has(name) ? [] : [...(newest?.keys ?? [])])))
  const look = (): void => {
    const now = live()
    for (const key of named) {
      if (now.has(key)) unnamed.delete(key)
      else if (!unnamed.has(key)) unnamed.set(key, nowMs())
    }
  }
  return {
    publish(release) {
      const before = ended.has(release.channel) ? [] : (lines.get(release.channel) ?? [])
      const isNews = before[0]?.id !== release.id
      ended.delete(release.channel)
      lines.set(release.channel, isNews ? [release, ...before] : before)
      for (const key of release.keys) named.add(key)
      look()
    },
    end(channel) {
      ended.set(channel, nowMs())
      look()
    },
    forget(keys) {
      for (const key of keys) {
        named.delete(key)
        unnamed.delete(key)
      }
    },
    everNamed: () => new Set([...named]),
    prune({ keepReleases, keepDays }) {
      const isYoung = (atMs: number): boolean => nowMs() - atMs < keepDays * DAY_MS
      const kept = [...lines].flatMap(([name, releases]) => {
        const endedAt = ended.get(name)
        if (endedAt === undefined) return releases.filter(({ atMs }, place) => place < keepReleases || isYoung(atMs))
        return releases.filter(({ atMs }, place) => isYoung(place === 0 ? endedAt : atMs))
      })
      const stays = new Set(kept.flatMap(({ keys }) => [...keys]))
      return {
        kept: new Set(kept.map(({ id }) => id)),
        gone: [...unnamed].filter(([key, since]) => !stays.has(key) && !isYoung(since)).map(([key]) => key),
        contents: new Set(kept.flatMap(({ contents }) => [...contents])),
      }
    },
  }
}
