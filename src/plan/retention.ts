import type { Digest, Key } from '../words/model.ts'
import type { Manifest, ManifestRow } from './manifest.ts'
import type { Release } from './release.ts'

const DAY_MS = 86_400_000

export interface RetentionRules {
  readonly nowMs: number
  /** Releases of a channel that stay, the live one among them. */
  readonly keepReleases: number
  /** Days that a release stays at least, and a file after the last release that named it. */
  readonly keepDays: number
  /** Keys that stay although no release names them, because a file that one names refers to them. @default none */
  readonly needed?: ReadonlySet<Key> | undefined
}

/** One channel's releases, newest first; of an ended one only what its age keeps. */
export interface History {
  readonly releases: readonly Release[]
  /** ISO 8601; absent while the channel lives. */
  readonly endedAt: string | undefined
}

/**
 * The releases that stay: of a living channel the newest, the next ones up to the number, and all that are young; of
 * an ended one those that are young, counted from its end.
 */
export function keptReleases(histories: Iterable<History>, rules: RetentionRules): Release[] {
  return [...histories].flatMap(({ releases, endedAt }) =>
    releases.filter((release, index) =>
      endedAt === undefined
        ? index < rules.keepReleases || isYoung(release.createdAt, rules)
        : isYoung(index === 0 ? endedAt : release.createdAt, rules),
    ),
  )
}

/** Whether a history has to be followed further back to know all that stays. */
export function goesOn({ releases, endedAt }: History, rules: RetentionRules): boolean {
  const last = releases.at(-1)
  if (last?.previous === undefined) return false
  return (endedAt === undefined && releases.length < rules.keepReleases) || isYoung(last.createdAt, rules)
}

export function isYoung(iso: string, { nowMs, keepDays }: RetentionRules): boolean {
  return nowMs - Date.parse(iso) < keepDays * DAY_MS
}

export interface Retention {
  /** Objects that no kept release names, and that were last named long enough ago. */
  readonly gone: readonly { readonly row: ManifestRow; readonly reason: string }[]
  /** Objects that no kept release names and that are not yet marked as unnamed. */
  readonly unnamed: readonly Key[]
  /** Contents that some kept release needs to be put back. */
  readonly contents: ReadonlySet<Digest>
}

/**
 *   named by a kept release   last named          object
 *   yes                       -                   stays
 *   no                        nobody has noted    stays; its time begins now
 *   no                        within keepDays     stays
 *   no                        longer ago          goes
 */
export function retain(manifest: Manifest | undefined, kept: readonly Release[], rules: RetentionRules): Retention {
  const named = new Set([
    ...kept.flatMap(({ paths, stored, lingering }) => [...paths.values(), ...stored.keys(), ...lingering]),
    ...(rules.needed ?? []),
  ])
  const gone: { row: ManifestRow; reason: string }[] = []
  const unnamed: Key[] = []
  for (const row of manifest?.rows.values() ?? []) {
    if (named.has(row.key)) continue
    if (row.unnamedSince === undefined) unnamed.push(row.key)
    else if (!isYoung(row.unnamedSince, rules))
      gone.push({ row, reason: `not named since ${row.unnamedSince.slice(0, 10)}` })
  }
  const contents = new Set(
    kept.flatMap(({ stored, pages }) => [...[...stored.values()].map(({ sha256 }) => sha256), ...pages.values()]),
  )
  return { gone, unnamed, contents }
}
