import type { Draft } from './lines.ts'
import type { MappedText } from './mapped-text.ts'
import type { ReferenceTag } from './reference.ts'

/**
 * What was found in a text that stands inside another one, with its place there. `wrap` is what the outer text asks
 * for, around the escapes of the inner one.
 */
export function within(text: MappedText, draft: Draft, wrap: (inner: string) => string): Draft {
  return {
    ...draft,
    ...text.span(draft.start, draft.end),
    tag: draft.tag && tagWithin(text, draft.tag),
    encode: (url) => wrap(draft.encode(url)),
  }
}

/** Attributes are not added inside an attribute; a hash stands in its block as it is. */
function tagWithin(text: MappedText, tag: ReferenceTag): ReferenceTag | undefined {
  const { insertAt, integrity } = tag
  if (!text.verbatim || insertAt !== -1) return undefined
  return { ...tag, integrity: integrity && { ...integrity, ...text.span(integrity.start, integrity.end) } }
}
