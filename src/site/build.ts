import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUILD_RECORD_PATH, type BuildRecord } from '../plan/build-record.ts'
import { isAbsent } from '../words/system-error.ts'
import { OWN_FOLDER } from './scan/own-folder.ts'
import type { Scan } from './scan/scan.ts'
import { unreadable } from './scan/scan-trouble.ts'

/**
 * What the site's bundler has left about its build: the record of a plugin of ours, or its own manifest. Read late,
 * because most sites have neither.
 * @throws E_BUILD, E_UNREADABLE
 */
export async function readBuild(found: Scan): Promise<BuildRecord | undefined> {
  return found.names.has(OWN_FOLDER) ? readOwnBuild(found.root) : readForeignBuild(found)
}

/** What a plugin of ours has left in `folder`, which lies below the root or is it. */
export async function readOwnBuild(root: string, folder = ''): Promise<BuildRecord | undefined> {
  const { decodeBuildRecord } = await import('../plan/read-build-record.ts')
  const path = join(folder, BUILD_RECORD_PATH)
  let text: string
  try {
    text = readFileSync(join(root, path), 'utf8')
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw unreadable([path], error)
  }
  return decodeBuildRecord(text)
}

/** Scripts that a bundler without a plugin of ours wrote, when it has left its manifest. */
async function readForeignBuild({ root, names, files }: Scan): Promise<BuildRecord | undefined> {
  const { BUNDLER_MANIFESTS, carriesHash, emittedScripts } = await import('../plan/bundler-manifest.ts')
  const { bundleKey } = await import('../plan/naming.ts')
  const paths = new Set(files.map(({ path }) => path))
  for (const manifest of BUNDLER_MANIFESTS) {
    if (!names.has(manifest.split('/')[0] ?? '')) continue
    const scripts = emittedScripts(readIfThere(join(root, manifest)), (path) => paths.has(path))
    if (scripts.length === 0) continue
    const hashed = scripts.filter(carriesHash)
    return {
      ...{ bundler: manifest, url: '', cors: false, rewritten: false, store: undefined },
      files: new Map(hashed.map((path) => [path, { key: bundleKey(path), immutable: true }])),
      emitted: new Set(scripts.filter((path) => !carriesHash(path))),
      origin: new Set(),
      sent: new Set(),
    }
  }
  return undefined
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
