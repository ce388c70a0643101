import { TextDecoder } from 'node:util'

/** A text that is not UTF-8, and the way back from text to exactly its bytes. */
export interface LegacyText {
  readonly text: string
  encode(text: string): Uint8Array
  /** Whether every character has bytes of its own here. */
  canEncode(text: string): boolean
}

/** Longest sequence of bytes for one character, in GB 18030 and UTF-8. */
const LONGEST = 4

/** Placeholders for bytes that are no character, or not the only encoding of theirs: private use code points. */
const PLACEHOLDERS = 0xf0000

/** Some versions of Node decode these as control characters. https://encoding.spec.whatwg.org/index-windows-1252.txt */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

/**
 * Reads bytes by a charset in which ASCII is ASCII. There is no encoder for these in Node, so the encoder is built from
 * the text itself: what is not edited is preserved byte for byte, and only characters that occur can be written.
 * `undefined` for a charset that is unknown, or that switches between tables (ISO-2022-JP), where ASCII is not ASCII.
 * @param label as a page or style sheet says it
 */
export function legacyText(bytes: Uint8Array, label: string): LegacyText | undefined {
  const decode = oneDecoder(label)
  if (decode === undefined) return undefined
  const toText = new Map<number, string>()
  const toBytes = new Map<string, Uint8Array>()
  const learn = (sequence: Uint8Array, found: string | undefined): string => {
    const isOwn = found !== undefined && [...found].length === 1 && !toBytes.has(found) && found > '\x7f'
    const char = isOwn ? found : String.fromCodePoint(PLACEHOLDERS + toBytes.size)
    toBytes.set(char, sequence)
    return char
  }
  const parts: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const run = asciiRun(bytes, at)
    if (run > at) parts.push(Buffer.from(bytes.buffer, bytes.byteOffset + at, run - at).toString('latin1'))
    at = run
    if (at === bytes.length) break
    const sequence = sequenceAt(bytes, at, decode)
    const id = sequence.reduce((sum, byte) => sum * 256 + byte, 1)
    const known = toText.get(id) ?? learn(sequence, decode(sequence))
    toText.set(id, known)
    parts.push(known)
    at += sequence.length
  }
  return {
    text: parts.join(''),
    encode: (text) => Buffer.concat(splitText(text).map((part) => toBytes.get(part) ?? Buffer.from(part, 'latin1'))),
    canEncode: (text) => (text.match(/[^\0-\x7f]/gu) ?? []).every((char) => toBytes.has(char)),
  }
}

/** Runs of ASCII, and every other character for itself. */
const splitText = (text: string): string[] => text.match(/[\0-\x7f]+|[^\0-\x7f]/gu) ?? []

function asciiRun(bytes: Uint8Array, from: number): number {
  let end = from
  while (end < bytes.length && (bytes[end] ?? 0) < 0x80) end += 1
  return end
}

/** The shortest sequence that is a character; else the single byte. */
function sequenceAt(bytes: Uint8Array, at: number, decode: DecodeOne): Uint8Array {
  for (let length = 1; length <= LONGEST && at + length <= bytes.length; length += 1) {
    const sequence = bytes.subarray(at, at + length)
    if (decode(sequence) !== undefined) return sequence
  }
  return bytes.subarray(at, at + 1)
}

type DecodeOne = (sequence: Uint8Array) => string | undefined

/** Charsets that switch the meaning of ASCII bytes within a text; browsers refuse most of them. */
const SWITCHING = /^(?:cs)?iso-?2022|^hz-gb|^(?:unicode-1-1-)?utf-7$|^replacement$/i

/** Labels that mean UTF-8 in `<meta>` and `@charset`: a text in UTF-16 could not be read as far as them. */
const MEANS_UTF8 = /^(?:utf-?16|unicode$|ucs-2|iso-10646-ucs-2|csunicode)/i

function oneDecoder(label: string): DecodeOne | undefined {
  if (SWITCHING.test(label)) return undefined
  const name = MEANS_UTF8.test(label) ? 'utf-8' : label
  const make = (): TextDecoder => new TextDecoder(name, { fatal: true, ignoreBOM: true })
  let decoder: TextDecoder
  try {
    decoder = make()
  } catch {
    return oneDecoder('windows-1252') // what browsers use for unknown labels
  }
  const isWestern = decoder.encoding === 'windows-1252'
  const known = new Map<number, string | undefined>()
  return (sequence) => {
    const id = sequence.reduce((sum, byte) => sum * 256 + byte, 1)
    if (known.has(id)) return known.get(id)
    const [byte = 0] = sequence
    let text: string | undefined
    try {
      text = isWestern && byte < 0xa0 ? WINDOWS_1252[byte - 0x80] : decoder.decode(sequence)
    } catch {
      decoder = make() // a decoder that failed may hold half a character
    }
    known.set(id, text === '' ? undefined : text)
    return known.get(id)
  }
}
