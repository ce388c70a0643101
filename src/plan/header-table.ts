import type { HeaderSet } from '../words/model.ts'

type Pairs = readonly (readonly [string, string])[]

/** Header sets by number: a site of 100,000 files has a dozen of them. */
export class HeaderTable {
  readonly list: Pairs[] = []
  readonly #numbers = new Map<string, number>()
  /** Most sets are the same few objects, which need not be serialized each time. */
  readonly #known = new WeakMap<HeaderSet, number>()
  readonly #sets: HeaderSet[] = []

  constructor(list: readonly Pairs[] = []) {
    for (const pairs of list) this.index(Object.fromEntries(pairs))
  }

  /** The number of this set, the same for equal sets whatever their order. */
  index(headers: HeaderSet): number {
    const known = this.#known.get(headers)
    if (known !== undefined) return known
    const index = this.#indexOf(headers)
    this.#known.set(headers, index)
    return index
  }

  #indexOf(headers: HeaderSet): number {
    const pairs = Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1))
    const text = JSON.stringify(pairs)
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    this.#numbers.set(text, this.list.length)
    this.#sets.push(Object.fromEntries(pairs))
    return this.list.push(pairs) - 1
  }

  at(index: number): HeaderSet {
    return this.#sets[index] ?? {}
  }
}

export function isHeaderList(list: unknown): list is [string, string][][] {
  return (
    Array.isArray(list) &&
    list.every(
      (pairs) =>
        Array.isArray(pairs) &&
        pairs.every((pair) => Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string'),
    )
  )
}
