import { CODE, unescapeCss } from './characters.ts'

/** What stands between two `;` or braces: a declaration, or a rule's prelude. */
export class CssItem {
  /** Of the at-rule whose prelude this is. */
  atRule: string | undefined
  /** `@import` has its URL. */
  hasImport = false
  /** A bad string or bad URL invalidates the rest of it. */
  isSpoiled = false
  private readonly text: string
  /** The property, once asked for: most never are. */
  private known: string | undefined
  private propertyStart = 0
  private propertyEnd = 0
  /** The identifier just read, a property's name if a colon follows. */
  private identStart = 0
  private identEnd = 0

  constructor(text: string, property: string | undefined) {
    this.text = text
    this.known = property
  }

  begin(atRule?: string): void {
    this.atRule = atRule
    this.hasImport = false
    this.isSpoiled = false
    this.known = undefined
    this.propertyEnd = 0
    this.identEnd = 0
  }

  /** Nothing that the rest could depend on has been read yet. */
  get isBlank(): boolean {
    return this.atRule === undefined && this.identEnd === 0 && !this.hasProperty
  }

  get hasProperty(): boolean {
    return this.propertyEnd > 0 || this.known !== undefined
  }

  /** In lower case; a custom property (`--x`) as it is. */
  get property(): string | undefined {
    if (this.known === undefined && this.propertyEnd > 0) {
      const name = unescapeCss(this.text.slice(this.propertyStart, this.propertyEnd), 'name')
      this.known = name.startsWith('--') ? name : name.toLowerCase()
    }
    return this.known
  }

  get isCustom(): boolean {
    const first = this.text.charCodeAt(this.propertyStart)
    if (this.propertyEnd > 0 && first !== CODE.hyphen && first !== CODE.backslash) return false
    return this.property?.startsWith('--') ?? false
  }

  readIdent(start: number, end: number): void {
    this.identStart = start
    this.identEnd = end
  }

  readColon(): void {
    if (this.hasProperty) return
    this.propertyStart = this.identStart
    this.propertyEnd = this.identEnd
  }
}
