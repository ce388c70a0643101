import { trimSpace } from '../white-space.ts'
import { CODE } from './characters.ts'
import { CssItem } from './item.ts'
import { AT_KEYWORD, BAD, CssLexer, END, FUNCTION, IDENT, STRING, URL_TOKEN } from './lexer.ts'
import { CssNesting, URL_FUNCTIONS } from './nesting.ts'
import { type PropertyUse, propertyUse } from './property.ts'
import { type SkipEvents, skipRules } from './skip.ts'
import { encodeInApostrophes, encodeInQuotes, encodeUnquoted } from './url.ts'

/**
 * What a text of CSS is: a whole sheet, the declarations of a `style` attribute, or the value of one property (a
 * presentation attribute such as `fill`).
 */
export type CssContext = 'sheet' | 'declarations' | { readonly property: string }

/** A URL found in CSS, with offsets into the text. */
export interface CssUrl extends PropertyUse {
  readonly start: number
  readonly end: number
  readonly url: string
  /** `@import`, `@font-face src`, or the property. */
  readonly place: string
  /** The property in lower case, or undefined in an at-rule's prelude. */
  readonly property: string | undefined
  encode(url: string): string
}

export interface CssScan {
  readonly urls: readonly CssUrl[]
  /** Custom properties and the properties whose values use them by `var()`. */
  readonly uses: ReadonlyArray<{ readonly name: string; readonly property: string }>
}

const STRING_FUNCTIONS: ReadonlySet<string> = new Set(['image-set', '-webkit-image-set'])
const IMPORT: PropertyUse = { use: 'css-import', loadClass: 'A', absolute: false }

/** Every URL that CSS would load, and where custom properties are used. Malformed parts are passed over. */
export function scanCss(text: string, context: CssContext): CssScan {
  const scanner = new CssScanner(text, context)
  scanner.read()
  return scanner
}

/** Follows brackets and declarations token by token, as https://www.w3.org/TR/css-syntax-3/#parsing nests them. */
class CssScanner implements CssScan, SkipEvents {
  readonly urls: CssUrl[] = []
  readonly uses: Array<{ name: string; property: string }> = []
  private readonly text: string
  private readonly lexer: CssLexer
  private readonly nesting: CssNesting = new CssNesting()
  private readonly item: CssItem

  constructor(text: string, context: CssContext) {
    this.text = text
    this.lexer = new CssLexer(text)
    this.item = new CssItem(text, typeof context === 'object' ? context.property : undefined)
  }

  read(): void {
    for (let kind = this.next(); kind !== END; kind = this.next()) {
      if (kind === IDENT) this.readIdent()
      else if (kind === CODE.colon) this.readColon()
      else if (kind === CODE.semicolon) this.readSemicolon()
      else if (!this.readBracket(kind)) this.readValue(kind)
    }
  }

  private next(): number {
    const { lexer, item, nesting } = this
    if (lexer.maySkip) {
      if (!nesting.isInItem) {
        if (!this.isFirst) lexer.skipValue()
      } else if (item.hasProperty) lexer.skipValue()
      else if (item.isBlank) {
        const { start, stop } = skipRules(this.text, lexer.end, this)
        lexer.moveTo(start, stop)
      }
    }
    return lexer.next()
  }

  open(): void {
    this.nesting.openBlock('', false)
  }

  shut(): void {
    this.nesting.shut(CODE.closeCurly)
  }

  end(): void {
    this.item.begin()
  }

  private readIdent(): void {
    const { lexer, item, nesting } = this
    if (nesting.isInItem) item.readIdent(lexer.contentStart, lexer.contentEnd)
    else if (nesting.frame?.name === 'var' && this.wasFirst) {
      const { property } = item
      if (property !== undefined) this.uses.push({ name: lexer.content(), property })
    }
  }

  private readColon(): void {
    if (this.nesting.isInItem) this.item.readColon()
  }

  private readSemicolon(): void {
    const { nesting } = this
    if (nesting.isInItem && !nesting.frame?.isCustom) this.item.begin()
  }

  private readBracket(kind: number): boolean {
    if (kind === FUNCTION) this.nesting.open(CODE.closeParen, this.lexer.content().toLowerCase(), this.lexer.count)
    else if (kind === CODE.openParen) this.nesting.open(CODE.closeParen, '', this.lexer.count)
    else if (kind === CODE.openSquare) this.nesting.open(CODE.closeSquare, '', this.lexer.count)
    else if (kind === CODE.openCurly) this.openBlock()
    else if (kind === CODE.closeParen || kind === CODE.closeSquare || kind === CODE.closeCurly) {
      if (this.nesting.shut(kind)) this.item.begin()
    } else return false
    return true
  }

  private openBlock(): void {
    const { item } = this
    const { isCustom } = item
    this.nesting.openBlock(item.atRule ?? '', isCustom)
    if (!isCustom) item.begin()
  }

  private readValue(kind: number): void {
    const { lexer, item } = this
    if (kind === URL_TOKEN) this.found(encodeUnquoted)
    else if (kind === BAD) item.isSpoiled = true
    else if (kind === AT_KEYWORD) {
      if (!item.hasProperty) item.begin(lexer.content().toLowerCase())
    } else if (kind === STRING && this.isUrlString()) {
      this.found(this.text[lexer.start] === "'" ? encodeInApostrophes : encodeInQuotes)
    }
  }

  /** The next token is the first in its bracket. */
  private get isFirst(): boolean {
    return this.lexer.count === this.nesting.frame?.openedAt
  }

  /** The token just read was the first in its bracket. */
  private get wasFirst(): boolean {
    return this.lexer.count - 1 === this.nesting.frame?.openedAt
  }

  /** Strings are URLs as the argument of `url()`, in `image-set()`, and right after `@import`. */
  private isUrlString(): boolean {
    const { nesting, item } = this
    const name = nesting.frame?.name ?? ''
    if (URL_FUNCTIONS.has(name)) return this.wasFirst
    return STRING_FUNCTIONS.has(name) || (nesting.isInItem && item.atRule === 'import')
  }

  private found(encode: (url: string) => string): void {
    const { item, lexer } = this
    const { property } = item
    const target = this.target(property)
    if (!target) return
    const url = trimSpace(lexer.content())
    if (url === '') return
    if (item.atRule === 'import') item.hasImport = true
    this.urls.push({ ...target, start: lexer.contentStart, end: lexer.contentEnd, url, property, encode })
  }

  /** What a URL here would be loaded for; undefined where it would not (a selector, `@namespace`, `@supports (...)`). */
  private target(property: string | undefined): (PropertyUse & { place: string }) | undefined {
    const { atRule, hasImport, isSpoiled } = this.item
    const { block, parens } = this.nesting
    if (atRule !== undefined) {
      return atRule === 'import' && !hasImport && parens === 0 ? { ...IMPORT, place: '@import' } : undefined
    }
    if (property === undefined || isSpoiled) return undefined
    return { ...propertyUse(property, block), place: block === 'font-face' ? `@font-face ${property}` : property }
  }
}
