import type { FileFacts, SiteFile } from './file.ts'
import { readWhole } from './read.ts'

/** A text file, and the way back from text to exactly its bytes. */
export interface TextFile {
  readonly text: string
  encode(text: string): Uint8Array
  /** Whether `url` can stand where `written` stands without one of its characters becoming another. */
  holds(url: string, written: string): boolean
}

/**
 * Reads a text so that what is not edited comes out byte for byte: UTF-8 with its BOM, anything else through a byte
 * view (Latin-1), since every delimiter that the parsers look at is ASCII. `undefined` for UTF-16 and compressed text.
 * @throws E_SOURCE_CHANGED
 */
export function readText(file: SiteFile, facts: FileFacts): TextFile | undefined {
  if (facts.magic === 'utf16' || facts.magic === 'gzip') return undefined
  const encoding = facts.utf8 ? 'utf8' : 'latin1'
  const text = readWhole(file, facts.sha256).toString(encoding)
  return {
    text,
    encode: (edited) => Buffer.from(edited, encoding),
    holds: facts.utf8 ? () => true : inBytes,
  }
}

/**
 * In a byte view a character beyond ASCII is whatever the bytes of the file say. Those that were decoded from a
 * reference or an escape (`&#8364;`) have no byte of their own there.
 */
function inBytes(url: string, written: string): boolean {
  return (url.match(/[^\0-\x7f]+/g) ?? []).every((run) => written.includes(run))
}
