import type { SyncOptions } from '../config/interface.ts'
import type { Warning, WarningCode } from '../words/events.ts'
import type { SitePath } from '../words/model.ts'
import { formatBytes } from '../words/units.ts'
import { isMismatch, isTypeKnown } from './content-type/content-type.ts'
import type { FileFacts, SiteFile } from './file.ts'
import { isProgram } from './server-program.ts'

type Noted = Readonly<Record<'unknown' | 'mismatch' | 'sources' | 'programs' | 'big', string[]>>

const TYPESCRIPT = /[^/]\.[mc]?tsx?$/i

/** What the names, types and sizes of files tell that their author may not have meant. */
export function typeWarnings(
  files: readonly SiteFile[],
  facts: ReadonlyMap<SitePath, FileFacts>,
  { maxFileBytes, delivery }: Pick<SyncOptions, 'maxFileBytes' | 'delivery'>,
): Warning[] {
  const noted: Noted = { unknown: [], mismatch: [], sources: [], programs: [], big: [] }
  for (const file of files) {
    const { path, size } = file
    const fact = facts.get(path)
    if (fact === undefined || file.originOnly) continue
    // whatever has no type that we know stays at the origin
    const isStaying = delivery.mode === 'offload'
    if (!isStaying && !isTypeKnown(path, fact)) noted.unknown.push(path)
    noteFormat(noted, file, { fact, isStaying })
    if (TYPESCRIPT.test(path) && fact.magic !== 'mpegts') noted.sources.push(path)
    if (size > maxFileBytes)
      noted.big.push(`${path}: ${formatBytes(size)}, ${formatBytes(size * 1000)} of traffic per 1,000 views`)
  }
  return listed(noted)
}

interface Read {
  readonly fact: FileFacts
  readonly isStaying: boolean
}

/** A template begins as a page does, and is told as the program that it is. */
function noteFormat(noted: Noted, file: SiteFile, { fact, isStaying }: Read): void {
  const { path } = file
  if (!isStaying && isProgram(file, fact)) noted.programs.push(path)
  else if (isMismatch(path, fact.magic)) noted.mismatch.push(`${path}: its bytes are ${fact.magic}`)
}

const IF_BY_MISTAKE = 'add them to `exclude`, if they are there by mistake'

function listed({ unknown, mismatch, sources, programs, big }: Noted): Warning[] {
  const lists: [WarningCode, string[], string, string?][] = [
    ['W_MIME_UNKNOWN', unknown, 'sent as application/octet-stream: no type is known for the name'],
    ['W_MIME_MISMATCH', mismatch, 'the bytes are of another format than the name says'],
    ['W_SOURCE_FILE', sources, 'TypeScript sources are among the files', IF_BY_MISTAKE],
    ['W_SOURCE_FILE', programs, 'no store runs these programs: visitors read their source', IF_BY_MISTAKE],
    ['W_BIG_FILE', big, 'large files cost the most traffic'],
  ]
  return lists
    .filter(([, items]) => items.length > 0)
    .map(([code, items, message, fix]) => ({ code, items, message, ...(fix !== undefined && { fix }) }))
}
