import type { Draft } from './lines.ts'
import type { MappedText } from './markup/mapped-text.ts'
import type { ReferenceTag } from './reference.ts'

/**
 * Maps a draft found in a nested text to its place in the outer one. `wrap` adds the outer text's escaping around that
 * of the inner.
 */
export function within(text: MappedText, draft: Draft, wrap: (inner: string) => string): Draft {
  return {
    ...draft,
    ...text.span(draft.start, draft.end),
    tag: draft.tag && tagWithin(text, draft.tag),
    encode: (url) => wrap(draft.encode(url)),
  }
}

/** No attributes are added inside nested markup; hashes of an import map can be edited if the text is verbatim. */
function tagWithin(text: MappedText, tag: ReferenceTag): ReferenceTag | undefined {
  const { insertAt, integrity } = tag
  if (!text.verbatim || insertAt !== -1) return undefined
  return { ...tag, integrity: integrity && { ...integrity, ...text.span(integrity.start, integrity.end) } }
}
