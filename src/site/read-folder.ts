import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SitePath } from '../model.ts'
import { escapeBytes } from './names.ts'
import type { ScanTrouble } from './scan-trouble.ts'
import { type Entry, type SeenFolders, seenEntries } from './seen-folder.ts'

interface Place {
  readonly disk: string
  readonly path: SitePath
}

interface Noted {
  /** What was looked at a moment ago. */
  readonly seen: SeenFolders | undefined
  readonly trouble: Pick<ScanTrouble, 'notUtf8' | 'unreadable'>
}

/** What lies in a folder. Names that are not UTF-8 are left out and noted, as is a folder that cannot be read. */
export function readFolder(folder: Place, { seen, trouble }: Noted): readonly Entry[] {
  try {
    const known = seen?.get(folder.disk)
    const entries = known === undefined ? readdirSync(folder.disk, { withFileTypes: true }) : seenEntries(known)
    return entries.some(({ name }) => name.includes(REPLACED)) ? withoutInvalid(folder, entries, trouble) : entries
  } catch {
    trouble.unreadable.push(`${folder.path}/`)
    return []
  }
}

/** Stands in a name for every byte that is not UTF-8. It may stand there by itself: the bytes tell. */
const REPLACED = '\ufffd'

function withoutInvalid(folder: Place, entries: readonly Entry[], trouble: Noted['trouble']): readonly Entry[] {
  const names = readdirSync(folder.disk, { encoding: 'buffer' })
  const invalid = names.filter((name) => !Buffer.from(name.toString('utf8'), 'utf8').equals(name))
  trouble.notUtf8.push(...invalid.map((name) => join(folder.path, escapeBytes(name))))
  const decoded = new Set(invalid.map((name) => name.toString('utf8')))
  return entries.filter(({ name }) => !decoded.has(name))
}
