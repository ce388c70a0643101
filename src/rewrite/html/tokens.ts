import type { Quote } from '../markup/attribute.ts'
import { NO_ATTRIBUTES, TagAttributes } from './attributes.ts'

/** What was read last; `end` is the end of the document. */
export const TOKEN = { end: 0, text: 1, startTag: 2, endTag: 3, cdata: 4 } as const
export type Token = (typeof TOKEN)[keyof typeof TOKEN]

const TAB = 9
const LF = 10
const FF = 12
const CR = 13
const SPACE = 32
const BANG = 33
const DOUBLE = 34
const SINGLE = 39
const SLASH = 47
const EQUALS = 61
const GREATER = 62

const isSpace = (code: number): boolean => code === SPACE || code === LF || code === TAB || code === CR || code === FF

const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90)

/**
 * Reads a document token by token, as https://html.spec.whatwg.org/multipage/parsing.html#tokenization has it, copying
 * text only on demand. A tag cut off by the end of the document is dropped.
 */
export class HtmlTokens {
  readonly text: string
  /** Where the token starts, and the text of a text or CDATA section. */
  start = 0
  /** Where it ends (exclusive). */
  end = 0
  /** Of a tag, in lower case. */
  name = ''
  isSelfClosing = false
  /** Where the last attribute ends, or the name when there is none. */
  insertAt = 0
  attributes: TagAttributes = NO_ATTRIBUTES
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  /** @param inForeign `<![CDATA[` begins a section here, and not a comment */
  next(inForeign: boolean): Token {
    for (;;) {
      const open = this.text.indexOf('<', this.at)
      if (open === -1 && this.at >= this.text.length) return TOKEN.end
      if (open !== this.at) return this.readText(open === -1 ? this.text.length : open)
      const token = this.readMarkup(open, inForeign)
      if (token !== undefined) return token
    }
  }

  /** @returns undefined for a comment, which is passed over */
  private readMarkup(open: number, inForeign: boolean): Token | undefined {
    const { text } = this
    const code = text.charCodeAt(open + 1)
    if (isLetter(code)) return this.readTag(open + 1, TOKEN.startTag)
    if (code === SLASH && isLetter(text.charCodeAt(open + 2))) return this.readTag(open + 2, TOKEN.endTag)
    if (code === BANG && inForeign && text.startsWith(CDATA, open)) return this.readSection(open + CDATA.length)
    const after = markupEnd(text, open, code)
    if (after === undefined) return this.readText(textEnd(text, open + 1))
    this.at = after
    return undefined
  }

  /** Takes everything before `at` for text. */
  readUntil(at: number): void {
    this.start = this.at
    this.end = at
    this.at = at
  }

  /** Where the next token begins. */
  get position(): number {
    return this.at
  }

  private readText(end: number): Token {
    this.readUntil(end)
    return TOKEN.text
  }

  private readSection(start: number): Token {
    const close = this.text.indexOf(']]>', start)
    this.start = start
    this.end = close === -1 ? this.text.length : close
    this.at = close === -1 ? this.end : close + 3
    return TOKEN.cdata
  }

  private readTag(from: number, token: Token): Token {
    const { text } = this
    let at = from + 1
    let code = text.charCodeAt(at)
    while (at < text.length && code !== GREATER && code !== SLASH && !isSpace(code)) code = text.charCodeAt(++at)
    this.start = this.at
    this.name = text.slice(from, at).toLowerCase()
    this.insertAt = at
    this.attributes = NO_ATTRIBUTES
    this.isSelfClosing = false
    at = code === GREATER ? at : this.readAttributes(at)
    this.at = at < text.length ? at + 1 : text.length
    this.end = this.at
    return at < text.length ? token : TOKEN.end
  }

  /** @returns where the tag's `>` is, or the document's end */
  private readAttributes(from: number): number {
    const { text } = this
    let at = from
    for (;;) {
      const after = at
      let code = text.charCodeAt(at)
      while (code === SLASH || isSpace(code)) code = text.charCodeAt(++at)
      if (at >= text.length) return at
      if (code === GREATER) {
        // a slash right before, unless it ends a value without quotes
        this.isSelfClosing = at > after && text.charCodeAt(at - 1) === SLASH
        return at
      }
      at = this.readAttribute(at)
    }
  }

  /** @returns where the attribute ends */
  private readAttribute(from: number): number {
    const { text } = this
    let at = from + 1 // a name may begin with `=`
    let code = text.charCodeAt(at)
    while (at < text.length && code !== EQUALS && code !== GREATER && code !== SLASH && !isSpace(code)) {
      code = text.charCodeAt(++at)
    }
    const name = text.slice(from, at).toLowerCase()
    const nameEnd = at
    while (isSpace(code)) code = text.charCodeAt(++at)
    if (code !== EQUALS) return this.add(name, '', nameEnd, nameEnd)
    do code = text.charCodeAt(++at)
    while (isSpace(code))
    if (code === DOUBLE || code === SINGLE) return this.addQuoted(name, code === DOUBLE ? '"' : "'", at + 1)
    const start = at
    while (at < text.length && code !== GREATER && !isSpace(code)) code = text.charCodeAt(++at)
    return this.add(name, '', start, at)
  }

  private addQuoted(name: string, quote: Quote, start: number): number {
    const close = this.text.indexOf(quote, start)
    if (close === -1) return this.text.length
    this.add(name, quote, start, close)
    this.insertAt = close + 1
    return close + 1
  }

  private add(name: string, quote: Quote, start: number, end: number): number {
    if (this.attributes === NO_ATTRIBUTES) this.attributes = new TagAttributes(this.text)
    this.attributes.add(name, quote, start, end)
    this.insertAt = end
    return end
  }
}

const CDATA = '<![CDATA['

/** Where a comment, doctype or bogus comment ends; undefined when `<` is text. */
function markupEnd(text: string, open: number, code: number): number | undefined {
  if (code === BANG && text.startsWith('--', open + 2)) return commentEnd(text, open + 4)
  // `<!`, `<?` and `</` with no letter after it; `</` at the end is text
  const isBogus = code === BANG || code === 63 || (code === SLASH && open + 2 < text.length)
  if (!isBogus) return undefined
  const close = text.indexOf('>', open + 2)
  return close === -1 ? text.length : close + 1
}

/** `<!-->` and `<!--->` are whole comments; `--!>` closes one too. */
function commentEnd(text: string, start: number): number {
  if (text.startsWith('>', start)) return start + 1
  if (text.startsWith('->', start)) return start + 2
  for (let dashes = text.indexOf('--', start); dashes !== -1; dashes = text.indexOf('--', dashes + 1)) {
    if (text.startsWith('>', dashes + 2)) return dashes + 3
    if (text.startsWith('!>', dashes + 2)) return dashes + 4
  }
  return text.length
}

function textEnd(text: string, from: number): number {
  const open = text.indexOf('<', from)
  return open === -1 ? text.length : open
}
