import type { Opened } from '../draft/opened.ts'
import { EMPTY } from '../history/copies.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import { NO_POINTER } from '../plan/pointer.ts'
import type { Release } from '../plan/release.ts'
import { isPage } from '../rewrite/keep.ts'
import type { Digest, Key } from '../words/model.ts'

/**
 * What the history of a store names and the store has no more. Only a takedown removes the row of an object that a
 * recorded release names: a deploy removes those of pages alone, and `prune` the records too.
 */
export interface Missing {
  /** Hashed names. */
  readonly hashed: ReadonlySet<Key>
  /** Own paths, whatever lay there. */
  readonly own: ReadonlySet<Key>
  /** Contents that are nowhere. One that was only kept for rollbacks may have been lost by accident, too. */
  readonly digests: ReadonlySet<Digest>
  /** Contents kept for rollbacks. */
  readonly kept: readonly Digest[]
  /** These, and those of objects. */
  readonly present: ReadonlySet<Digest>
  readonly releases: readonly Release[]
}

/**
 * @param recorded the ids of the releases that a listing shows; a local copy may outlive its record
 * @param known releases that need not be read again
 */
export async function findMissing(
  opened: Opened,
  recorded: ReadonlySet<string>,
  known: ReadonlyMap<string, Release>,
): Promise<Missing> {
  const { live, manifest, state } = opened
  const releases = await historyOf(opened, recorded, known)
  const kept = await state.blobs.list()
  const rows = manifest?.rows ?? new Map<Key, ManifestRow>()
  const present = new Set([...[...rows.values()].map(({ sha256 }) => sha256), ...kept])
  const published = new Set([...(live?.pointer.channels.values() ?? [])].map(({ release }) => release))
  const hashed = releases.flatMap(({ paths, lingering, stored }) =>
    [...paths.values(), ...lingering].filter((key) => !rows.has(key) && !stored.has(key)),
  )
  const own = releases.flatMap(({ id, stored }) =>
    [...stored.keys()].filter((key) => !rows.has(key) && (published.has(id) || !isPage(key))),
  )
  const contents = releases.flatMap(({ stored, pages }) => [
    ...[...stored.values()].map(({ sha256 }) => sha256),
    ...pages.values(),
  ])
  // that another file is empty too makes it no copy
  const digests = new Set(contents.filter((digest) => digest !== EMPTY && !present.has(digest)))
  return { hashed: new Set(hashed), own: new Set(own), digests, kept, present, releases }
}

/** The releases that the pointer leads to: another record may be that of a run which never published. */
async function historyOf(
  { live, state }: Opened,
  recorded: ReadonlySet<string>,
  known: ReadonlyMap<string, Release>,
): Promise<Release[]> {
  const { channels, ended } = live?.pointer ?? NO_POINTER
  const ids = new Set([...channels.values(), ...ended.values()].map(({ release }) => release))
  const releases: Release[] = []
  // the set grows during iteration
  for (const id of ids) {
    if (!recorded.has(id)) continue
    const release = known.get(id) ?? (await state.readRelease(id))
    releases.push(release)
    if (release.previous !== undefined) ids.add(release.previous)
  }
  return releases
}

/** Whether a hashed name, or that of its second object with brotli, is missing. */
export function isMissing({ hashed }: Missing, key: Key): boolean {
  return hashed.has(key) || (key.endsWith('.br') && hashed.has(key.slice(0, -'.br'.length)))
}
