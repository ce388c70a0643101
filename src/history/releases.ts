import type { StoreOptions } from '../config/resolve.ts'
import { openAndRead } from '../draft/opened.ts'
import type { Run } from '../line/run.ts'
import { NO_POINTER, type Pointer } from '../plan/pointer.ts'
import type { Release } from '../plan/release.ts'
import { forEachBounded } from '../transfer/pool.ts'
import type { Mode } from '../words/model.ts'

/** One release, as a list shows it. */
export interface ReleaseInfo {
  readonly id: string
  readonly seq: number
  readonly channel: string
  /** True for the one that its channel serves now. */
  readonly live: boolean
  /** False for the record of a run that ended, or has not yet come, before its publish. */
  readonly published: boolean
  /** ISO 8601. */
  readonly createdAt: string
  /** The release that was live before it. */
  readonly previous: string | undefined
  /** The release that this one, a rollback, put back. */
  readonly restores: string | undefined
  readonly mode: Mode
  readonly url: string | undefined
  /** Objects in the store that it names. */
  readonly files: number
  readonly pages: number
}

/** All recorded releases, newest first, those of runs that never published among them. */
export async function releases(options: StoreOptions, run: Run = {}): Promise<ReleaseInfo[]> {
  const { state, live } = await openAndRead(options, run, run.emit ?? (() => {}))
  const liveIds = new Set([...(live?.pointer.channels.values() ?? [])].map(({ release }) => release))
  const ids = await state.listReleases()
  const found: Release[] = []
  await forEachBounded(ids, { ...options, weigh: () => 0, signal: run.signal }, async (id) => {
    found.push(await state.readRelease(id))
  })
  const unpublished = unpublishedOf(found, live?.pointer ?? NO_POINTER)
  return found
    .sort((a, b) => b.seq - a.seq || (a.id < b.id ? -1 : 1))
    .map(({ id, seq, channel, createdAt, previous, restores, mode, url, paths, stored, pages }) => ({
      id,
      seq,
      channel,
      live: liveIds.has(id),
      published: !unpublished.has(id),
      createdAt,
      previous,
      restores,
      mode,
      url,
      files: paths.size + stored.size,
      pages: mode === 'offload' ? pages.size : [...stored.keys()].filter((key) => /\.x?html?$/i.test(key)).length,
    }))
}

/**
 * Records that are passed over when a channel is followed back from its last release. Beyond a record that is gone, and
 * in channels that the pointer has forgotten, nothing is known.
 */
function unpublishedOf(found: readonly Release[], { channels, ended }: Pointer): Set<string> {
  const byId = new Map(found.map((release) => [release.id, release]))
  const unpublished = new Set<string>()
  for (const [channel, { release: last }] of new Map<string, { readonly release: string }>([...ended, ...channels])) {
    const chain = new Set<string>()
    let oldest: Release | undefined
    for (let at = byId.get(last); at !== undefined && !chain.has(at.id); at = byId.get(at.previous ?? '')) {
      chain.add(at.id)
      oldest = at
    }
    if (oldest === undefined) continue
    const since = oldest.previous === undefined ? 0 : oldest.seq
    const passed = found.filter(({ id, seq, ...of }) => of.channel === channel && seq >= since && !chain.has(id))
    for (const { id } of passed) unpublished.add(id)
  }
  return unpublished
}
