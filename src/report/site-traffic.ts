import type { SitePath } from '../words/model.ts'
import type { Asked } from './month.ts'
import type { Traffic } from './table.ts'
import { type Keeping, loadsOf, readsOf, type Visits } from './visits.ts'

/** A file of the store, as visitors ask for it. */
export interface AskedFile {
  readonly path: SitePath
  readonly bytes: number
  readonly keeping: Keeping
  /** How long a CDN keeps it. */
  readonly sharedSeconds: number
  /** Pages that are sure to load it, and all that may. */
  readonly sure: number
  readonly all: number
}

/** What a month of visits comes to. */
export interface SiteTraffic extends Asked {
  readonly byFile: ReadonlyMap<SitePath, Traffic>
}

/** From pages that are viewed as often as each other. */
export function trafficOfVisits(
  files: readonly AskedFile[],
  { visits, pages, kind }: { readonly visits: Visits; readonly pages: number; readonly kind: 'sure' | 'all' },
): SiteTraffic {
  const shareOf = (count: number): number => (pages === 0 ? 0 : count / pages)
  const byFile = new Map(files.map((file) => [file.path, loadsOf({ ...file, share: shareOf(file[kind]) }, visits)]))
  return sumOf(files, byFile)
}

/** As it was logged, by file. */
export function sumOf(
  files: readonly Pick<AskedFile, 'path' | 'sharedSeconds'>[],
  byFile: ReadonlyMap<SitePath, Traffic>,
): SiteTraffic {
  let [requests, bytes, reads] = [0, 0, 0]
  for (const { path, sharedSeconds } of files) {
    const traffic = byFile.get(path) ?? { requests: 0, bytes: 0 }
    requests += traffic.requests
    bytes += traffic.bytes
    reads += readsOf(traffic.requests, sharedSeconds)
  }
  return { requests: Math.round(requests), bytes: Math.round(bytes), reads: Math.round(reads), byFile }
}
