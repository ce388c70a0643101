import type { Opened } from '../draft/opened.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import type { Pointer } from '../plan/pointer.ts'
import type { Release } from '../plan/release.ts'
import type { State } from '../transfer/state.ts'
import { LadingError } from '../words/errors.ts'
import type { ETag, Key } from '../words/model.ts'

/** Everything that was published to a store. */
export interface Source extends Opened {
  readonly pointer: Pointer
  readonly etag: ETag | undefined
  readonly rows: ReadonlyMap<Key, ManifestRow>
  readonly releases: readonly Release[]
}

/** @throws E_COPY when nothing was published there */
export async function readSource(opened: Opened, signal: AbortSignal | undefined): Promise<Source> {
  const { live, manifest, state } = opened
  if (live === undefined || manifest === undefined || live.pointer.seq === 0) {
    throw new LadingError('E_COPY', 'Nothing was published to the store that is to be copied', {
      subject: state.label,
      hint: 'Check the address; lading releases --to STORE lists what there is.',
    })
  }
  const releases: Release[] = []
  for (const id of await state.listReleases()) {
    signal?.throwIfAborted()
    const release = await state.readRelease(id)
    // a later number belongs to a release that is being made
    if (release.seq <= live.pointer.seq) releases.push(release)
  }
  return { ...opened, ...live, rows: manifest.rows, releases }
}

/**
 * The other store is empty, or an earlier copy of the same site: every release that is live there is one of the
 * source's.
 * @throws E_COPY
 */
export function refuseStranger({ releases }: Source, target: Opened): void {
  const known = new Set(releases.map(({ id }) => id))
  const there = target.live?.pointer
  const strangers = [...(there?.channels.values() ?? [])].filter(({ release }) => !known.has(release))
  if (strangers.length === 0) return
  throw new LadingError('E_COPY', 'The other store holds releases that this one does not know', {
    subject: target.state.label,
    details: strangers.map(({ release }) => release),
    why: 'A copy would replace what is live there.',
    hint: 'Copy to an empty prefix, or the other way round.',
  })
}

/** Copies the records of releases. @returns how many there are */
export async function copyRecords({ releases }: Source, to: State, dryRun: boolean): Promise<number> {
  if (!dryRun) for (const release of releases) await to.writeRelease(release)
  return releases.length
}
