import { LadingError, printable } from '../../words/errors.ts'
import type { Digest, Key } from '../../words/model.ts'

/*
 * Where variants lie in a store: `v/<s2>/<sha256[:24]>/<op>-<width>.<format>`, named by their source, so known before
 * they are made.
 */

/** Digits of a source's digest in the names of its variants. */
export const VARIANT_DIGITS = 24

export const SHA256: RegExp = /^[0-9a-f]{64}$/

/** What a file's name ends with, without the dot. */
export const EXTENSION: RegExp = /^[0-9a-z]{1,8}$/
const OPERATION = /^[0-9a-z][0-9a-z-]{0,40}$/

/** Every variant of every source, and the receipts beside them. */
export const VARIANTS_FOLDER = 'v/'

/** Whether a key lies where variants do; a site may have a folder `v` of its own. */
export const isRendered = (key: Key): boolean => RENDERED.test(key)

/** Below it lie all variants of one source; ends with `/`. */
export function variantsPrefix(sha256: Digest): string {
  return `${VARIANTS_FOLDER}${digest(sha256).slice(0, 2)}/${sha256.slice(0, VARIANT_DIGITS)}/`
}

/** @param width in pixels */
export function variantKey(sha256: Digest, operation: string, width: number, format: string): Key {
  const name = `${checked('operation', operation, OPERATION)}-${checked('width', String(width), /^[1-9]\d{0,5}$/)}`
  return `${variantsPrefix(sha256)}${name}.${checked('format', format, EXTENSION)}`
}

/** Whether a key names a variant of the source with this digest. */
export function isVariantKey(key: Key, sha256: Digest): boolean {
  if (!SHA256.test(sha256)) return false
  const prefix = variantsPrefix(sha256)
  return (
    key.startsWith(prefix) && /^[0-9a-z][0-9a-z-]{0,40}-[1-9]\d{0,5}\.[0-9a-z]{1,8}$/.test(key.slice(prefix.length))
  )
}

/** The pattern of {@link isRendered}. */
export const RENDERED: RegExp = /^v\/([0-9a-f]{2})\/\1[0-9a-f]{22}\/[^/]+$/

/** @throws E_KEY_INVALID */
export const digest = (sha256: Digest): Digest => checked('digest', sha256, SHA256)

/** @throws E_KEY_INVALID */
export function checked(what: string, part: string, form: RegExp): string {
  if (form.test(part)) return part
  throw new LadingError('E_KEY_INVALID', `"${printable(part.slice(0, 80))}" cannot be the ${what} in an object's key`, {
    subject: printable(part.slice(0, 80)),
    why: `it is not of the form ${form.source}`,
  })
}
