import type { Decide, DocumentReferences, Reference, Replacement } from './reference.ts'

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

interface Rewrite extends Pick<DocumentReferences, 'references'> {
  /** Insertions between references. @default none */
  readonly additions?: readonly Edit[] | undefined
}

/** Replaces each reference by the result of `decide`. References that are frozen or need no change are left alone. */
export function rewriteDocument(text: string, { references, additions = [] }: Rewrite, decide: Decide): Rewritten {
  const edits: Edit[] = [...additions]
  const tags = new Set<number>()
  let edited = 0
  for (const reference of references) {
    const decided = decide(reference)
    if (decided === undefined || reference.frozen !== undefined) continue
    const replacement = typeof decided === 'string' ? { url: decided } : decided
    const before = edits.length
    edits.push(...urlEdit(text, reference, replacement.url), ...tagEdits(text, reference, replacement, tags))
    if (edits.length > before) edited += 1
  }
  return { text: edits.length === 0 ? text : applyEdits(text, edits), edits: edited }
}

function urlEdit(text: string, { start, end, url, encode }: Reference, wanted: string): Edit[] {
  if (wanted === url) return []
  const replacement = encode(wanted)
  return replacement === text.slice(start, end) ? [] : [{ start, end, replacement }]
}

/** Each tag once: it may hold several references. */
function tagEdits(text: string, { tag }: Reference, wanted: Replacement, done: Set<number>): Edit[] {
  if (tag === undefined || (tag.insertAt >= 0 && done.has(tag.insertAt))) return []
  const { insertAt, integrity } = tag
  const edits: Edit[] = []
  let added = ''
  if (wanted.crossorigin && !tag.crossorigin) added += ' crossorigin'
  if (wanted.integrity !== undefined && integrity !== undefined) {
    const isSaid = text.slice(integrity.start, integrity.end) === wanted.integrity
    if (!isSaid) edits.push({ start: integrity.start, end: integrity.end, replacement: wanted.integrity })
  } else if (wanted.integrity !== undefined) added += ` integrity="${wanted.integrity}"`
  if (added !== '' && insertAt >= 0) {
    edits.push({ start: insertAt, end: insertAt, replacement: added })
    done.add(insertAt)
  }
  return edits
}
