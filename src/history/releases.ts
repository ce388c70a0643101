import type { StoreOptions } from '../config/resolve.ts'
import { openAndRead } from '../draft/opened.ts'
import type { Mode } from '../model.ts'
import type { Release } from '../plan/release.ts'
import type { Run } from '../run.ts'
import { forEachBounded } from '../transfer/pool.ts'

/** One release, as a list shows it. */
export interface ReleaseInfo {
  readonly id: string
  readonly seq: number
  readonly channel: string
  /** True for the one that its channel serves now. */
  readonly live: boolean
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

/** All recorded releases, newest first. Records that a killed run left behind, and no pointer ever named, are among them. */
export async function releases(options: StoreOptions, run: Run = {}): Promise<ReleaseInfo[]> {
  const { state, live } = await openAndRead(options, run, run.emit ?? (() => {}))
  const liveIds = new Set([...(live?.pointer.channels.values() ?? [])].map(({ release }) => release))
  const ids = await state.listReleases()
  const found: Release[] = []
  await forEachBounded(ids, { ...options, weigh: () => 0, signal: run.signal }, async (id) => {
    found.push(await state.readRelease(id))
  })
  return found
    .sort((a, b) => b.seq - a.seq || (a.id < b.id ? -1 : 1))
    .map(({ id, seq, channel, createdAt, previous, restores, mode, url, paths, stored, pages }) => ({
      id,
      seq,
      channel,
      live: liveIds.has(id),
      createdAt,
      previous,
      restores,
      mode,
      url,
      files: paths.size + stored.size,
      pages: mode === 'offload' ? pages.size : [...stored.keys()].filter((key) => /\.x?html?$/i.test(key)).length,
    }))
}
