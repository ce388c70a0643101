import type { Release } from '../plan/release.ts'
import type { RemoveFailure } from '../store/store.ts'
import type { State, StateKind } from '../transfer/state.ts'
import type { Digest } from '../words/model.ts'
import { asFailures } from './report.ts'

/** Deploys before the live one whose records stay: a run that has been planning for long must not find its number free. */
const KEPT_DEPLOYS = 100

/** Parts of the state that nothing needs any more, by kind. */
export type Leftovers = Readonly<Record<StateKind, readonly string[]>>

export interface Needed {
  /** Number of the last publish. */
  readonly seq: number
  readonly kept: readonly Release[]
  /** Contents that some kept release needs to be put back. */
  readonly contents: ReadonlySet<Digest>
}

/** An incomplete listing only leaves something behind; it never leads to removing what is needed. */
export async function findLeftovers(state: State, { seq, kept, contents }: Needed): Promise<Leftovers> {
  const ids = new Set(kept.map(({ id }) => `${id}.json`))
  const numbers = new Set([seq, ...kept.map((release) => release.seq)])
  const isOld = (name: string): boolean => numberOf(name) <= seq
  return {
    releases: (await state.list('releases')).filter((name) => !ids.has(name) && isOld(name)),
    manifests: (await state.list('manifests')).filter((name) => !numbers.has(numberOf(name)) && isOld(name)),
    deploys: (await state.list('deploys')).filter((name) => numberOf(name) <= seq - KEPT_DEPLOYS),
    blobs: (await state.list('blobs')).filter((name) => !contents.has(name)),
  }
}

/** `r12-k5xw3a.json`, `12-0a1b.json.gz`, `12.json` -> 12; Infinity for a name that is not ours. */
function numberOf(name: string): number {
  return Number(/^r?(\d+)[-.]/.exec(name)?.[1] ?? Number.POSITIVE_INFINITY)
}

export function sizeOf(leftovers: Leftovers): number {
  return Object.values(leftovers).reduce((sum, names) => sum + names.length, 0)
}

/**
 * Each publish leaves a manifest and the record of its deploy behind, that of a removal as well. Those alone are no
 * reason to publish again, or it would never end.
 */
export function isReason({ releases, blobs }: Leftovers): boolean {
  return releases.length + blobs.length > 0
}

/** @returns those that could not be removed */
export async function removeLeftovers(state: State, leftovers: Leftovers): Promise<RemoveFailure[]> {
  const failures: RemoveFailure[] = []
  for (const kind of ['releases', 'manifests', 'deploys', 'blobs'] as const) {
    failures.push(...asFailures(await state.remove(kind, leftovers[kind])))
  }
  return failures
}
