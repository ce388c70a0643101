import { readTextPieces } from '../markup/attribute.ts'
import { type MappedText, mappedText, type Piece } from '../markup/mapped-text.ts'
import { trimSpace } from '../white-space.ts'
import { RAW_TEXT } from './names.ts'
import { rawTextEnd } from './raw-text.ts'
import type { Element } from './rules.ts'
import { HtmlStack } from './stack.ts'
import { HtmlTokens, TOKEN } from './tokens.ts'

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

/** Reads a document and reports events in document order, as a browser with scripting disabled would parse it. */
export function readHtml(text: string, events: HtmlEvents): void {
  new HtmlReader(text, events).read()
}

class HtmlReader {
  private readonly text: string
  private readonly tokens: HtmlTokens
  private readonly events: HtmlEvents
  private readonly stack: HtmlStack
  private readonly mediaCors: boolean[] = []
  private hasBase = false
  /** The `<style>` or `<script>` of an SVG being read, in which there may be markup. */
  private block: { readonly element: Element; readonly pieces: Piece[] } | undefined

  constructor(text: string, events: HtmlEvents) {
    this.text = text
    this.tokens = new HtmlTokens(text)
    this.events = events
    this.stack = new HtmlStack((name) => this.closed(name))
  }

  read(): void {
    const { tokens, stack } = this
    for (;;) {
      const token = tokens.next(stack.language !== 'html')
      if (token === TOKEN.end) break
      if (token === TOKEN.startTag) this.startTag()
      else if (token === TOKEN.endTag) this.endTag(tokens.name)
      else if (this.block !== undefined) this.addText(token === TOKEN.cdata)
    }
    stack.end()
  }

  private startTag(): void {
    const { tokens, stack } = this
    const { name, language, isOpen } = stack.open(tokens)
    const { attributes, insertAt, start, end } = tokens
    if (name === 'base' && language === 'html') this.readBase()
    const inSvg = language !== 'html'
    const mediaCors = this.mediaCors.at(-1)
    const element: Element = { name, attributes, inSvg, mediaCors, insertAt, start, end }
    this.events.element(element)
    if (!isOpen) return
    if (name === 'video' || name === 'audio') this.mediaCors.push(attributes.has('crossorigin'))
    if (inSvg) {
      if (hasContent(element)) this.block = { element, pieces: [] }
    } else if (RAW_TEXT.has(name)) this.rawText(element)
    else if (name === 'plaintext') tokens.readUntil(this.text.length)
  }

  /** Text up to the end tag, whatever it looks like. */
  private rawText(element: Element): void {
    const { tokens } = this
    tokens.readUntil(rawTextEnd(this.text, tokens.position, element.name))
    if (!hasContent(element)) return
    const { start, end } = tokens
    const pieces = start === end ? [] : [{ text: this.text.slice(start, end), start, end, verbatim: true }]
    this.events.content(element, mappedText(pieces))
  }

  /** `</br>` acts as `<br>`, which ends SVG. https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inbody */
  private endTag(name: string): void {
    if (name === 'br' && this.stack.language !== 'html') this.stack.open(this.tokens)
    this.stack.close(name)
  }

  private closed(name: string): void {
    if (name === 'video' || name === 'audio') this.mediaCors.pop()
    if (this.block?.element.name === name) {
      this.events.content(this.block.element, mappedText(this.block.pieces))
      this.block = undefined
    }
    this.events.end(name)
  }

  private addText(isVerbatim: boolean): void {
    const { start, end } = this.tokens
    const text = this.text.slice(start, end)
    if (isVerbatim) this.block?.pieces.push({ text, start, end, verbatim: true })
    else this.block?.pieces.push(...readTextPieces(text, start))
  }

  private readBase(): void {
    const href = this.tokens.attributes.get('href')
    if (!href || this.stack.templates > 0 || this.hasBase) return
    this.hasBase = true
    this.events.base(trimSpace(href.value.text))
  }
}

function hasContent({ name, attributes }: Element): boolean {
  return name === 'script' || (name === 'style' && isCss(attributes.get('type')?.value.text))
}

/** https://html.spec.whatwg.org/multipage/semantics.html#update-a-style-block */
const isCss = (type: string | undefined): boolean => type === undefined || /^(?:text\/css)?$/i.test(type)
