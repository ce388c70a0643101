import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2'
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
  /** What may be a character reference, and the character after it where that decides. */
  readonly reference: RegExp
  /** Before the reference in a document of its own, and after it. */
  readonly frame: readonly [head: string, tail: string]
}

/** In an attribute `&copy=1` is none. */
const VALUE: Place = { reference: /&#?[A-Za-z0-9]+[;=]?/g, frame: ['<a b="', '">'] }
const TEXT: Place = { reference: /&#?[A-Za-z0-9]+;?/g, frame: ['', ''] }

function decodePieces(raw: string, start: number, place: Place = VALUE): Piece[] {
  if (!raw.includes('&')) return [{ text: raw, start, end: start + raw.length, verbatim: true }]
  const pieces: Piece[] = []
  let at = 0
  const verbatim = (end: number): void => {
    if (end > at) pieces.push({ text: raw.slice(at, end), start: start + at, end: start + end, verbatim: true })
    at = Math.max(at, end)
  }
  for (const match of raw.matchAll(place.reference)) {
    const { text, length } = decodeReference(match[0], place)
    if (length === 0) continue
    verbatim(match.index)
    at = match.index + length
    pieces.push({ text, start: start + match.index, end: start + at, verbatim: false })
  }
  verbatim(raw.length)
  return pieces.length === 0 ? [{ text: '', start, end: start, verbatim: true }] : pieces
}

/** Decodes the reference at the start of `source`. `length` is 0 when it is none. */
function decodeReference(source: string, { frame: [head, tail] }: Place): { text: string; length: number } {
  let text = ''
  let length = 0
  const nothing = (): void => {}
  const decoded = (codePoint: number): void => {
    text += String.fromCodePoint(codePoint)
    length = source.length
  }
  // What follows the reference; before the first reference there is nothing, so `length` is set.
  const rest = (from: number, to: number): void => {
    if (length > 0 && to > from) length = from - head.length
  }
  const callbacks: TokenizerCallbacks = {
    onattribentity: decoded,
    onattribdata: rest,
    ontextentity: decoded,
    ontext: rest,
    onattribend: nothing,
    onattribname: nothing,
    oncdata: nothing,
    onclosetag: nothing,
    oncomment: nothing,
    ondeclaration: nothing,
    onend: nothing,
    onopentagend: nothing,
    onopentagname: nothing,
    onprocessinginstruction: nothing,
    onselfclosingtag: nothing,
  }
  const tokenizer = new Tokenizer({ decodeEntities: true }, callbacks)
  tokenizer.write(head + source + tail)
  tokenizer.end()
  return { text, length }
}

/** What an attribute's value, as written, reads as. */
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
