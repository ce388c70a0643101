import type { Draft } from '../lines.ts'
import { encodeJsonString, jsonStrings } from './json.ts'

/** Keywords whose values identify things, not files. https://www.w3.org/TR/json-ld11/#keywords */
const NAMES: ReadonlySet<unknown> = new Set(['@context', '@id', '@type', '@vocab', '@base'])

/** Any string may look like a relative path (`logo`), so only these beginnings count. */
const URL_START = /^(?:\.{0,2}\/|https?:)/i

/**
 * String values of JSON-LD that as a whole may be a file's address. Robots read them, so they are written absolute.
 * Only those that lead to a file of the site are addresses for sure.
 */
export function structuredData(text: string): Draft[] {
  return jsonStrings(text)
    .filter(({ path, value }) => URL_START.test(value) && !/\s/.test(value) && !path.some((step) => NAMES.has(step)))
    .map(({ path, value, start, end }) => ({
      ...{ start, end, url: value, place: path.join('.'), encode: encodeJsonString },
      use: 'structured-data',
      loadClass: 'A',
      absolute: true,
      integrity: false,
    }))
}
