import type { ManifestRow } from '../plan/manifest.ts'
import { isAtOwnPath } from '../plan/naming.ts'
import { isPage } from '../rewrite/keep.ts'
import { OWN_PATH_WAVES, ownPathRank } from '../transfer/own-path-order.ts'
import type { Key } from '../words/model.ts'

/** What is copied, in the order of an upload: what names others comes after what it names. */
export interface Waves {
  /** Hashed names: only ever created, so they need no lock. */
  readonly hashed: readonly ManifestRow[]
  /** Files at their own paths. */
  readonly own: readonly (readonly ManifestRow[])[]
}

/** @param there keys that lie in the other store already */
export function wavesOf(rows: Iterable<ManifestRow>, there: ReadonlySet<Key>): Waves {
  const hashed: ManifestRow[] = []
  const own = Array.from({ length: OWN_PATH_WAVES }, (): ManifestRow[] => [])
  for (const row of rows) {
    const { key } = row
    if (!isAtOwnPath(row)) hashed.push(row)
    else own[ownPathRank({ path: key, isNew: !there.has(key), isPage: isPage(key) })]?.push(row)
  }
  return { hashed, own }
}
