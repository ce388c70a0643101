import { printable } from '../words/errors.ts'

/** What a path consists of without being encoded. https://www.rfc-editor.org/rfc/rfc3986#section-3.3 */
const PLAIN = /^[!$&'()*+,\-./0-9:;=@A-Z_a-z~]*$/
const UNRESERVED = /^[\w.~-]$/

/**
 * The name of the file that a request asks for: without its query, readable, free of anything that steers a terminal.
 * Two targets have one name only where they mean the same file: what RFC 3986 calls equivalent (section 6.2.2), and
 * bytes that were sent encoded or not.
 * @param target each byte one character
 */
export function nameOf(target: string): string {
  const end = target.search(/[?#]/)
  const path = end === -1 ? target : target.slice(0, end)
  if (PLAIN.test(path)) return path
  // runs of bytes beyond ASCII, encoded or not, then single encoded bytes, then whatever else has to be encoded
  return path.replace(
    /(?:%[89A-Fa-f][0-9A-Fa-f]|[\x80-\xff])+|%([0-9A-Fa-f]{2})|[^!$&'()*+,\-./0-9:;=@A-Z_a-z~]/g,
    (found, hex: string | undefined) => {
      if (hex !== undefined) return single(Number.parseInt(hex, 16))
      const first = found.charCodeAt(0)
      return first < 0x80 && found.length === 1 ? encoded(first) : beyondAscii(found)
    },
  )
}

const encoded = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`

function single(byte: number): string {
  const char = String.fromCharCode(byte)
  return UNRESERVED.test(char) ? char : encoded(byte)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Characters, where the bytes are UTF-8 and can be shown. */
function beyondAscii(run: string): string {
  const bytes = Uint8Array.from(run.match(/%..|[^%]/g) ?? [], (part) =>
    part.length === 1 ? part.charCodeAt(0) : Number.parseInt(part.slice(1), 16),
  )
  try {
    return Array.from(utf8.decode(bytes), shown).join('')
  } catch {
    return Array.from(bytes, encoded).join('')
  }
}

const shown = (char: string): string =>
  printable(char) === char && !/\s/u.test(char) ? char : Array.from(Buffer.from(char), encoded).join('')
