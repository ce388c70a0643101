import type { Opened } from '../draft/opened.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import { isAtOwnPath } from '../plan/naming.ts'
import { isPage } from '../rewrite/keep.ts'
import type { Key } from '../words/model.ts'
import type { Source } from './source.ts'

/** What an earlier copy has brought and the source no longer has. */
export interface Stale {
  /** Removed, as they were from the source: they would still be served at their addresses. */
  readonly pages: readonly ManifestRow[]
  /** The rest stays until it is pruned, and counts as unnamed from now on. */
  readonly rows: ReadonlyMap<Key, ManifestRow>
}

interface StaleOptions {
  /** ISO 8601. */
  readonly at: string
  /** What goes without a trace, because it was taken down. */
  readonly isGoing: ReadonlySet<Key>
}

export function findStale(source: Source, { manifest }: Opened, { at, isGoing }: StaleOptions): Stale {
  const left = [...(manifest?.rows.values() ?? [])].filter(({ key }) => !source.rows.has(key) && !isGoing.has(key))
  const isStalePage = (row: ManifestRow): boolean => isPage(row.key) && isAtOwnPath(row)
  const rest = left.filter((row) => !isStalePage(row))
  return {
    pages: left.filter(isStalePage),
    rows: new Map(rest.map((row): [Key, ManifestRow] => [row.key, { ...row, unnamedSince: row.unnamedSince ?? at }])),
  }
}
