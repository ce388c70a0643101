import type { Draft } from '../lines.ts'
import type { MappedText } from '../markup/mapped-text.ts'
import { trimSpace } from '../white-space.ts'
import { cssDrafts } from './attribute.ts'
import type { Element } from './rules.ts'

/** What was found in an inline script or style sheet. */
export interface BlockContent {
  readonly drafts: readonly Draft[]
  /** It is code or data that a Content-Security-Policy must allow. */
  readonly isGuarded: boolean
  /** See the fields of these names of a document's references. */
  readonly importMapKeys: readonly string[]
  readonly opaque: string | undefined
}

export const NO_CONTENT: BlockContent = { drafts: [], isGuarded: true, importMapKeys: [], opaque: undefined }

/** Reads the text of a `<script>` that may name files. */
export type ReadScript = (kind: ScriptKind, text: MappedText) => BlockContent
export type ScriptKind = 'code' | 'data' | 'import-map'

/** Reads the text of a `<style>` or `<script>`. Of a classic script only literal `import()`s are looked at. */
export function blockContent(element: Element, text: MappedText, readScript: ReadScript): BlockContent {
  if (element.name === 'style') {
    const drafts = cssDrafts(text, { context: 'sheet', place: '<style>', wrap: elementText(text) })
    return { ...NO_CONTENT, drafts }
  }
  const kind = hasAddress(element) ? undefined : kindOf(scriptType(element), text)
  return kind === undefined ? NO_CONTENT : readScript(kind, text)
}

/** Undefined when it names nothing. */
function kindOf(type: string, { text }: MappedText): ScriptKind | undefined {
  if (type === 'importmap') return 'import-map'
  if (DATA.test(type)) return 'data'
  return type === 'module' || (isClassic(type) && CALL.test(text)) ? 'code' : undefined
}

/** A script with a URL does not run its inline text. */
const hasAddress = ({ attributes }: Element): boolean =>
  ['src', 'href', 'xlink:href'].some((name) => attributes.has(name))

/** Whether an element's text is code that runs. */
export function isInlineScript(element: Element): boolean {
  const type = scriptType(element)
  return element.name === 'script' && !hasAddress(element) && (type === 'module' || isClassic(type))
}

const DATA = /^application\/ld\+json\s*(?:;|$)/
export const CALL: RegExp = /\bimport\s*\(/

/** https://mimesniff.spec.whatwg.org/#javascript-mime-type */
const JAVASCRIPT =
  /^(?:(?:application|text)\/(?:x-)?(?:java|ecma)script|text\/(?:javascript1\.[0-5]|jscript|livescript))$/

const isClassic = (type: string): boolean => type === '' || JAVASCRIPT.test(type)

function scriptType({ attributes }: Element): string {
  return trimSpace(attributes.get('type')?.value.text ?? '').toLowerCase()
}

/** HTML's `<style>` and `<script>` are raw text; SVG's have entities: `&` is escaped if the old text had any. */
export function elementText(text: MappedText): (inner: string) => string {
  return text.verbatim ? (inner) => inner : (inner) => inner.replaceAll('&', '&amp;')
}
