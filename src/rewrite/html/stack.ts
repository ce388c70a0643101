import type { Attributes } from './attributes.ts'
import { BREAKS_OUT, MATH_HTML, SVG_HTML, svgName, VOID } from './names.ts'

/** Which language the content of an element is in. */
export type Language = 'html' | 'svg' | 'math'

interface Open {
  readonly name: string
  /** Of its content. */
  readonly content: Language
}

/** Elements open inside one template, or outside of all. */
interface Scope {
  readonly counts: Map<string, number>
}

export interface StartTag {
  readonly name: string
  readonly attributes: Attributes
  readonly isSelfClosing: boolean
}

/**
 * The stack of open elements, which tells where SVG, MathML, templates and media begin and end. Opening and closing an
 * element take about constant time at any depth.
 */
export class HtmlStack {
  private readonly elements: Open[] = []
  private readonly scopes: Scope[] = [{ counts: new Map() }]
  private readonly closed: (name: string) => void

  /** @param closed called for each element that ends, innermost first */
  constructor(closed: (name: string) => void) {
    this.closed = closed
  }

  get language(): Language {
    return this.elements.at(-1)?.content ?? 'html'
  }

  get templates(): number {
    return this.scopes.length - 1
  }

  /**
   * Opens an element, closing the SVG or MathML that its tag ends.
   * @returns its name as its language spells it, the language it is in, and whether anything can be inside it
   */
  open({ name: written, attributes, isSelfClosing }: StartTag): { name: string; language: Language; isOpen: boolean } {
    if (this.language !== 'html' && breaksOut(written, attributes)) this.leaveForeign()
    const around = this.language
    const language: Language = around === 'html' && (written === 'svg' || written === 'math') ? written : around
    const name = language === 'svg' ? svgName(written) : written === 'image' && language === 'html' ? 'img' : written
    const isOpen = language === 'html' ? !VOID.has(name) : !isSelfClosing
    if (isOpen) this.push(name, contentOf(name, language, attributes))
    return { name, language, isOpen }
  }

  /** Closes the innermost element of that name, and all inside it. An end tag that matches none is ignored. */
  close(written: string): void {
    const spelled = svgName(written)
    const counts = this.scopes.at(-1)?.counts
    const name = counts?.get(spelled) ? spelled : written
    if (!counts?.get(name) && name !== 'template') return
    if (name === 'template' && this.templates === 0) return
    for (let last = this.pop(); last !== undefined && last !== name; ) last = this.pop()
  }

  /** Closes everything. */
  end(): void {
    while (this.pop() !== undefined) {}
  }

  private push(name: string, content: Language): void {
    this.elements.push({ name, content })
    if (name === 'template' && content === 'html') this.scopes.push({ counts: new Map() })
    else this.count(name, 1)
  }

  private pop(): string | undefined {
    const last = this.elements.pop()
    if (last === undefined) return undefined
    if (last.name === 'template' && last.content === 'html') this.scopes.pop()
    else this.count(last.name, -1)
    this.closed(last.name)
    return last.name
  }

  private count(name: string, by: number): void {
    const counts = this.scopes.at(-1)?.counts
    counts?.set(name, (counts.get(name) ?? 0) + by)
  }

  private leaveForeign(): void {
    while (this.language !== 'html') this.pop()
  }
}

function breaksOut(name: string, attributes: Attributes): boolean {
  if (name === 'font') return ['color', 'face', 'size'].some((attribute) => attributes.has(attribute))
  return BREAKS_OUT.has(name)
}

function contentOf(name: string, language: Language, attributes: Attributes): Language {
  if (language === 'svg') return SVG_HTML.has(name) ? 'html' : 'svg'
  if (language !== 'math') return 'html'
  const encoding = name === 'annotation-xml' ? attributes.get('encoding')?.value.text.toLowerCase() : undefined
  return MATH_HTML.has(name) || encoding === 'text/html' || encoding === 'application/xhtml+xml' ? 'html' : 'math'
}
