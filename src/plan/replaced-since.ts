import type { Key } from '../words/model.ts'
import type { Manifest } from './manifest.ts'
import type { Release } from './release.ts'

/**
 * Own-path keys of a live release that hold other content by now. A dead run has replaced them: later publishes know
 * their contents, but not what those refer to. A key that is not there at all was taken down.
 */
export function replacedSince({ stored }: Pick<Release, 'stored'>, manifest: Manifest | undefined): Key[] {
  const isOther = (key: Key, sha256: string): boolean => (manifest?.rows.get(key)?.sha256 ?? sha256) !== sha256
  return [...stored].flatMap(([key, { sha256 }]) => (isOther(key, sha256) ? [key] : []))
}
