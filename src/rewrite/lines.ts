import type { Reference } from './reference.ts'

/** A reference before its line is known. */
export type Draft = Omit<Reference, 'line'>

/** Sorts by position and adds the line numbers, in one pass over the text. Mutates the drafts. */
export function withLines<T extends { readonly start: number }>(
  text: string,
  drafts: readonly T[],
): Array<T & { readonly line: number }> {
  const sorted = [...drafts].sort((a, b) => a.start - b.start)
  let line = 1
  let next = text.indexOf('\n')
  return sorted.map((draft) => {
    while (next !== -1 && next < draft.start) {
      line += 1
      next = text.indexOf('\n', next + 1)
    }
    return Object.assign(draft, { line })
  })
}
