import type { Opened } from '../draft/opened.ts'
import type { Manifest } from '../plan/manifest.ts'
import type { Release } from '../plan/release.ts'
import { replacedSince } from '../plan/replaced-since.ts'
import { LadingError } from '../words/errors.ts'
import type { DriftEvent } from '../words/events.ts'
import type { Digest, Key } from '../words/model.ts'

/**
 * Contradictions between the live releases and the rest of the state.
 * @param listed what lies in the store
 */
export async function checkReleases(
  { live, manifest, state }: Opened,
  listed: ReadonlySet<Key>,
): Promise<DriftEvent[]> {
  const drift: DriftEvent[] = []
  const contents = new Set(await state.blobs.list())
  for (const [channel, { release: id }] of live?.pointer.channels ?? []) {
    const release = await readable(state, id)
    const differences =
      release === undefined
        ? [{ kind: 'state' as const, key: id, detail: `the record of the live release of ${channel} cannot be read` }]
        : differencesOf(release, { manifest, contents, listed })
    drift.push(...differences.map((difference): DriftEvent => ({ type: 'drift', ...difference })))
  }
  return drift
}

type Difference = Omit<DriftEvent, 'type'>

interface StoreState {
  readonly manifest: Manifest | undefined
  /** Kept for rollbacks. */
  readonly contents: ReadonlySet<Digest>
  readonly listed: ReadonlySet<Key>
}

/**
 * A live release is intact when the manifest has all it names, unchanged, and its pages' contents are kept. Only a
 * takedown removes an object and its row while a live release names it.
 */
function differencesOf(release: Release, { manifest, contents, listed }: StoreState): Difference[] {
  const { id, channel, paths, stored, lingering, pages } = release
  const named = [...new Set([...paths.values(), ...stored.keys(), ...lingering])]
  const unknown = named.filter((key) => !manifest?.rows.has(key))
  const unkept = [...pages].filter(([, digest]) => !contents.has(digest))
  return [
    ...unknown.map((key): Difference => {
      const isRemoved = !listed.has(key)
      const reason = isRemoved ? 'it was taken down' : 'the manifest does not'
      return { kind: isRemoved ? 'removed' : 'state', key, detail: `release ${id} of ${channel} names it, ${reason}` }
    }),
    ...replacedSince(release, manifest).map((key) => ({
      kind: 'state' as const,
      key,
      detail: `release ${id} of ${channel} has another content: this one is of a run that was not finished`,
    })),
    ...unkept.map(([key]) => ({
      kind: 'state' as const,
      key,
      detail: `the page as release ${id} has it is not kept: no rollback to it`,
    })),
  ]
}

async function readable(state: Opened['state'], id: string): Promise<Release | undefined> {
  try {
    return await state.readRelease(id)
  } catch (error) {
    if (error instanceof LadingError && error.code === 'E_MANIFEST') return undefined
    throw error
  }
}
