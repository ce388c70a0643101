import { type Handler, Parser } from 'htmlparser2'
import { type Attribute, readAttribute } from '../markup/attribute.ts'
import { type MappedText, mappedText, type Piece } from '../markup/mapped-text.ts'
import { isSpace } from '../white-space.ts'

/** A name as written and its part after the colon: prefixes are the document's own choice. */
export interface XmlName {
  readonly local: string
  /** The prefix; empty when it has none. */
  readonly prefix: string
}

/** A complete element, reported at its end. */
export interface XmlElement extends XmlName {
  readonly attributes: ReadonlyMap<string, Attribute>
  /** From the root down; empty for the root itself. */
  readonly parents: readonly XmlName[]
  /** The text directly inside, `CDATA` sections included. */
  readonly text: MappedText
  /** Whether the place lies in a `CDATA` section, where nothing is decoded. */
  isLiteral(at: number): boolean
}

interface Open extends XmlName {
  readonly attributes: Map<string, Attribute>
  readonly pieces: Piece[]
  readonly literals: Piece[]
}

/** Reads an XML document; what is not well-formed is read as far as it goes. */
export function readXml(text: string, onElement: (element: XmlElement) => void): void {
  const reader = new XmlReader(text, onElement)
  const parser = new Parser(reader, { xmlMode: true })
  reader.parser = parser
  parser.end(text)
}

const CDATA_OPEN = '<![CDATA['

class XmlReader implements Partial<Handler> {
  parser: Parser | undefined
  private readonly text: string
  private readonly onElement: (element: XmlElement) => void
  private readonly stack: Open[] = []
  private attributes = new Map<string, Attribute>()

  constructor(text: string, onElement: (element: XmlElement) => void) {
    this.text = text
    this.onElement = onElement
  }

  onopentagname(): void {
    this.attributes = new Map()
  }

  onattribute(name: string, _value: string, quote?: string | null): void {
    if (!this.parser || (quote !== '"' && quote !== "'") || this.attributes.has(name)) return
    const { startIndex, endIndex } = this.parser
    let start = this.text.indexOf('=', startIndex + 1) + 1
    while (isSpace(this.text[start])) start += 1
    const raw = this.text.slice(start + 1, endIndex - 1)
    this.attributes.set(name, readAttribute({ name, quote, raw, start: start + 1 }))
  }

  onopentag(name: string): void {
    this.stack.push({ ...nameOf(name), attributes: this.attributes, pieces: [], literals: [] })
  }

  onclosetag(_name: string, isImplied: boolean): void {
    const open = this.stack.pop()
    // Without an end tag (`<a/>` aside) its content is unknown.
    if (open === undefined || (isImplied && this.text[(this.parser?.endIndex ?? 0) - 1] !== '/')) return
    const { literals, pieces, ...element } = open
    this.onElement({
      ...element,
      parents: this.stack.map(({ local, prefix }) => ({ local, prefix })),
      text: mappedText(pieces),
      isLiteral: (at) => literals.some(({ start, end }) => start <= at && at < end),
    })
  }

  ontext(text: string): void {
    const open = this.stack.at(-1)
    if (!open || !this.parser) return
    const { startIndex } = this.parser
    const end = this.parser.endIndex + 1
    if (this.text.startsWith(CDATA_OPEN, startIndex)) {
      const start = startIndex + CDATA_OPEN.length
      const piece: Piece = { text, start, end: start + text.length, verbatim: true }
      open.pieces.push(piece)
      open.literals.push(piece)
    } else open.pieces.push({ text, start: startIndex, end, verbatim: end - startIndex === text.length })
  }
}

function nameOf(name: string): XmlName {
  const colon = name.indexOf(':')
  return { local: name.slice(colon + 1), prefix: name.slice(0, Math.max(0, colon)) }
}
