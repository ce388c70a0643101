import { createHash } from 'node:crypto'
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What a folder holds, as far as the file system tells without a file being read. */
export interface FolderState {
  /** Another one when a file was added, removed, renamed, replaced or changed. */
  readonly digest: string
  /** When a file changed last, in nanoseconds since 1970. */
  readonly newestNs: bigint
}

/** A folder of more is walked by whoever knows what to leave out. */
const MOST_ENTRIES = 50_000

/** Undefined when it cannot be told: a link leads elsewhere, or something is no file, cannot be read, or is too much. */
export function folderState(root: string): FolderState | undefined {
  const walk: Walk = { lines: [], newestNs: 0n, entries: 0 }
  try {
    if (!addFolder(walk, root)) return undefined
    return { digest: createHash('sha256').update(walk.lines.join('')).digest('hex'), newestNs: walk.newestNs }
  } catch {
    return undefined
  }
}

interface Walk {
  /** One per folder and file. */
  readonly lines: string[]
  newestNs: bigint
  entries: number
}

/** @returns false when it holds what cannot be told */
function addFolder(walk: Walk, folder: string): boolean {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  walk.entries += entries.length
  if (walk.entries > MOST_ENTRIES) return false
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      walk.lines.push(`${JSON.stringify(path)}\n`)
      if (!addFolder(walk, path)) return false
    } else if (entry.isFile()) addFile(walk, path)
    else return false
  }
  return true
}

function addFile(walk: Walk, path: string): void {
  const { dev, ino, size, mtimeNs, ctimeNs } = lstatSync(path, { bigint: true })
  walk.lines.push(`${JSON.stringify(path)} ${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}\n`)
  for (const changed of [mtimeNs, ctimeNs]) if (changed > walk.newestNs) walk.newestNs = changed
}
