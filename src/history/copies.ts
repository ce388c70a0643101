import { hash } from 'node:crypto'
import { isOfBulk, sourceDigitsOf, sourceFolders } from '../batch/plan/keys.ts'
import type { Opened } from '../draft/opened.ts'
import { lookAt } from '../draft/unsettled.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import { ASSET_FOLDER } from '../plan/naming.ts'
import { listInParts } from '../transfer/list-in-parts.ts'
import { forEachBounded } from '../transfer/pool.ts'
import type { Digest, Key, SitePath } from '../words/model.ts'
import { isMadeFrom, mayBeMadeFrom } from './made-from.ts'
import { readRecorded } from './recorded.ts'
import type { Going } from './report.ts'

/** The digest of no bytes. */
export const EMPTY: Digest = hash('sha256', '')

/** Every copy of a file in a store, in whatever form. */
export interface Copies {
  readonly objects: readonly Going[]
  /** What releases name it by, whether anything lies there any more or not; in order. */
  readonly recorded: readonly Key[]
  /** Those among them that are known by the file's path, and by whose digests the others are found. */
  readonly own: readonly ManifestRow[]
  /** Of its current and earlier contents. */
  readonly digests: ReadonlySet<Digest>
  /** Kept contents among these. */
  readonly kept: readonly Digest[]
  /**
   * Kept contents that no release names: a failed run had put them, and the next one has replaced them. Which file they
   * belonged to is unknown, and nothing can restore them.
   */
  readonly unnamed: readonly Digest[]
  /** Releases whose records are damaged: copies that only they know were not found. */
  readonly unreadable: readonly string[]
}

export interface CopySearch {
  readonly opened: Opened
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
  /** Rows of this file that are removed already: their digests lead to the copies that remain. @default none */
  readonly gone?: Iterable<ManifestRow> | undefined
}

/**
 * Every object that was made from a file or holds the same bytes, whichever release or run has put it, and every
 * content that a recorded release had under its path. The key of a variant, of its receipt or of a batch's original
 * stands for the whole picture: to remove one size alone would be no takedown.
 */
export async function findCopies(path: SitePath, search: CopySearch): Promise<Copies> {
  const rows = [...(search.opened.manifest?.rows.values() ?? [])]
  const unpublished = await sentOnly(path, search)
  const there = [...rows.filter((row) => isMadeFrom(row, path)), ...unpublished]
  const gone = [...(search.gone ?? [])]
  const own = [...new Map([...gone, ...there].map((row) => [row.key, row])).values()]
  const digests = new Set([...gone, ...there].map(({ sha256 }) => sha256))
  const { versions, named, keys, unreadable } = await readRecorded(path, search)
  for (const digest of versions) digests.add(digest)
  digests.delete(EMPTY) // that another file is empty too makes it no copy
  const blobs = await search.opened.state.blobs.list()
  const source = sourceDigitsOf(path)
  const contents = source === undefined ? [] : [...rows.map(({ sha256 }) => sha256), ...blobs]
  // of the site, now or kept for a rollback
  for (const digest of contents) if (digest.startsWith(source ?? '')) digests.add(digest)
  const known = rows.flatMap((row): Going[] => {
    if (isMadeFrom(row, path)) return [{ ...row, reason: row.key === path ? 'named' : 'made from it' }]
    return digests.has(row.sha256) ? [{ ...row, reason: 'holds the same bytes' }] : []
  })
  const others = unpublished.map((found): Going => ({ ...found, reason: 'sent by a run that never published' }))
  const found = new Map([...known, ...others].map((going) => [going.key, going]))
  for (const going of await renderedFrom(path, digests, search)) if (!found.has(going.key)) found.set(going.key, going)
  return {
    objects: [...found.values()],
    recorded: [...keys].sort(),
    own,
    digests,
    kept: blobs.filter((digest) => digests.has(digest)),
    // a damaged record may name them
    unnamed: unreadable.length > 0 ? [] : blobs.filter((digest) => !digests.has(digest) && !named.has(digest)),
    unreadable,
  }
}

/** Its hashed names that no manifest knows: sent by an interrupted run, and publicly readable. */
async function sentOnly(path: SitePath, { opened, concurrency, signal }: CopySearch): Promise<ManifestRow[]> {
  const { store, manifest } = opened
  const keys: Key[] = []
  const expected = (): Iterable<Key> => manifest?.rows.keys() ?? []
  for await (const page of listInParts(store, ASSET_FOLDER, { expected, signal })) {
    keys.push(...page.map(({ key }) => key).filter((key) => mayBeMadeFrom(key, path) && !manifest?.rows.has(key)))
  }
  const found: ManifestRow[] = []
  await forEachBounded(keys, { concurrency, weigh: () => 0, signal }, async (key) => {
    const row = await lookAt(store, key, signal)
    if (row !== undefined && isMadeFrom(row, path)) found.push(row)
  })
  return found.sort((a, b) => (a.key < b.key ? -1 : 1))
}

/**
 * What `lading images` and a batch have made of any of its versions, and a batch's copy of the original. They lie under
 * the digest of their source, whichever site shows them. A manifest may list them too: for a site that includes them,
 * or from a check of the keys of an interrupted removal.
 */
async function renderedFrom(
  path: SitePath,
  digests: ReadonlySet<Digest>,
  { opened: { store }, signal }: CopySearch,
): Promise<Going[]> {
  const source = sourceDigitsOf(path)
  if (source === undefined && !IMAGE.test(path)) return []
  const found = new Map<Key, Going>()
  const sources = source === undefined ? digests : new Set([...digests, source])
  for (const { folder, start } of [...sources].flatMap(sourceFolders)) {
    for await (const page of store.list(folder, { signal })) {
      const its = page.filter(({ key }) => key.startsWith(start) && isOfBulk(key))
      for (const { key, size } of its)
        found.set(key, { key, size, reason: key === path ? 'named' : 'rendered from it' })
    }
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** What may have been rendered. */
const IMAGE = /\.(?:jpe?g|png|webp|gif|avif)$/i
