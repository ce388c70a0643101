import { POINTER_NAME, STATE_FOLDER } from '../transfer/state.ts'
import type { Key } from '../words/model.ts'

/** Folders below this site's prefix that are sites of their own, as a listing shows: each holds a pointer. */
export interface SitesBelow {
  /** Notes the key of a listing, if it tells of a site. */
  note(key: Key): void
  /** Whether it lies in one of them. To be asked when the listing has ended. */
  has(key: Key): boolean
  readonly folders: ReadonlySet<string>
}

const POINTER = `/${STATE_FOLDER}${POINTER_NAME}`

export function createSitesBelow(): SitesBelow {
  const folders = new Set<string>()
  return {
    folders,
    note(key) {
      if (key.endsWith(POINTER)) folders.add(key.slice(0, 1 - POINTER.length))
    },
    has: (key) => [...folders].some((folder) => key.startsWith(folder)),
  }
}
