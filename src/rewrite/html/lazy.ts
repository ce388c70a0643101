import type { LoadClass } from '../reference.ts'
import type { LazyRules } from './lazy-rules.ts'
import type { AttributeUse, Element } from './rules.ts'

/** Other documents: a frame is navigation, and what an object or embed shows loads files of its own. */
const DOCUMENTS: ReadonlySet<string> = new Set(['iframe', 'frame', 'object', 'embed'])

/**
 * What scripts will load from the element's attributes. A name without `data-` counts on custom elements only: on
 * others it is an attribute of HTML.
 */
export function lazyUses(element: Element, rules: LazyRules): AttributeUse[] {
  if (DOCUMENTS.has(element.name)) return []
  const uses: AttributeUse[] = []
  for (const name of element.attributes.names) {
    const syntax = rules.get(name)
    if (syntax === undefined || !(name.startsWith('data-') || element.name.includes('-'))) continue
    if (uses.some(({ attribute }) => attribute === name)) continue
    const text = element.attributes.get(name)?.value.text ?? ''
    const isAddress = syntax === 'background' && !CSS.test(text)
    const loadClass = lazyClass(element, name)
    uses.push({ attribute: name, syntax: isAddress ? 'url' : syntax, use: 'lazy', loadClass })
  }
  return uses
}

/** A background is written as CSS, or as one URL. */
const CSS = /\b(?:url|image-set)\(/i

/** The class the element's own attribute would have; what an inline SVG names is fetched by a script. */
function lazyClass({ name, attributes, inSvg, mediaCors }: Element, attribute: string): LoadClass {
  if (name === 'track') return mediaCors ? 'B' : 'C'
  if (attribute.endsWith('poster')) return 'A'
  const isFetched = name === 'svg' || (inSvg && name !== 'image')
  return isFetched || attributes.has('crossorigin') || (name === 'source' && mediaCors) ? 'B' : 'A'
}
