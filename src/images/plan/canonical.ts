/** Maximum nesting: deeper values are meant to break parsers. */
const DEPTH = 16

/**
 * Canonical JSON: sorted keys, no whitespace, numbers as JavaScript prints them. Signatures and digests are made over
 * its bytes. https://www.rfc-editor.org/rfc/rfc8785
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
