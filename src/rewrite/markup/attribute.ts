import { readCharacterReference } from './character-reference.ts'
import { type MappedText, mappedText, type Piece } from './mapped-text.ts'

/** How an attribute's value is delimited in the source. */
export type Quote = '"' | "'" | ''

/** An attribute as it stands in the document. */
export interface Attribute {
  readonly name: string
  readonly quote: Quote
  readonly value: MappedText
}

export interface AttributeSource {
  readonly name: string
  readonly quote: Quote
  /** The value as written, without its quotes. */
  readonly raw: string
  /** Where `raw` starts in the document. */
  readonly start: number
}

export function readAttribute({ name, quote, raw, start }: AttributeSource): Attribute {
  return { name, quote, value: mappedText(decodePieces(raw, start)) }
}

/** Text between tags, with its character references resolved. */
export function readTextPieces(raw: string, start: number): Piece[] {
  return decodePieces(raw, start, TEXT)
}

interface Place {
  /** What may be a character reference, and the next character where that decides whether it is one. */
  readonly reference: RegExp
  readonly inAttribute: boolean
}

const VALUE: Place = { reference: /&#?[A-Za-z0-9]+[;=]?/g, inAttribute: true }
const TEXT: Place = { reference: /&#?[A-Za-z0-9]+;?/g, inAttribute: false }

function decodePieces(raw: string, start: number, place: Place = VALUE): Piece[] {
  if (!raw.includes('&')) return [{ text: raw, start, end: start + raw.length, verbatim: true }]
  const pieces: Piece[] = []
  let at = 0
  const verbatim = (end: number): void => {
    if (end > at) pieces.push({ text: raw.slice(at, end), start: start + at, end: start + end, verbatim: true })
    at = Math.max(at, end)
  }
  for (const match of raw.matchAll(place.reference)) {
    const { text, length } = readCharacterReference(match[0], place.inAttribute)
    if (length === 0) continue
    verbatim(match.index)
    at = match.index + length
    pieces.push({ text, start: start + match.index, end: start + at, verbatim: false })
  }
  verbatim(raw.length)
  return pieces.length === 0 ? [{ text: '', start, end: start, verbatim: true }] : pieces
}

/** The decoded value of an attribute. */
function decodeAttribute(raw: string): string {
  return mappedText(decodePieces(raw, 0)).text
}

export interface AttributeContext {
  readonly quote: Quote
  /** The replaced text is the whole value, so that quotes can be put around it. */
  readonly whole: boolean
  /** The old value wrote characters as references, so `&` is written `&amp;` too. */
  readonly hadReferences: boolean
}

/** Characters that end or spoil an unquoted value. https://html.spec.whatwg.org/multipage/syntax.html#unquoted */
const NOT_UNQUOTED = /[\s"'=<>`]/g

/** `text` as it must be written inside an attribute's value. */
export function encodeAttribute(text: string, { quote, whole, hadReferences }: AttributeContext): string {
  const escaped = hadReferences || decodeAttribute(text) !== text ? text.replaceAll('&', '&amp;') : text
  if (quote === '"') return escaped.replaceAll('"', '&quot;')
  if (quote === "'") return escaped.replaceAll("'", '&#39;')
  if (escaped.search(NOT_UNQUOTED) === -1) return escaped
  if (whole) return `"${escaped.replaceAll('"', '&quot;')}"`
  return escaped.replace(NOT_UNQUOTED, (char) => `&#${char.charCodeAt(0)};`)
}
