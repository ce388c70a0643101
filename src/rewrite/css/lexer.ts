import {
  CODE,
  escapeEnd,
  isDigit,
  isEscape,
  isNameStart,
  isSeparator,
  isSpaceCode,
  isSurrogate,
  isValueStop,
  unescapeCss,
} from './characters.ts'
import { badUrlEnd, commentEnd, nameEnd, numberEnd, spaceEnd, startsName, startsNumber } from './runs.ts'

/** Kinds of tokens; brackets, `:` and `;` are their own character codes. */
export const END = 0
export const IDENT = 1
export const FUNCTION = 2
export const AT_KEYWORD = 3
export const STRING = 4
export const URL_TOKEN = 5
/** The specification's bad-string and bad-url tokens. */
export const BAD = 6
/** Numbers, hashes, operators: never returned, since no reader needs them. */
const PLAIN = 7

/**
 * The tokens of https://www.w3.org/TR/css-syntax-3/#tokenization that tell where URLs are, as offsets: nothing is
 * copied or decoded until asked for, which is what makes it fast.
 */
export class CssLexer {
  /** Where the token starts and ends. */
  start = 0
  end = 0
  /** Where its content does: a name without `@` or `(`, a string without quotes, a URL without `url(` and space. */
  contentStart = 0
  contentEnd = 0
  /** How many tokens were read, including plain ones, but not white space and comments. */
  count = 0
  private readonly text: string
  private kind: number = END
  /** The URL needs no unescaping: noted while looking for its end, since scanning a long one twice is slow. */
  private isPlainUrl = false
  private exactUntil = 0

  constructor(text: string) {
    this.text = text
  }

  /** Goes to the next token that matters and gives its kind. */
  next(): number {
    const { text } = this
    let at = this.end
    for (;;) {
      const code = text.charCodeAt(at)
      if (isSpaceCode(code)) at += 1
      else if (code === CODE.slash && text.charCodeAt(at + 1) === CODE.asterisk) at = commentEnd(text, at)
      else if (this.read(code, at) !== PLAIN) return this.kind
      else at = this.end
    }
  }

  private read(code: number, at: number): number {
    this.start = this.end = at
    if (at >= this.text.length) this.kind = END
    else {
      this.count += 1
      this.kind = isNameStart(code) ? this.readName(at) : this.readOther(code, at)
    }
    return this.kind
  }

  /** False while the text up to `exactUntil` has to be read token by token. */
  get maySkip(): boolean {
    return this.end >= this.exactUntil
  }

  /** Skips what cannot matter where names and colons do not: in a value, in brackets. */
  skipValue(): void {
    const { text } = this
    let at = this.end
    while (at < text.length && !isValueStop(text.charCodeAt(at))) at += 1
    const stop = at
    const code = text.charCodeAt(stop)
    // A function's name stands before its parenthesis, and an escape may stand within a word: back to its beginning.
    if (code === CODE.openParen || code === CODE.backslash) {
      while (at > this.end && !isSeparator(text.charCodeAt(at - 1))) at -= 1
    }
    this.moveTo(at, stop)
  }

  /** @param exactUntil the end of the text that must then be read token by token */
  moveTo(end: number, exactUntil: number): void {
    if (end > this.end) this.count += 1
    this.end = end
    this.exactUntil = exactUntil
  }

  /** The content as it reads. */
  content(): string {
    if (this.kind === URL_TOKEN && this.isPlainUrl) return this.text.slice(this.contentStart, this.contentEnd)
    return unescapeCss(this.text.slice(this.contentStart, this.contentEnd), this.kind === STRING ? 'string' : 'name')
  }

  private readOther(code: number, at: number): number {
    if (isDigit(code)) return this.readNumber(at)
    switch (code) {
      case CODE.quote:
      case CODE.apostrophe:
        return this.readString(code, at)
      case CODE.openParen:
      case CODE.closeParen:
      case CODE.openSquare:
      case CODE.closeSquare:
      case CODE.openCurly:
      case CODE.closeCurly:
      case CODE.colon:
      case CODE.semicolon:
        this.end = at + 1
        return code
      default:
        return this.readSign(code, at)
    }
  }

  /** A token whose kind depends on the characters that follow. */
  private readSign(code: number, at: number): number {
    const { text } = this
    if (startsNumber(text, at)) return this.readNumber(at)
    if (code === CODE.hash) return this.plain(nameEnd(text, at + 1))
    if (code === CODE.less) return this.plain(text.startsWith('!--', at + 1) ? at + 4 : at + 1)
    if (code === CODE.hyphen && text.startsWith('->', at + 1)) return this.plain(at + 3)
    if (startsName(text, at)) return this.readName(at)
    if (code !== CODE.at || !startsName(text, at + 1)) return this.plain(at + 1)
    this.contentStart = at + 1
    this.end = this.contentEnd = nameEnd(text, at + 1)
    return AT_KEYWORD
  }

  private plain(end: number): number {
    this.end = end
    return PLAIN
  }

  /** A number with its unit. */
  private readNumber(at: number): number {
    const { text } = this
    const end = numberEnd(text, at)
    return this.plain(startsName(text, end) ? nameEnd(text, end) : end)
  }

  private readName(at: number): number {
    const { text } = this
    const end = nameEnd(text, at)
    this.contentStart = at
    this.end = this.contentEnd = end
    if (text.charCodeAt(end) !== CODE.openParen) return IDENT
    this.end = end + 1
    if (!isUrl(text, at, end)) return FUNCTION
    const start = spaceEnd(text, end + 1)
    const first = text.charCodeAt(start)
    return first === CODE.quote || first === CODE.apostrophe ? FUNCTION : this.readUrl(start)
  }

  /** What follows `url(` and white space, when it is no quote. */
  private readUrl(start: number): number {
    const { text } = this
    const plainEnd = runEnd(text, start, URL_STOP)
    let at = plainEnd
    for (;;) {
      if (isEscape(text, at)) at = escapeEnd(text, at)
      else if (isSurrogate(text.charCodeAt(at))) at += 1
      else break
      at = runEnd(text, at, URL_STOP)
    }
    this.isPlainUrl = at === plainEnd
    this.contentStart = start
    this.contentEnd = Math.min(at, text.length)
    at = spaceEnd(text, at)
    const isWhole = at >= text.length || text.charCodeAt(at) === CODE.closeParen
    this.end = isWhole ? Math.min(at + 1, text.length) : badUrlEnd(text, at)
    return isWhole ? URL_TOKEN : BAD
  }

  private readString(quote: number, start: number): number {
    const { text } = this
    const stop = quote === CODE.quote ? QUOTE_STOP : APOSTROPHE_STOP
    this.contentStart = start + 1
    let at = runEnd(text, start + 1, stop)
    while (text.charCodeAt(at) === CODE.backslash) at = runEnd(text, escapeEnd(text, at), stop)
    this.contentEnd = at
    const isBad = at < text.length && text.charCodeAt(at) !== quote
    this.end = isBad ? at : Math.min(at + 1, text.length)
    return isBad ? BAD : STRING
  }
}

/**
 * What ends a run inside an unquoted URL (white space, controls, quotes, parentheses, a backslash, a surrogate) and
 * inside strings. Both can be long (`data:` URLs), and regular expressions scan them fast.
 */
const URL_STOP = /[^!#-&*-[\]-~\u0080-\ud7ff\ue000-\uffff]/g
const QUOTE_STOP = /["\\\n\r\f]/g
const APOSTROPHE_STOP = /['\\\n\r\f]/g

/** Where the first match of `stop` at or after `start` is, or the end. */
function runEnd(text: string, start: number, stop: RegExp): number {
  stop.lastIndex = start
  return stop.test(text) ? stop.lastIndex - 1 : text.length
}

/** `url`, however it is written: `URL`, `u\\72 l`. */
function isUrl(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start)
  if ((first | 0x20) !== CODE.letterU && first !== CODE.backslash) return false
  return unescapeCss(text.slice(start, end), 'name').toLowerCase() === 'url'
}
