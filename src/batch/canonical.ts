/** How deep a value may be nested: deeper ones are made to break readers. */
const DEPTH = 16

/**
 * A JSON value as the one text that it has: keys in order, no spaces, numbers as JavaScript writes them. What is
 * signed and what is named by its digest is this text's bytes. https://www.rfc-editor.org/rfc/rfc8785
 *
 * @throws TypeError when the value is no JSON, or is nested deeper than 16 levels
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > DEPTH) throw new TypeError('nested too deep')
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is no JSON`)
  if (value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') {
    return JSON.stringify(value)
  }
  if (typeof value !== 'object') throw new TypeError(`${typeof value} is no JSON`)
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member, depth + 1)}`)
  return `{${members.join(',')}}`
}
