import { sourceDigitsOf } from '../batch/plan/keys.ts'
import { EMPTY } from '../history/copies.ts'
import { asFailures } from '../history/report.ts'
import { VARIANT_DIGITS } from '../images/plan/keys.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import type { Release } from '../plan/release.ts'
import type { RemoveFailure } from '../store/store.ts'
import type { HeldDeploy } from '../transfer/held-deploy.ts'
import { forgetImages } from '../transfer/image-manifest.ts'
import { notRemoved, removeBatches } from '../transfer/remove-batches.ts'
import type { Digest, Key, SitePath } from '../words/model.ts'
import { findMissing, isMissing, type Missing } from './missing.ts'
import type { CopyInput } from './objects.ts'

/** What was taken down in one of the two stores while the other one has it. */
export interface Takedowns {
  /** Objects of the source that were taken down in the other store: they stay away. */
  readonly away: ReadonlySet<Key>
  /** Their contents, and those of earlier versions. */
  readonly awayDigests: ReadonlySet<Digest>
  /** Contents for rollbacks that the other store has not and may have. */
  readonly missingContents: readonly Digest[]
  /** Objects of the other store that were taken down in the source. */
  readonly going: readonly GoingObject[]
  /** What was rendered from these. */
  readonly goingVariants: readonly GoingObject[]
  readonly goingContents: readonly Digest[]
  readonly goingDigests: ReadonlySet<Digest>
  /** Files whose contents only the other store keeps: nothing tells a takedown in the source from a loss. */
  readonly lost: readonly SitePath[]
}

export type GoingObject = Pick<ManifestRow, 'key' | 'size'>

/** @param listed keys of the other store */
export async function findTakedowns(input: CopyInput, listed: ReadonlySet<Key>): Promise<Takedowns> {
  const { source, target, putBack } = input
  const known = new Map(source.releases.map((release) => [release.id, release]))
  const here = await findMissing(source, new Set(known.keys()), known)
  const there = await findMissing(target, new Set(await target.state.listReleases()), known)
  const { away, awayDigests } = putBack ? NOTHING_AWAY : staysAway(source.rows, there)
  const isPresent = new Set([EMPTY, ...here.present])
  const versions = versionsOf(here.own, [...here.releases, ...there.releases]).filter((one) => !isPresent.has(one))
  const found = await goingFrom(input, { here, versions: new Set(versions), listed })
  const goingDigests = new Set([...versions, ...found.map(({ sha256 }) => sha256)])
  for (const digest of isPresent) goingDigests.delete(digest)
  const variants = [...listed].filter((key) => isRenderedFrom(key, goingDigests)).sort()
  const isThere = new Set(there.kept)
  return {
    away,
    awayDigests,
    missingContents: here.kept.filter((digest) => !isThere.has(digest) && !awayDigests.has(digest)),
    going: found,
    goingVariants: variants.map((key) => ({ key, size: 0 })),
    goingContents: there.kept.filter((digest) => goingDigests.has(digest)),
    goingDigests,
    lost: filesOf(new Set(there.kept.filter((digest) => here.digests.has(digest) && !goingDigests.has(digest))), here),
  }
}

const NOTHING_AWAY = { away: new Set<Key>(), awayDigests: new Set<Digest>() }

function staysAway(rows: ReadonlyMap<Key, ManifestRow>, there: Missing): Pick<Takedowns, 'away' | 'awayDigests'> {
  const all = [...rows.values()]
  const named = all.filter(({ key, sha256 }) => isMissing(there, key) && !there.present.has(sha256))
  const awayDigests = new Set([...there.digests, ...named.map(({ sha256 }) => sha256)])
  awayDigests.delete(EMPTY)
  const away = new Set([...named, ...all.filter(({ sha256 }) => awayDigests.has(sha256))].map(({ key }) => key))
  return { away, awayDigests }
}

interface GoingSearch {
  readonly here: Missing
  /** Contents that were taken down in the source. */
  readonly versions: ReadonlySet<Digest>
  /** Keys of the other store. */
  readonly listed: ReadonlySet<Key>
}

/** Also what an interrupted copy has sent, which no manifest knows: the listing and the source's history do. */
async function goingFrom({ source, target, run }: CopyInput, { here, versions, listed }: GoingSearch) {
  const isNamed = (key: Key): boolean => isMissing(here, key) || here.own.has(key)
  const rows = target.manifest?.rows ?? new Map<Key, ManifestRow>()
  const going = [...rows.values()].filter(
    ({ key, sha256 }) => !source.rows.has(key) && (isNamed(key) || versions.has(sha256)),
  )
  const found = going.map(({ key, size, sha256 }) => ({ key, size, sha256 }))
  for (const key of listed) {
    if (source.rows.has(key) || rows.has(key) || !isNamed(key)) continue
    const { size = 0, sha256 } = (await target.store.head(key, { signal: run.signal })) ?? {}
    // without a digest it is somebody else's
    if (sha256 !== undefined) found.push({ key, size, sha256 })
  }
  return found.sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** Every content that was ever recorded at these paths. */
function versionsOf(keys: ReadonlySet<Key>, releases: readonly Release[]): Digest[] {
  return releases.flatMap(({ stored }) => [...keys].flatMap((key) => stored.get(key)?.sha256 ?? []))
}

function filesOf(digests: ReadonlySet<Digest>, { releases }: Missing): SitePath[] {
  const paths = releases.flatMap(({ stored, pages }) => [
    ...[...stored].flatMap(([key, { sha256 }]) => (digests.has(sha256) ? [key] : [])),
    ...[...pages].flatMap(([path, sha256]) => (digests.has(sha256) ? [path] : [])),
  ])
  return [...new Set(paths)].sort()
}

/** Whether a key is that of a variant, its receipt or an original of one of these contents. */
export function isRenderedFrom(key: Key, digests: ReadonlySet<Digest>): boolean {
  const digits = sourceDigitsOf(key)
  if (digits === undefined) return false
  if (digits.length > VARIANT_DIGITS) return digests.has(digits)
  for (const digest of digests) if (digest.startsWith(digits)) return true
  return false
}

export function isNothingGoing({ going, goingVariants, goingContents }: Takedowns): boolean {
  return going.length + goingVariants.length + goingContents.length === 0
}

/**
 * Removes what was taken down in the source, its own objects last: the contents are found through them, so that after
 * an interruption the next copy finds the rest.
 * @throws E_REMOVE
 */
export async function carryOver(
  { target: { store, state } }: CopyInput,
  takedowns: Takedowns,
  held: HeldDeploy,
): Promise<void> {
  if (isNothingGoing(takedowns)) return
  const { going, goingVariants, goingContents, goingDigests } = takedowns
  const keysOf = (objects: readonly GoingObject[]): Key[] => objects.map(({ key }) => key)
  const failures: RemoveFailure[] = await removeBatches(store, keysOf(goingVariants), held)
  held.guard()
  failures.push(...asFailures(await state.remove('blobs', goingContents)))
  if (failures.length === 0) {
    await forgetImages(state.images, (sha256) => goingDigests.has(sha256), held)
    failures.push(...(await removeBatches(store, keysOf(going), held)))
  }
  if (failures.length > 0) throw notRemoved(failures)
}
