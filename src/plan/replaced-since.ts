import type { Key } from '../model.ts'
import type { Manifest } from './manifest.ts'
import type { Release } from './release.ts'

/**
 * Keys of a live release at their own paths that hold another content by now. A run that died has replaced them:
 * whoever published after it knows what they hold, and nobody what that names. A key that is not there at all was
 * taken down.
 */
export function replacedSince({ stored }: Pick<Release, 'stored'>, manifest: Manifest | undefined): Key[] {
  const isOther = (key: Key, sha256: string): boolean => (manifest?.rows.get(key)?.sha256 ?? sha256) !== sha256
  return [...stored].flatMap(([key, { sha256 }]) => (isOther(key, sha256) ? [key] : []))
}
