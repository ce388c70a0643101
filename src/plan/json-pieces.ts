/** Rows per piece of text: enough for speed, and far less than a large site has. */
const ROWS = 512

/** A list in JSON, in pieces: the text of a hundred thousand rows never lies in memory as a whole. */
export function* listPieces<T>(items: Iterable<T>, rowOf: (item: T) => unknown): Generator<string, void> {
  let before = '['
  for (const piece of rowPieces(items, rowOf)) {
    yield before + piece
    before = ','
  }
  yield before === '[' ? '[]' : ']'
}

/** The rows of a list in JSON, in pieces, with commas inside them and none between them. */
export function* rowPieces<T>(items: Iterable<T>, rowOf: (item: T) => unknown): Generator<string, void> {
  let rows: unknown[] = []
  for (const item of items) {
    rows.push(rowOf(item))
    if (rows.length < ROWS) continue
    yield inner(rows)
    rows = []
  }
  if (rows.length > 0) yield inner(rows)
}

const inner = (rows: readonly unknown[]): string => JSON.stringify(rows).slice(1, -1)

/** Bytes of text that are parsed at once. */
const PIECE = 256 * 1024
/** Separates two rows that begin with a string. Where it occurs inside a row, the text before it is not valid JSON. */
const BETWEEN = '],["'

export interface Opened {
  /** The object, with an empty list in place of the rows. */
  readonly head: unknown
  /** The rows, some at a time. @throws SyntaxError, perhaps late, where the text cannot be read like this */
  readonly pieces: Iterable<readonly unknown[]>
}

/**
 * Opens `{..., NAME: [["...", ...], ...]}`, the rows the last member.
 * @returns `undefined` when the text has another form
 * @throws SyntaxError
 */
export function openRows(text: Buffer, name: string): Opened | undefined {
  const opening = `,${JSON.stringify(name)}:[`
  const begin = text.indexOf(opening)
  const first = begin + Buffer.byteLength(opening)
  const end = text.lastIndexOf(']}')
  if (begin === -1 || end < first) return undefined
  const head: unknown = JSON.parse(text.toString('utf8', 0, first) + text.toString('utf8', end))
  return { head, pieces: piecesOf(text, first, end) }
}

function* piecesOf(text: Buffer, first: number, end: number): Generator<readonly unknown[], void> {
  for (let at = first; at < end; ) {
    const next = text.indexOf(BETWEEN, at + PIECE)
    const until = next === -1 || next >= end ? end : next + 1
    yield JSON.parse(`[${text.toString('utf8', at, until)}]`)
    at = until + 1
  }
}
