import { type Handler, Parser } from 'htmlparser2'
import { type Attribute, type Quote, readAttribute } from './attribute.ts'
import type { Element } from './html-rules.ts'
import { type MappedText, mappedText, type Piece } from './mapped-text.ts'
import { isSpace, trimSpace } from './white-space.ts'

/** What a document consists of, as far as references go. */
export interface HtmlEvents {
  /** A complete start tag. */
  element(element: Element): void
  /** The end of an element, written or implied. */
  end(name: string): void
  /** The text inside a `<style>` that holds CSS, or inside a `<script>`. */
  content(element: Element, text: MappedText): void
  /** The first `<base href>` that counts. */
  base(href: string): void
}

/** Reads a document and tells what it meets, in its order. */
export function readHtml(text: string, events: HtmlEvents): void {
  const reader = new HtmlReader(text, events)
  const parser = new Parser(reader)
  reader.parser = parser
  parser.end(text)
}

/** In SVG a section's text is reported with the place of the whole section. */
const CDATA_OPEN = '<![CDATA['

class HtmlReader implements Partial<Handler> {
  parser: Parser | undefined
  private readonly text: string
  private readonly events: HtmlEvents
  private attributes = new Map<string, Attribute>()
  private readonly mediaCors: boolean[] = []
  private templates = 0
  private hasBase = false
  /** Where the last attribute of the tag being read ends, or its name. */
  private tagEnd = 0
  /** The `<style>` or `<script>` being read. */
  private open: { readonly element: Element; readonly pieces: Piece[] } | undefined

  constructor(text: string, events: HtmlEvents) {
    this.text = text
    this.events = events
  }

  onopentagname(): void {
    this.attributes = new Map()
    this.tagEnd = this.parser?.endIndex ?? 0
  }

  onattribute(name: string, _value: string, quote?: string | null): void {
    this.tagEnd = this.parser?.endIndex ?? 0
    if (!this.parser || quote === undefined || this.attributes.has(name)) {
      if (!this.attributes.has(name)) this.attributes.set(name, readAttribute({ name, quote: '', raw: '', start: 0 }))
      return
    }
    const { startIndex, endIndex } = this.parser
    const delimiter: Quote = quote === '"' || quote === "'" ? quote : ''
    let start = this.text.indexOf('=', startIndex + 1) + 1
    while (isSpace(this.text[start])) start += 1
    const raw = this.text.slice(start + delimiter.length, endIndex - delimiter.length)
    this.attributes.set(name, readAttribute({ name, quote: delimiter, raw, start: start + delimiter.length }))
  }

  onopentag(name: string): void {
    const inSvg = this.parser?.isInForeignContext() ?? false
    const { attributes } = this
    if (name === 'template') this.templates += 1
    if (name === 'base' && !inSvg) this.readBase()
    const element: Element = { name, attributes, inSvg, mediaCors: this.mediaCors.at(-1), insertAt: this.tagEnd }
    if (hasContent(element)) this.open = { element, pieces: [] }
    this.events.element(element)
    if (name === 'video' || name === 'audio') this.mediaCors.push(attributes.has('crossorigin'))
  }

  onclosetag(name: string): void {
    if (name === 'template') this.templates -= 1
    if (name === 'video' || name === 'audio') this.mediaCors.pop()
    if (this.open?.element.name === name) {
      this.events.content(this.open.element, mappedText(this.open.pieces))
      this.open = undefined
    }
    this.events.end(name)
  }

  ontext(text: string): void {
    if (!this.open || !this.parser) return
    const { pieces } = this.open
    const { startIndex } = this.parser
    const end = this.parser.endIndex + 1
    if (end - startIndex === text.length) pieces.push({ text, start: startIndex, end, verbatim: true })
    else if (this.text.startsWith(CDATA_OPEN, startIndex)) {
      const start = startIndex + CDATA_OPEN.length
      pieces.push({ text, start, end: start + text.length, verbatim: true })
    } else pieces.push({ text, start: startIndex, end, verbatim: false })
  }

  private readBase(): void {
    const href = this.attributes.get('href')
    if (!href || this.templates > 0 || this.hasBase) return
    this.hasBase = true
    this.events.base(trimSpace(href.value.text))
  }
}

function hasContent({ name, attributes }: Element): boolean {
  return name === 'script' || (name === 'style' && isCss(attributes.get('type')?.value.text))
}

/** https://html.spec.whatwg.org/multipage/semantics.html#update-a-style-block */
const isCss = (type: string | undefined): boolean => type === undefined || /^(?:text\/css)?$/i.test(type)
