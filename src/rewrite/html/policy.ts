import { hash } from 'node:crypto'

/** A part of a page that its Content-Security-Policy may name by a hash. */
export interface Block {
  /** An inline script or style sheet, or a `style` attribute, which counts only under `'unsafe-hashes'`. */
  readonly kind: 'element' | 'attribute'
  /** As the browser reads it: entities decoded. */
  readonly text: string
}

const FROZEN = "a hash in the page's Content-Security-Policy names this block"

/** https://www.w3.org/TR/CSP3/#grammardef-hash-source */
const HASH = /'(sha(?:256|384|512))-([a-z0-9+/_-]+=*)'/gi
const ATTRIBUTES = /'unsafe-hashes'/i

/**
 * Tells why a block must stay byte-identical, if a hash in one of the policies covers it. Hashes nothing if the
 * policies have no hashes.
 */
export function freezer(policies: readonly string[]): (block: Block | undefined) => string | undefined {
  const named = namedBy(policies)
  const inAttributes = namedBy(policies.filter((policy) => ATTRIBUTES.test(policy)))
  return (block) => {
    if (block === undefined) return undefined
    return isNamed(block.kind === 'element' ? named : inAttributes, block.text) ? FROZEN : undefined
  }
}

/** Algorithms and their digests, in base64. */
type Named = ReadonlyMap<string, ReadonlySet<string>>

function namedBy(policies: readonly string[]): Named {
  const named = new Map<string, Set<string>>()
  for (const [, algorithm = '', digest = ''] of policies.flatMap((policy) => [...policy.matchAll(HASH)])) {
    const digests = named.get(algorithm.toLowerCase()) ?? new Set()
    named.set(algorithm.toLowerCase(), digests.add(digest.replaceAll('-', '+').replaceAll('_', '/')))
  }
  return named
}

/** Browsers normalize `\r\n` to `\n` before hashing; the tool that made the hash may not have. */
function isNamed(named: Named, text: string): boolean {
  const readings = text.includes('\r') ? [text, text.replace(/\r\n?/g, '\n')] : [text]
  return [...named].some(([algorithm, digests]) =>
    readings.some((reading) => digests.has(hash(algorithm, reading, 'base64'))),
  )
}
