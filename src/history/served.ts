import { originPaths, visitedPaths } from '../cdn/aliases.ts'
import type { Cdn } from '../cdn/cdn.ts'
import type { HistoryOptions } from '../config/history.ts'
import type { CdnTarget } from '../config/interface.ts'
import type { Opened } from '../draft/opened.ts'
import { isRendered } from '../images/plan/keys.ts'
import type { Run } from '../line/run.ts'
import { ASSET_FOLDER } from '../plan/naming.ts'
import { openCdn } from '../providers.ts'
import type { Key } from '../words/model.ts'

/** The CDN of a site whose files are not at hand. @throws E_MISSING_PACKAGE, E_CREDENTIALS, E_CDN, E_ENDPOINT */
export function openCdnOf(
  cdn: CdnTarget,
  { site, requestTimeoutMs }: HistoryOptions,
  { env, signal }: Run,
): Promise<Cdn> {
  const origin = site === undefined ? undefined : new URL(site).origin
  return openCdn(cdn, { env: env ?? process.env, origin, signal, requestTimeoutMs })
}

/** Where a CDN may hold these keys: at every address where a channel is served. */
export function addressesOf(
  keys: readonly Key[],
  { live }: Pick<Opened, 'live'>,
  { base, target }: Pick<HistoryOptions, 'base' | 'target'>,
): string[] {
  const roots = [...(live?.pointer.channels.values() ?? [])].map(({ url, mode }) => {
    const served = url === null ? base : decodeURIComponent(new URL(url, 'https://path.invalid').pathname)
    return { hashed: served, own: mode === 'host' ? served : base }
  })
  const paths = keys.flatMap((key) => {
    const isHashed = key.startsWith(ASSET_FOLDER) || isRendered(key)
    return [
      ...roots.flatMap(({ hashed, own }) => visitedPaths(key, isHashed ? hashed : own)),
      ...originPaths(key, target),
    ]
  })
  return [...new Set(paths)]
}

/** Opened when there is something to purge: that it cannot be opened is then a failed purge, which is only a warning. */
export function openCdnLate(options: HistoryOptions, run: Run): Cdn | undefined {
  const { cdn } = options
  if (cdn === undefined) return undefined
  return { label: 'the CDN', purge: async (paths, given) => (await openCdnOf(cdn, options, run)).purge(paths, given) }
}
