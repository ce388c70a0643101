import type { LoadClass, ReferenceUse } from '../reference.ts'

/** What a URL in a property's value is used for. */
export interface PropertyUse {
  readonly use: ReferenceUse
  readonly loadClass: LoadClass
  readonly absolute: boolean
}

const IMAGE: PropertyUse = { use: 'css-image', loadClass: 'A', absolute: false }
const FONT: PropertyUse = { use: 'font', loadClass: 'B', absolute: false }
const MASK: PropertyUse = { use: 'css-mask', loadClass: 'B', absolute: false }
const ELEMENT: PropertyUse = { use: 'css-filter', loadClass: 'C', absolute: false }

/** Fetched with CORS. https://drafts.fxtf.org/css-masking/#priv-sec */
const MASKS = /^(?:-webkit-)?(?:mask(?:-.*)?|clip-path|shape-outside|box-reflect)$/

/** Name an element of another document (a filter, a gradient, a marker), or code: same origin only. */
const ELEMENTS =
  /^(?:(?:-webkit-)?(?:filter|backdrop-filter)|fill|stroke|marker(?:-.*)?|offset-path|behavior|-moz-binding)$/

/**
 * @param property in lower case; a custom property (`--x`) as it is
 * @param atRule the innermost at-rule around the declaration, in lower case
 */
export function propertyUse(property: string, atRule: string | undefined): PropertyUse {
  if (property.startsWith('--')) return { use: 'css-custom-property', loadClass: 'A', absolute: true }
  if (atRule === 'font-face') return FONT
  if (MASKS.test(property)) return MASK
  return ELEMENTS.test(property) ? ELEMENT : IMAGE
}

/** The stricter of two classes. */
export function stricter(a: LoadClass, b: LoadClass): LoadClass {
  return a > b ? a : b
}
