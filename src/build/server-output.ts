import type { BuildRecord } from '../plan/build-record.ts'
import type { SitePath } from '../words/model.ts'
import { writeBuildRecord } from './record.ts'

/** What a build for a server has written. */
export interface ServerOutput {
  /** Absolute. */
  readonly outDir: string
  readonly bundler: string
  /** Its scripts, by their paths in that folder. */
  readonly code: ReadonlySet<SitePath>
}

/**
 * Marks the folders of servers, so that publishing a parent folder leaves them out. If a folder also holds a site, its
 * record lists the server's scripts.
 */
export async function markServers(servers: readonly ServerOutput[]): Promise<void> {
  if (servers.length === 0) return
  const { readBuildRecord } = await import('./read-record.ts') // late, since most builds have no server
  for (const { outDir, bundler, code } of servers) {
    const site = readBuildRecord(outDir)
    const isShared = site !== undefined && site.server !== 'all'
    await writeBuildRecord(outDir, isShared ? withServer(site, code) : { ...NOTHING, bundler })
  }
}

/** Adds the scripts of a server to the record. Files that are for browsers too belong to the site. */
export function withServer(record: BuildRecord, code: Iterable<SitePath>): BuildRecord {
  const own = [...code].filter((path) => !record.files.has(path) && !record.origin.has(path))
  const known = record.server === 'all' ? [] : (record.server ?? [])
  return own.length === 0 ? record : { ...record, server: new Set([...known, ...own]) }
}

const NOTHING = {
  url: '',
  cors: false,
  rewritten: false,
  files: new Map(),
  origin: new Set<SitePath>(),
  sent: new Set<string>(),
  store: undefined,
  server: 'all',
} as const
