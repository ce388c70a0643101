import { LadingError, printable } from '../words/errors.ts'
import type { Key } from '../words/model.ts'

/** Bytes of a key on S3 and its kin. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const MAX_KEY_BYTES = 1024

export interface KeyRules {
  /** UTF-8 bytes that a key may have. @default 1024 */
  readonly keyBytes?: number | undefined
  /** Whether U+0001-U+001F and U+007F may be in a key: XML 1.0, in which listings come, cannot carry most. @default false */
  readonly allowControl?: boolean | undefined
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const CONTROL = /[\u0001-\u001f\u007f]/

/**
 * Checks the key of every request. An empty one would turn a request for an object into one for its bucket
 * (`DELETE /bucket/`), and a proxy may resolve `..` to another bucket's name.
 *
 * @throws E_KEY_INVALID, E_KEY_TOO_LONG
 */
export function assertKey(key: Key, rules: KeyRules = {}): void {
  const why = flawOf(key, rules.allowControl ?? false)
  if (why !== undefined) {
    throw new LadingError('E_KEY_INVALID', `"${printable(key)}" cannot be an object's key`, {
      subject: printable(key),
      why,
      hint: 'Rename the file, or leave it out with `exclude`.',
    })
  }
  const limit = rules.keyBytes ?? MAX_KEY_BYTES
  if (key.length * 3 <= limit) return // no character takes more
  const bytes = Buffer.byteLength(key)
  if (bytes <= limit) return
  const share = limit < MAX_KEY_BYTES ? `; the store's prefix takes ${MAX_KEY_BYTES - limit} of ${MAX_KEY_BYTES}` : ''
  throw new LadingError('E_KEY_TOO_LONG', `the key "${printable(shortened(key))}" has ${bytes} bytes`, {
    subject: printable(key),
    why: `a key may have ${limit} UTF-8 bytes here${share}`,
    hint: 'Shorten the path or the prefix.',
  })
}

/** Whether {@link assertKey} lets the key pass. */
export function isKey(key: Key, rules: KeyRules = {}): boolean {
  return (
    flawOf(key, rules.allowControl ?? false) === undefined &&
    Buffer.byteLength(key) <= (rules.keyBytes ?? MAX_KEY_BYTES)
  )
}

/**
 * What a listing may ask for: nothing, or a folder's name with its `/`.
 *
 * @throws E_KEY_INVALID, E_KEY_TOO_LONG
 */
export function assertListPrefix(prefix: string, rules: KeyRules = {}): void {
  if (prefix === '') return
  if (!prefix.endsWith('/')) {
    throw new LadingError('E_KEY_INVALID', `cannot list "${printable(prefix)}"`, {
      subject: printable(prefix),
      why: 'a listing is of everything or of a folder, whose name ends with "/"',
    })
  }
  assertKey(prefix.slice(0, -1), rules)
}

/** Letters, digits, `-`, `_` and dots within names: a fast check that nearly all keys pass. */
const PLAIN = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/

function flawOf(key: Key, allowControl: boolean): string | undefined {
  if (PLAIN.test(key)) return undefined
  if (key === '') return 'it is empty, and a request without a key is one for the whole bucket'
  if (/\p{Surrogate}/u.test(key)) return 'it holds half a surrogate pair, which UTF-8 cannot carry'
  if (key.startsWith('/')) return 'it starts with "/"'
  if (key.includes('\0')) return 'it holds a NUL character'
  if (!allowControl && CONTROL.test(key)) return 'it holds a control character, which listings cannot carry'
  return key.split('/').map(segmentFlaw).find(Boolean)
}

function segmentFlaw(segment: string): string | undefined {
  if (segment === '') return 'one of its segments is empty ("//" or "/" at the end)'
  if (segment === '.' || segment === '..') return `"${segment}" as a segment may be folded away on the way`
  return undefined
}

function shortened(key: Key): string {
  return key.length <= 80 ? key : `${key.slice(0, 77)}...`
}
