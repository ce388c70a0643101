import { hash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { writeCacheFile } from '../site/cache-file.ts'

/** How many copies are kept of a kind; a kind is the name up to its first `-`. */
const KEPT: Readonly<Record<string, number>> = { manifest: 4 }
/** Of every other kind: a release for each live channel, and some to look back at. */
const KEPT_OTHERS = 64

/** Local cache of immutable objects, by name. A copy that cannot be written or read is fetched again: no failure. */
export interface Copies {
  /** What `decode` makes of the copy; `undefined` without one, or when it is damaged and `decode` throws. */
  read<T>(name: string, decode: (bytes: Uint8Array) => T): T | undefined
  /** Writes a copy and evicts the oldest of its kind. */
  write(name: string, bytes: Uint8Array): void
}

/** @param label tells stores apart; only its hash is written */
export function localCopies(cacheDir: string, label: string): Copies {
  const folder = join(cacheDir, `state-${hash('sha256', label).slice(0, 16)}`)
  return {
    read(name, decode) {
      try {
        return decode(readFileSync(join(folder, name)))
      } catch {
        return undefined
      }
    },
    write(name, bytes) {
      try {
        writeCacheFile(join(folder, name), bytes)
        forgetOldest(folder, name.slice(0, name.indexOf('-')))
      } catch {
        // a read-only or full disk costs one request next time
      }
    },
  }
}

/** Temporary files of killed runs count as copies of the same kind, so they are evicted too. */
function forgetOldest(folder: string, kind: string): void {
  const copies = readdirSync(folder)
    .filter((name) => name.startsWith(`${kind}-`))
    .map((name) => ({ file: join(folder, name), age: -statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => a.age - b.age)
  for (const { file } of copies.slice(KEPT[kind] ?? KEPT_OTHERS)) rmSync(file, { force: true })
}
