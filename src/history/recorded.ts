import type { Release } from '../plan/release.ts'
import { forEachBounded } from '../transfer/pool.ts'
import { LadingError } from '../words/errors.ts'
import type { Digest, Key, SitePath } from '../words/model.ts'
import type { CopySearch } from './copies.ts'
import { isMadeFrom, ownPaths } from './made-from.ts'

/** What the records of all releases say. */
export interface Recorded {
  /** Contents that a release had under this path. */
  readonly versions: ReadonlySet<Digest>
  /** What a release named it by, whether anything lies there any more or not. */
  readonly keys: ReadonlySet<Key>
  /** All contents that some release needs to be put back. */
  readonly named: ReadonlySet<Digest>
  /** Releases whose records are damaged: what they had under this path, and what only they name, is unknown. */
  readonly unreadable: readonly string[]
}

/**
 * Reads every record that a listing shows, and every one reachable through a channel's history: with an incomplete
 * listing, the contents of the others would seem to belong to no release.
 */
export async function readRecorded(path: SitePath, { opened, concurrency, signal }: CopySearch): Promise<Recorded> {
  const { state, live } = opened
  const [versions, named, keys] = [new Set<Digest>(), new Set<Digest>(), new Set<Key>()]
  const lives = [...(live?.pointer.channels.values() ?? [])].map(({ release }) => release)
  const ended = [...(live?.pointer.ended.values() ?? [])].map(({ release }) => release)
  // of others a history may lead to a record that was pruned
  const expected = new Set([...(await state.listReleases()), ...lives])
  const lost: string[] = []
  const seen = new Set<string>()
  let next = new Set([...expected, ...ended])
  while (next.size > 0) {
    const before = new Set<string>()
    for (const id of next) seen.add(id)
    await forEachBounded([...next], { concurrency, weigh: () => 0, signal }, async (id) => {
      const release = await state.readRelease(id).catch(unlessLost)
      if (release === undefined) return void lost.push(id)
      for (const digest of contentsOf(release)) named.add(digest)
      for (const digest of versionsIn(release, path)) versions.add(digest)
      for (const key of keysIn(release, path)) keys.add(key)
      if (release.previous !== undefined) before.add(release.previous)
    })
    next = new Set([...before].filter((id) => !seen.has(id)))
  }
  return { versions, named, keys, unreadable: lost.filter((id) => expected.has(id)).sort() }
}

function unlessLost(error: unknown): undefined {
  if (error instanceof LadingError && error.code === 'E_MANIFEST') return undefined
  throw error
}

function contentsOf({ stored, pages }: Release): Digest[] {
  return [...[...stored.values()].map(({ sha256 }) => sha256), ...pages.values()]
}

function keysIn({ paths, stored }: Release, path: SitePath): Key[] {
  const key = paths.get(path)
  return [...(key === undefined ? [] : [key]), ...[...paths.values(), ...stored.keys()].filter((name) => name === path)]
}

function versionsIn({ stored, pages }: Release, path: SitePath): Digest[] {
  const page = pages.get(path)
  const own = ownPaths(path).flatMap((key) => {
    const { sha256, headers = {} } = stored.get(key) ?? {}
    return sha256 !== undefined && isMadeFrom({ key, headers }, path) ? [sha256] : []
  })
  return page === undefined ? own : [page, ...own]
}
