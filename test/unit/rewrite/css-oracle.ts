import { type CSSToken, TokenType, tokenize } from '@csstools/css-tokenizer'
import { type PropertyUse, propertyUse } from '../../../src/rewrite/css/property.ts'
import type { CssContext, CssUrl } from '../../../src/rewrite/css/scan.ts'
import { isSpace, trimSpace } from '../../../src/rewrite/white-space.ts'

/**
 * A second reading of CSS over every token of an independent tokenizer: slower, plainer, and what our scanner must
 * agree with on every input.
 */

/** What the scanner reports of a URL, but for how it writes another one. */
type OracleUrl = Omit<CssUrl, 'encode'>

interface OracleScan {
  readonly urls: readonly OracleUrl[]
  readonly uses: ReadonlyArray<{ readonly name: string; readonly property: string }>
}

/** From the token's start. */
interface UrlSpan {
  readonly start: number
  readonly end: number
}

/** What stands between two `;` or braces: a declaration, or a rule's prelude. */
interface Item {
  /** Of the at-rule whose prelude this is. */
  atRule?: string
  property?: string
  /** The identifier just read, a property's name if a colon follows. */
  ident?: string
  /** `@import` has its URL. */
  hasImport?: boolean
  /** A broken string or URL spoils the rest of it. */
  isSpoiled?: boolean
}

/** An open bracket: what closes it, whose it is, and the item to go on with after it. */
interface Frame {
  readonly close: string
  /** A function's name, or the at-rule of a block. */
  readonly name: string
  readonly item: Item
  /** A function's first argument has not come yet. */
  isFirst: boolean
}

const URL_FUNCTIONS: ReadonlySet<string> = new Set(['url', 'src'])
const STRING_FUNCTIONS: ReadonlySet<string> = new Set(['image-set', '-webkit-image-set'])
const IMPORT: PropertyUse = { use: 'css-import', loadClass: 'A', absolute: false }

/** Every URL that CSS would load, and where custom properties are used. Malformed parts are passed over. */
export function oracleScan(text: string, context: CssContext): OracleScan {
  const scanner = new OracleScanner(context)
  for (const token of tokenize({ css: text })) scanner.read(token)
  return scanner
}

/** Follows brackets and declarations token by token, as https://www.w3.org/TR/css-syntax-3/#parsing nests them. */
class OracleScanner implements OracleScan {
  readonly urls: OracleUrl[] = []
  readonly uses: Array<{ name: string; property: string }> = []
  private readonly stack: Frame[] = []
  private item: Item

  constructor(context: CssContext) {
    this.item = typeof context === 'object' ? { property: context.property } : {}
  }

  read(token: CSSToken): void {
    if (token[0] === TokenType.Whitespace || token[0] === TokenType.Comment) return
    const frame = this.stack.at(-1)
    if (!this.readBracket(token)) this.readValue(token, frame)
    if (frame) frame.isFirst = false
  }

  private readBracket(token: CSSToken): boolean {
    if (token[0] === TokenType.Function) this.open(')', token[4].value.toLowerCase())
    else if (token[0] === TokenType.OpenParen) this.open(')', '')
    else if (token[0] === TokenType.OpenSquare) this.open(']', '')
    else if (token[0] === TokenType.OpenCurly) this.open('}', this.item.atRule ?? '')
    else if (CLOSING.has(token[0])) this.shut(token[1])
    else return false
    return true
  }

  private readValue(token: CSSToken, frame: Frame | undefined): void {
    if (token[0] === TokenType.URL) this.found(token, token[4].value, unquotedSpan(token[1]))
    else if (token[0] === TokenType.BadString || token[0] === TokenType.BadURL) this.item.isSpoiled = true
    else if (token[0] === TokenType.String) {
      if (isUrlString(frame, this.item)) this.found(token, token[4].value, quotedSpan(token[1]))
    } else if (token[0] === TokenType.Ident) this.readIdent(token[4].value, frame)
    else if (token[0] === TokenType.AtKeyword) {
      if (this.item.property === undefined) this.item = { atRule: token[4].value.toLowerCase() }
    } else if (!inItem(frame)) return
    else if (token[0] === TokenType.Semicolon) this.item = itemAfter(frame)
    else if (token[0] === TokenType.Colon && this.item.ident !== undefined) this.item.property ??= this.item.ident
  }

  private readIdent(name: string, frame: Frame | undefined): void {
    if (inItem(frame)) this.item.ident = name.startsWith('--') ? name : name.toLowerCase()
    else if (frame?.name === 'var' && frame.isFirst && this.item.property !== undefined) {
      this.uses.push({ name, property: this.item.property })
    }
  }

  private open(close: string, name: string): void {
    this.stack.push({ close, name, item: this.item, isFirst: true })
    if (close === '}' && !isCustom(this.item)) this.item = {}
  }

  /** A closing bracket that does not match the innermost open one is part of its content. */
  private shut(close: string): void {
    const frame = this.stack.at(-1)
    if (frame?.close === close) this.stack.pop()
    else if (frame) return
    if (close === '}') this.item = itemAfter(frame)
  }

  private found(token: CSSToken, url: string, span: UrlSpan): void {
    const { item } = this
    const target = targetOf(item, this.stack)
    if (!target || trimSpace(url) === '') return
    if (item.atRule === 'import') item.hasImport = true
    const start = token[2] + span.start
    const end = token[2] + span.end
    this.urls.push({ ...target, start, end, url: trimSpace(url), property: item.property })
  }
}

const CLOSING: ReadonlySet<TokenType> = new Set([TokenType.CloseParen, TokenType.CloseSquare, TokenType.CloseCurly])

const isCustom = (item: Item): boolean => item.property?.startsWith('--') ?? false

/** A block inside a custom property's value is part of that value; after any other a new item begins. */
const itemAfter = (frame: Frame | undefined): Item => (frame && isCustom(frame.item) ? frame.item : {})

const inItem = (frame: Frame | undefined): boolean => frame === undefined || frame.close === '}'

/** Strings are URLs as the argument of `url()`, in `image-set()`, and right after `@import`. */
function isUrlString(frame: Frame | undefined, item: Item): boolean {
  if (frame?.close === ')' && URL_FUNCTIONS.has(frame.name)) return frame.isFirst
  if (frame?.close === ')' && STRING_FUNCTIONS.has(frame.name)) return true
  return inItem(frame) && item.atRule === 'import'
}

/** What a URL here would be loaded for; undefined where it would not (a selector, `@namespace`, `@supports (...)`). */
function targetOf(item: Item, stack: readonly Frame[]): (PropertyUse & { place: string }) | undefined {
  if (item.atRule !== undefined) {
    const direct = stack.every(({ close, name }) => close !== ')' || URL_FUNCTIONS.has(name))
    return item.atRule === 'import' && !item.hasImport && direct ? { ...IMPORT, place: '@import' } : undefined
  }
  if (item.property === undefined || item.isSpoiled) return undefined
  const atRule = stack.findLast(({ close }) => close === '}')?.name
  const place = atRule === 'font-face' ? `@font-face ${item.property}` : item.property
  return { ...propertyUse(item.property, atRule), place }
}

/** `url( a.png )`: the text between the parentheses, white space aside. */
function unquotedSpan(token: string): UrlSpan {
  let start = token.indexOf('(') + 1
  while (isSpace(token[start])) start += 1
  let end = start
  while (end < token.length && token[end] !== ')' && !isSpace(token[end])) {
    end = token[end] === '\\' ? escapeEnd(token, end) : end + 1
  }
  return { start, end: Math.min(end, token.length) }
}

/** `"a.png"`: the text between the quotes. The closing one may be missing at the end of a sheet. */
function quotedSpan(token: string): UrlSpan {
  const quote = token[0] === "'" ? "'" : '"'
  let end = 1
  while (end < token.length && token[end] !== quote) end += token[end] === '\\' ? 2 : 1
  return { start: 1, end: Math.min(end, token.length) }
}

/** An escape is a backslash with one character, or with up to six hexadecimal digits and one white space. */
function escapeEnd(text: string, start: number): number {
  const pattern = /\\(?:[0-9a-f]{1,6}(?:\r\n|[\t\n\f\r ])?|[\s\S])/iuy
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : start + 1
}
