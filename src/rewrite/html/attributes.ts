import { type Attribute, type Quote, readAttribute } from '../markup/attribute.ts'

/** The attributes of a start tag: the first of each name, read when they are asked for. */
export interface Attributes extends Iterable<readonly [name: string, attribute: Attribute]> {
  readonly size: number
  get(name: string): Attribute | undefined
  has(name: string): boolean
  /** In lower case; one that is given twice is here twice. */
  readonly names: readonly string[]
}

/** Attributes as places in the document. */
export class TagAttributes implements Attributes {
  readonly names: string[] = []
  private readonly text: string
  private readonly quotes: Quote[] = []
  private readonly places: number[] = []

  constructor(text: string) {
    this.text = text
  }

  get size(): number {
    return this.names.length
  }

  add(name: string, quote: Quote, start: number, end: number): void {
    this.names.push(name)
    this.quotes.push(quote)
    this.places.push(start, end)
  }

  has(name: string): boolean {
    return this.names.includes(name)
  }

  get(name: string): Attribute | undefined {
    const index = this.names.indexOf(name)
    return index === -1 ? undefined : this.read(index)
  }

  *[Symbol.iterator](): Generator<readonly [string, Attribute]> {
    const seen = new Set<string>()
    for (const [index, name] of this.names.entries()) {
      if (!seen.has(name)) yield [name, this.read(index)]
      seen.add(name)
    }
  }

  private read(index: number): Attribute {
    const start = this.places[index * 2] ?? 0
    const raw = this.text.slice(start, this.places[index * 2 + 1])
    return readAttribute({ name: this.names[index] ?? '', quote: this.quotes[index] ?? '', raw, start })
  }
}

export const NO_ATTRIBUTES: TagAttributes = new TagAttributes('')
