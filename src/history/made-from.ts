import { bundlePath, unhashedPath } from '../plan/naming.ts'
import type { HeaderSet, Key, SitePath } from '../words/model.ts'

/** File name suffix of a compressed copy beside its original, by encoding. */
const ENDS: Readonly<Record<string, string>> = { br: '.br', gzip: '.gz' }

interface Named {
  readonly key: Key
  readonly headers: HeaderSet
}

/**
 * Whether a key is this path's own, one of its hashed names, or its bundler's name; or that of a compressed form of one
 * of these. A name alone is no proof of the latter: the object says that it is compressed.
 */
export function isMadeFrom({ key, headers }: Named, path: SitePath): boolean {
  const end = ENDS[headers['content-encoding'] ?? '']
  return isNameOf(key, path) || (end !== undefined && isNameBeside(key, path, end))
}

/** Whether a key can be one of these, as far as its name tells. */
export function mayBeMadeFrom(key: Key, path: SitePath): boolean {
  return isNameOf(key, path) || Object.values(ENDS).some((end) => isNameBeside(key, path, end))
}

/** The path, and where a compressed form of it lies that the site has brought along. */
export function ownPaths(path: SitePath): SitePath[] {
  return [path, ...Object.values(ENDS).map((end) => path + end)]
}

function isNameOf(key: Key, path: SitePath): boolean {
  return key === path || unhashedPath(key) === path || bundlePath(key) === path
}

/** `secret.svg.br`, `a/secret.<hash>.svg.br`, and `a/secret.svg.<hash>.br` of a file that the site has brought along. */
function isNameBeside(key: Key, path: SitePath, end: string): boolean {
  if (!key.endsWith(end)) return false
  return isNameOf(key.slice(0, -end.length), path) || isNameOf(key, path + end)
}
