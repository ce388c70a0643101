import { BUILD_RECORD_PATH, type BuildRecord } from '../plan/build-record.ts'
import { LadingError } from '../words/errors.ts'
import { readOwnBuild } from './build.ts'
import { OWN_FOLDER } from './scan/own-folder.ts'
import type { Scan } from './scan/scan.ts'

/** Why a server's files are skipped. */
const RULE = 'built for a server'

/**
 * The scan without what plugins have recorded as built for servers: files among the site's, and whole folders inside
 * it, whatever lies there. That code must not become public.
 * @throws E_BUILD when that is the root itself; E_UNREADABLE when the record of a folder cannot be read
 */
export async function withoutServers(found: Scan, build: BuildRecord | undefined): Promise<Scan> {
  const files = build?.server ?? new Set<string>()
  if (files === 'all') throw serverRoot(found.root)
  const folders = await serverFolders(found)
  if (files.size === 0 && folders.length === 0) return found
  const isInside = (path: string): boolean => folders.some((folder) => path.startsWith(`${folder}/`))
  const isServers = ({ path }: { readonly path: string }): boolean => files.has(path) || isInside(path)
  const left = found.files.filter(isServers).map(({ path }) => path)
  const named = [...folders, ...left.filter((path) => !isInside(path))]
  return {
    ...found,
    files: found.files.filter((file) => !isServers(file)),
    secrets: found.secrets.filter((file) => !isServers(file)),
    skipped: [...found.skipped.filter((file) => !isServers(file)), ...named.map((path) => ({ path, rule: RULE }))],
  }
}

/** Inner folders with a record of their own, of a server. */
async function serverFolders({ root, skipped }: Scan): Promise<string[]> {
  const end = `/${OWN_FOLDER}`
  const folders = skipped.filter(({ path }) => path.endsWith(end)).map(({ path }) => path.slice(0, -end.length))
  const servers: string[] = []
  for (const folder of folders) if ((await readOwnBuild(root, folder))?.server === 'all') servers.push(folder)
  return servers
}

function serverRoot(root: string): LadingError {
  return new LadingError('E_BUILD', 'This folder was built for a server, not for browsers', {
    subject: `${root}/${BUILD_RECORD_PATH}`,
    why: 'A server keeps its code to itself; here it would become public.',
    hint: 'Name the folder that was built for browsers.',
  })
}
