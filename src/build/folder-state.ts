import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, type Stats } from 'node:fs'

/** What a folder holds, as far as the file system tells without a file being read. */
export interface FolderState {
  /** Another one when a file was added, removed, renamed, replaced or changed. */
  readonly digest: string
  /** When a file changed last, in milliseconds since 1970. */
  readonly newestMs: number
}

/** Larger folders are left to the full scan, which knows what to leave out. */
const MOST_ENTRIES = 50_000

/** Undefined when unknown: a symlink or special file, something unreadable, or too many entries. */
export function folderState(root: string): FolderState | undefined {
  const walk: Walk = { text: '', newestMs: 0, entries: 0 }
  try {
    if (!addFolder(walk, root)) return undefined
    return { digest: createHash('sha256').update(walk.text).digest('hex'), newestMs: walk.newestMs }
  } catch {
    return undefined
  }
}

/** Ends a folder's entries: without it, a file after a subfolder would look like one inside it. */
const END = '\0\n'

interface Walk {
  /** A line per folder and file, and one behind what lies in a folder; no name holds a NUL. */
  text: string
  newestMs: number
  entries: number
}

/**
 * Every build waits for this, and runs it once, as cold code: so the fewest steps per file. Names come in their order.
 * @returns false when it holds what cannot be told
 */
function addFolder(walk: Walk, folder: string): boolean {
  const names = readdirSync(folder)
  walk.entries += names.length
  if (walk.entries > MOST_ENTRIES) return false
  walk.text += `${folder}\0\n`
  for (const name of names) {
    const path = `${folder}/${name}`
    const stats = lstatSync(path)
    if (stats.isFile()) addFile(walk, name, stats)
    else if (!stats.isDirectory() || !addFolder(walk, path)) return false
  }
  walk.text += END
  return true
}

/** Milliseconds have a fraction, which resolves a quarter of a microsecond. */
function addFile(walk: Walk, name: string, { dev, ino, size, mtimeMs, ctimeMs }: Stats): void {
  walk.text += `${name}\0${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}\n`
  if (mtimeMs > walk.newestMs) walk.newestMs = mtimeMs
  if (ctimeMs > walk.newestMs) walk.newestMs = ctimeMs
}
