import { createHash } from 'node:crypto'

/** An address in a page as it stands there, and what it reads as. */
export interface Slot {
  readonly url: string
  readonly raw: string
}

/** A piece of a page: text, or an address. */
export type Part = string | Slot

/** Whole numbers below `limit`, the same ones for the same seed. */
type Draw = (limit: number) => number

function drawing(seed: string): Draw {
  let count = 0
  return (limit) => {
    count += 1
    return createHash('sha256').update(`${seed} ${count}`).digest().readUInt32BE() % limit
  }
}

export const textOf = (parts: readonly Part[]): string =>
  parts.map((part) => (typeof part === 'string' ? part : part.raw)).join('')

/** Each text escaped by itself, so that an address stays an address inside another document. */
const inside = (parts: readonly Part[], escapeChar: (char: string) => string): Part[] => {
  const all = (text: string): string => Array.from(text, escapeChar).join('')
  return parts.map((part) => (typeof part === 'string' ? all(part) : { url: part.url, raw: all(part.raw) }))
}

type Quote = '"' | "'" | ''

/** How one place is written. */
export type Write = (maker: Maker, depth: number) => Part[]

export interface Choices {
  readonly places: readonly Write[]
  /** Places that hold other places. */
  readonly nests: readonly Write[]
  /** What may stand between them. */
  readonly noise: readonly string[]
}

/** Writes places in random spelling, the same for the same seed. */
export class Maker {
  private readonly draw: Draw
  private readonly choices: Choices
  private count = 0

  constructor(seed: string, choices: Choices) {
    this.draw = drawing(seed)
    this.choices = choices
  }

  list(length: number, depth: number): Part[] {
    return Array.from({ length }, () => [...this.node(depth), this.oneOf(this.choices.noise)]).flat()
  }

  private oneOf<T>(choices: readonly T[]): T {
    // the list is never empty and the number below its length
    return choices[this.draw(choices.length)] as T
  }

  private slot(endings: readonly string[] = TAILS): Slot {
    this.count += 1
    const url = `${this.oneOf(HEADS)}f${this.count}.png${this.oneOf(endings)}`
    return { url, raw: url }
  }

  private node(depth: number): Part[] {
    const { places, nests } = this.choices
    const kinds = depth < 3 ? [...places, ...nests] : places
    return this.oneOf(kinds)(this, depth)
  }

  /** `<name a="..." b>` with attributes in any order. */
  tag(name: string, attributes: ReadonlyArray<readonly [string, ...Part[]]>): Part[] {
    const rest = attributes.map((attribute) => ({ attribute, rank: this.draw(1000) }))
    const ordered = rest.sort((a, b) => a.rank - b.rank).map(({ attribute }) => attribute)
    const noise = this.draw(3) === 0 ? [`${this.space()}alt="/f0.png > x"`] : []
    const written = ordered.flatMap(([key, ...value]) => [this.space(), ...this.attribute(key, value)])
    return [`<${this.spelt(name)}`, ...noise, ...written, this.oneOf(['', ' ', '\n']), '>']
  }

  private attribute(name: string, value: readonly Part[]): Part[] {
    const text = textOf(value)
    const canBeBare = !/[\s"'=<>`]/.test(text) && text !== '' && !text.endsWith('/')
    const quote = this.oneOf<Quote>(canBeBare ? ['"', "'", ''] : ['"', "'"])
    const around = quote === '' ? '' : this.oneOf(['', '', ' ', '\n'])
    const isExact = typeof value[0] === 'string' && value[0].trim() !== value[0]
    const equals = this.oneOf(['=', '=', ' = ', '\n=\t'])
    const pad = isExact ? '' : around
    return [
      `${this.spelt(name)}${equals}${quote}${pad}`,
      ...inside(value, (char) => this.inAttribute(char, quote)),
      `${pad}${quote}`,
    ]
  }

  private inAttribute(char: string, quote: Quote): string {
    const mustBeEscaped = char === '&' || char === quote || (quote === '' && /[\s"'=<>`]/.test(char))
    if (!mustBeEscaped && this.draw(25) !== 0) return char
    const code = char.codePointAt(0) ?? 0
    const named = NAMED.get(char)
    return this.oneOf([`&#${code};`, `&#x${code.toString(16)};`, named ?? `&#X${code.toString(16).toUpperCase()};`])
  }

  private space = (): string => this.oneOf([' ', '  ', '\n', '\t'])

  private spelt(name: string): string {
    return this.draw(4) === 0 ? name.toUpperCase() : name
  }

  url = (): Slot => this.slot()
  /** Without a comma at its end, which would close a candidate. */
  candidate = (): Slot => this.slot(['', '?v=1,2', '#f'])
  css = (): Part[] => {
    const slot = this.slot(['', '?v=1', '#f'])
    return this.oneOf([
      ['url(', slot, ')'],
      ['url( ', slot, '\n)'],
      ["url('", slot, "')"],
      ["image-set('", slot, "' 1x)"],
    ])
  }
}

const HEADS = ['/', './', '../', '/dir/', 'https://site.example/', 'x/'] as const
const TAILS = ['', '', '?v=1', '?a=1&b=2', '#i', '?#iefix', '?q=é'] as const
const NAMED: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['"', '&quot;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
])
