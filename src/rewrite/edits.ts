import type { Decide, DocumentReferences } from './reference.ts'

/** A replacement of `[start, end)`, in UTF-16 code units. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly replacement: string
}

/**
 * The text with every edit made; everything else stays as it is.
 * @throws RangeError when edits overlap or leave the text, which only a bug can cause
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end)
  const parts: string[] = []
  let at = 0
  for (const { start, end, replacement } of sorted) {
    if (start < at || end < start || end > text.length) {
      throw new RangeError(`edit [${start}, ${end}) overlaps another or leaves the text of ${text.length}`)
    }
    parts.push(text.slice(at, start), replacement)
    at = end
  }
  parts.push(text.slice(at))
  return parts.join('')
}

export interface Rewritten {
  readonly text: string
  /** How many references were changed. */
  readonly edits: number
}

/** Writes what `decide` answers in place of each reference. A URL that already reads so, or is frozen, is not touched. */
export function rewriteDocument(text: string, { references }: DocumentReferences, decide: Decide): Rewritten {
  const edits: Edit[] = []
  for (const reference of references) {
    const url = decide(reference)
    if (url === undefined || url === reference.url || reference.frozen !== undefined) continue
    const replacement = reference.encode(url)
    if (replacement === text.slice(reference.start, reference.end)) continue
    edits.push({ start: reference.start, end: reference.end, replacement })
  }
  return { text: edits.length === 0 ? text : applyEdits(text, edits), edits: edits.length }
}
