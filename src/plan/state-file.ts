import { LadingError } from '../words/errors.ts'

/** The JSON in these bytes; `undefined` when they hold none. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}

/** The error for a part of the state that is torn, damaged, or of a later version. */
export function unreadableState(what: string, label: string, cause?: unknown): LadingError {
  return unreadable(what, { label, cause, more: ', or run `lading sync --repair`' })
}

/** The same for a record that no repair makes anew. */
export function unreadableRecord(what: string, label: string): LadingError {
  return unreadable(what, { label })
}

interface Unreadable {
  readonly label: string
  readonly cause?: unknown
  /** What else to do. */
  readonly more?: string
}

function unreadable(what: string, { label, cause, more = '' }: Unreadable): LadingError {
  return new LadingError('E_MANIFEST', `${what} in the store cannot be read`, {
    subject: label,
    why: 'It is torn, or written by a newer Lading. Nothing was changed.',
    hint: `Update Lading; otherwise restore the object from the bucket’s versions${more}.`,
    cause,
  })
}
