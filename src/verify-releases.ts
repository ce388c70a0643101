import type { Opened } from './draft/opened.ts'
import { LadingError } from './errors.ts'
import type { DriftEvent } from './events.ts'
import type { Digest } from './model.ts'
import type { Manifest } from './plan/manifest.ts'
import type { Release } from './plan/release.ts'
import { replacedSince } from './plan/replaced-since.ts'

/** Contradictions between the live releases and the rest of the state. */
export async function checkReleases({ live, manifest, state }: Opened): Promise<DriftEvent[]> {
  const drift: DriftEvent[] = []
  const contents = new Set(await state.blobs.list())
  for (const [channel, { release: id }] of live?.pointer.channels ?? []) {
    const release = await readable(state, id)
    const differences =
      release === undefined
        ? [{ key: id, detail: `the record of the live release of ${channel} cannot be read` }]
        : differencesOf(release, manifest, contents)
    drift.push(...differences.map((difference): DriftEvent => ({ type: 'drift', kind: 'state', ...difference })))
  }
  return drift
}

type Difference = Pick<DriftEvent, 'key' | 'detail'>

/** A live release is intact when the manifest has all it names, unchanged, and its pages' contents are kept. */
function differencesOf(release: Release, manifest: Manifest | undefined, contents: ReadonlySet<Digest>): Difference[] {
  const { id, channel, paths, stored, lingering, pages } = release
  const named = [...new Set([...paths.values(), ...stored.keys(), ...lingering])]
  const unknown = named.filter((key) => !manifest?.rows.has(key))
  const unkept = [...pages].filter(([, digest]) => !contents.has(digest))
  return [
    ...unknown.map((key) => ({ key, detail: `release ${id} of ${channel} names it, the manifest does not` })),
    ...replacedSince(release, manifest).map((key) => ({
      key,
      detail: `release ${id} of ${channel} has another content: this one is of a run that was not finished`,
    })),
    ...unkept.map(([key]) => ({ key, detail: `the page as release ${id} has it is not kept: no rollback to it` })),
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
