/** A stretch of decoded text and the source it came from. Verbatim stretches have the same length on both sides. */
export interface Piece {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly verbatim: boolean
}

/** Decoded text (entities resolved) whose offsets lead back into the document it was read from. */
export interface MappedText {
  readonly text: string
  /** True when the source equals the text: nothing had to be decoded. */
  readonly verbatim: boolean
  /** Where the span `[start, end)` of the text stands in the document. A span never cuts an entity: it takes it whole. */
  span(start: number, end: number): { readonly start: number; readonly end: number }
}

/** The text of adjoining pieces. */
export function mappedText(pieces: readonly Piece[]): MappedText {
  const [first] = pieces
  if (pieces.length === 1 && first?.verbatim) {
    return {
      text: first.text,
      verbatim: true,
      span: (start, end) => ({ start: first.start + start, end: first.start + end }),
    }
  }
  const locate = locator(pieces)
  return {
    text: pieces.map((piece) => piece.text).join(''),
    verbatim: pieces.every((piece) => piece.verbatim),
    span: (start, end) => ({ start: locate(start).start, end: locate(Math.max(start, end - 1)).end }),
  }
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Finds the source of one code unit of the text: itself in a verbatim piece, else the whole entity. */
function locator(pieces: readonly Piece[]): (index: number) => Span {
  const offsets: number[] = []
  let length = 0
  for (const piece of pieces) {
    offsets.push(length)
    length += piece.text.length
  }
  return (index) => {
    const at = lastNotAbove(offsets, index)
    const piece = pieces[at]
    const rest = index - (offsets[at] ?? 0)
    if (!piece) return { start: 0, end: 0 }
    return piece.verbatim ? { start: piece.start + rest, end: piece.start + rest + 1 } : piece
  }
}

/** The index of the last of the ascending `values` that is not above `limit`. */
function lastNotAbove(values: readonly number[], limit: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((values[middle] ?? 0) <= limit) low = middle
    else high = middle - 1
  }
  return low
}
