import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SitePath } from '../../words/model.ts'
import { escapeBytes } from './names.ts'
import type { ScanTrouble } from './scan-trouble.ts'
import { type Entry, type SeenFolders, seenEntries } from './seen-folder.ts'

interface Place {
  readonly disk: string
  readonly path: SitePath
}

interface Noted {
  /** Folders listed a moment ago, which are not read again. */
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

/** Replaces every invalid UTF-8 byte in a name. A name may also really contain it: the bytes tell. */
const REPLACED = '\ufffd'

function withoutInvalid(folder: Place, entries: readonly Entry[], trouble: Noted['trouble']): readonly Entry[] {
  const names = readdirSync(folder.disk, { encoding: 'buffer' })
  const invalid = names.filter((name) => !Buffer.from(name.toString('utf8'), 'utf8').equals(name))
  trouble.notUtf8.push(...invalid.map((name) => join(folder.path, escapeBytes(name))))
  const decoded = new Set(invalid.map((name) => name.toString('utf8')))
  return entries.filter(({ name }) => !decoded.has(name))
}
