import type { DocumentReferences, Reference, ReferenceUse } from '../../rewrite/reference.ts'

/** Something that a document shows: one of several files, by the browser's choice. */
export interface Choice {
  readonly candidates: readonly Reference[]
  /** False where it is loaded only if it is scrolled to, played, matched by a selector or imported later. */
  readonly isSure: boolean
  readonly isIcon: boolean
}

/** Read by robots and phones, not loaded with a page. */
const UNLOADED: ReadonlySet<ReferenceUse> = new Set<ReferenceUse>([
  'meta',
  'manifest-icon',
  'structured-data',
  'feed',
  'import-map',
])

const MAYBE: ReadonlySet<ReferenceUse> = new Set<ReferenceUse>([
  'media',
  'track',
  'lazy',
  'import-url',
  'font',
  'css-image',
  'css-mask',
  'css-filter',
  'css-custom-property',
])

/** Sorts the references of a document by what they are alternatives for. */
export function choicesOf(text: string, { references, images = [] }: DocumentReferences): readonly Choice[] {
  const lazy = new Set(images.filter(({ loading }) => /^lazy$/i.test(loading?.trim() ?? '')).map(({ src }) => src))
  const loaded = references.filter(({ use }) => !UNLOADED.has(use))
  const icons = loaded.filter(({ use }) => use === 'icon')
  const groups: Reference[][] = icons.length === 0 ? [] : [icons]
  let last: Reference | undefined
  for (const reference of loaded.filter(({ use }) => use !== 'icon')) {
    if (last !== undefined && isAlternative(text, last, reference)) groups.at(-1)?.push(reference)
    else groups.push([reference])
    last = reference
  }
  return groups.map((candidates) => ({
    candidates,
    isSure: candidates.every((candidate) => isSure(candidate) && !lazy.has(candidate.start)),
    isIcon: candidates === icons,
  }))
}

const isSure = ({ use, place }: Reference): boolean =>
  place.includes('[style]') || (!MAYBE.has(use) && !place.endsWith('import()'))

/** Places whose addresses are alternatives within one tag, or within one `<picture>`, `<video>` or `<audio>`. */
const CHOSEN = /^(?:img|source|link)\[(?:[a-z-]*src(?:set)?|href)\]$/

/** Whether both stand for one thing: candidates of an image, or the formats of one font. */
function isAlternative(text: string, before: Reference, reference: Reference): boolean {
  const between = text.slice(before.end, reference.start)
  if (before.use === 'font' && reference.use === 'font') return !/[{}]/.test(between)
  if (!CHOSEN.test(before.place) || !CHOSEN.test(reference.place)) return false
  if (!between.includes('<')) return true
  const tags = between.match(/<[/!a-z][^\s/>]*/gi) ?? []
  return before.place.startsWith('source') && tags.every((tag) => /^<(?:source|img)$/i.test(tag))
}
