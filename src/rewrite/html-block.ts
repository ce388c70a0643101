import { cssDrafts } from './html-attribute.ts'
import type { Element } from './html-rules.ts'
import { importMap } from './import-map.ts'
import type { Draft } from './lines.ts'
import type { MappedText } from './mapped-text.ts'
import { moduleReferences } from './module.ts'
import { structuredData } from './structured-data.ts'
import { trimSpace } from './white-space.ts'
import { within } from './within.ts'

/** What an inline script or style sheet says. */
export interface BlockContent {
  readonly drafts: readonly Draft[]
  /** It is code or data that a Content-Security-Policy must allow. */
  readonly isGuarded: boolean
  /** See the fields of these names of a document's references. */
  readonly importMapKeys: readonly string[]
  readonly opaque: string | undefined
}

const NOTHING: BlockContent = { drafts: [], isGuarded: true, importMapKeys: [], opaque: undefined }

/** Reads the text of a `<style>` or `<script>`. Of a classic script only literal `import()`s are looked at. */
export function blockContent(element: Element, text: MappedText): BlockContent {
  if (element.name === 'style') {
    const drafts = cssDrafts(text, { context: 'sheet', place: '<style>', wrap: elementText(text) })
    return { ...NOTHING, drafts }
  }
  if (hasAddress(element)) return NOTHING
  const type = scriptType(element)
  const place = (draft: Draft): Draft => ({ ...draft, place: `<script> ${draft.place}` })
  const inText = (drafts: readonly Draft[], wrap: (inner: string) => string): Draft[] =>
    drafts.map((draft) => place(within(text, draft, (inner) => elementText(text)(wrap(inner)))))
  if (type === 'importmap') {
    const { references, keys } = importMap(text.text)
    return { ...NOTHING, drafts: inText(references, escapeTag), importMapKeys: keys }
  }
  if (DATA.test(type)) return { ...NOTHING, drafts: inText(structuredData(text.text), escapeTag), isGuarded: false }
  if (type !== 'module' && !(isClassic(type) && CALL.test(text.text))) return NOTHING
  const { references, lookups, unknown } = moduleReferences(text.text)
  return { ...NOTHING, drafts: inText(references, (code) => code), opaque: whyOpaque(unknown ?? lookups) }
}

/** With an address of its own, what stands inside is not run. */
const hasAddress = ({ attributes }: Element): boolean =>
  ['src', 'href', 'xlink:href'].some((name) => attributes.has(name))

/** Whether an element's text is code that runs. */
export function isInlineScript(element: Element): boolean {
  const type = scriptType(element)
  return element.name === 'script' && !hasAddress(element) && (type === 'module' || isClassic(type))
}

const whyOpaque = (reason: string | undefined): string | undefined =>
  reason === undefined ? undefined : `of an inline script: ${reason}`

const DATA = /^application\/ld\+json\s*(?:;|$)/
export const CALL: RegExp = /\bimport\s*\(/

/** https://mimesniff.spec.whatwg.org/#javascript-mime-type */
const JAVASCRIPT =
  /^(?:(?:application|text)\/(?:x-)?(?:java|ecma)script|text\/(?:javascript1\.[0-5]|jscript|livescript))$/

const isClassic = (type: string): boolean => type === '' || JAVASCRIPT.test(type)

function scriptType({ attributes }: Element): string {
  return trimSpace(attributes.get('type')?.value.text ?? '').toLowerCase()
}

/** In JSON; so that no `</script` can arise. */
const escapeTag = (json: string): string => json.replaceAll('<', '\\u003c')

/** HTML's `<style>` and `<script>` are raw text; SVG's decode entities, so there `&` is one where one was written. */
function elementText(text: MappedText): (inner: string) => string {
  return text.verbatim ? (inner) => inner : (inner) => inner.replaceAll('&', '&amp;')
}
