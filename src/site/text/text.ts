import type { FileFacts, SiteFile } from '../file.ts'
import { readWhole } from '../read.ts'
import { charsetOf } from './charset.ts'
import { legacyText } from './legacy-text.ts'

/** A text file, and the way back from text to exactly its bytes. */
export interface TextFile {
  readonly text: string
  encode(text: string): Uint8Array
  /** Whether `url` can be written in the text's encoding. */
  holds(url: string): boolean
}

/**
 * Reads a text so that what is not edited comes out byte for byte: UTF-8 with its BOM, anything else by the charset
 * that it names, so that `caf\xe9.png` in a Latin-1 page is the file that a browser asks for. `undefined` for UTF-16,
 * for charsets in which ASCII is not ASCII, and for compressed text.
 * @throws E_SOURCE_CHANGED
 */
export function readText(file: SiteFile, facts: FileFacts): TextFile | undefined {
  if (facts.magic === 'utf16' || facts.magic === 'gzip') return undefined
  const bytes = readWhole(file, facts.sha256)
  if (facts.utf8) {
    return { text: bytes.toString('utf8'), encode: (edited) => Buffer.from(edited, 'utf8'), holds: () => true }
  }
  const legacy = legacyText(bytes, charsetOf(file.path, bytes))
  return legacy && { text: legacy.text, encode: legacy.encode, holds: legacy.canEncode }
}
