import { cssUrls } from '../css/css.ts'
import type { CssContext } from '../css/scan.ts'
import type { Draft } from '../lines.ts'
import { type Attribute, encodeAttribute } from '../markup/attribute.ts'
import type { MappedText } from '../markup/mapped-text.ts'
import type { ReferenceTag } from '../reference.ts'
import { trimSpace } from '../white-space.ts'
import { lazyUses } from './lazy.ts'
import type { LazyRules } from './lazy-rules.ts'
import { encodeTaskIcon, taskIcon } from './meta.ts'
import { type AttributeUse, attributeUses, type Element, PRESENTATION_ATTRIBUTES } from './rules.ts'
import { encodeSrcsetUrl, parseSrcset, type SrcsetUrl } from './srcset.ts'

/** What the attributes of an element load, `style` aside. */
export function attributeDrafts(element: Element, lazy: LazyRules): Draft[] {
  if (element.attributes.size === 0) return []
  const drafts = [...attributeUses(element), ...lazyUses(element, lazy)].flatMap((use) => {
    const attribute = element.attributes.get(use.attribute)
    return attribute ? valueDrafts(element, attribute, use) : []
  })
  if (!element.inSvg) return drafts
  for (const property of PRESENTATION_ATTRIBUTES) {
    const attribute = element.attributes.get(property)
    if (attribute?.value.text.includes('(')) drafts.push(...cssAttributeDrafts(element, attribute, { property }))
  }
  return drafts
}

/** What the element's `style` attribute loads. */
export function styleDrafts(element: Element): Draft[] {
  const style = element.attributes.get('style')
  return style?.value.text.includes('(') ? cssAttributeDrafts(element, style, 'declarations') : []
}

/** The URLs of one attribute's value. */
function valueDrafts(element: Element, attribute: Attribute, rule: AttributeUse): Draft[] {
  const { use, loadClass } = rule
  if (rule.syntax === 'background') {
    const drafts = cssAttributeDrafts(element, attribute, { property: 'background' })
    return drafts.map((draft) => ({ ...draft, use, loadClass }))
  }
  const { find, encode } = SYNTAXES[rule.syntax]
  const escapeAll = attributeEncoder(attribute, rule.syntax === 'url')
  const place = rule.place ?? `${element.name}[${attribute.name}]`
  const tag = tagOf(element)
  return find(attribute.value.text).map((found) => {
    // field by field: this runs for every reference of a site, and a spread costs more than all the rest
    const { start, end } = attribute.value.span(found.start, found.end)
    return {
      start,
      end,
      url: found.url,
      use,
      loadClass,
      absolute: rule.absolute ?? false,
      integrity: element.attributes.has('integrity'),
      tag,
      place,
      encode: (text: string) => escapeAll(encode(text)),
    }
  })
}

interface Syntax {
  readonly find: (value: string) => readonly SrcsetUrl[]
  readonly encode: (url: string) => string
}

const SYNTAXES: Readonly<Record<'url' | 'srcset' | 'task', Syntax>> = {
  url: { find: trimmed, encode: (url) => url },
  srcset: { find: parseSrcset, encode: encodeSrcsetUrl },
  task: { find: taskIcon, encode: encodeTaskIcon },
}

/** Elements on which `integrity` means something. */
function tagOf({ name, attributes, insertAt }: Element): ReferenceTag | undefined {
  if (name !== 'script' && name !== 'link') return undefined
  const integrity = attributes.get('integrity')?.value
  return {
    insertAt,
    crossorigin: attributes.has('crossorigin'),
    integrity: integrity && { value: integrity.text, ...integrity.span(0, integrity.text.length) },
  }
}

/** The value without outer white space; nothing when that is all there is. */
function trimmed(text: string): SrcsetUrl[] {
  const url = trimSpace(text)
  const start = text.indexOf(url)
  return url === '' ? [] : [{ url, start, end: start + url.length }]
}

/** @param whole what is written is the whole value */
export function attributeEncoder({ quote, value }: Attribute, whole: boolean): (text: string) => string {
  return (text) => encodeAttribute(text, { quote, whole, hadReferences: !value.verbatim })
}

function cssAttributeDrafts(element: Element, attribute: Attribute, context: CssContext): Draft[] {
  const place = `${element.name}[${attribute.name}]`
  return cssDrafts(attribute.value, { context, place, wrap: attributeEncoder(attribute, false) })
}

interface CssHost {
  readonly context: CssContext
  readonly place: string
  /** Escapes CSS for where it stands. */
  wrap(css: string): string
}

/** What CSS inside a page loads. */
export function cssDrafts(css: MappedText, { context, place, wrap }: CssHost): Draft[] {
  return cssUrls(css.text, context).map(({ url, use, loadClass, absolute, encode, ...found }) => {
    const { start, end } = css.span(found.start, found.end)
    return {
      ...{ start, end, url, use, loadClass, absolute, integrity: false },
      place: `${place} ${found.place}`,
      encode: (text: string) => wrap(encode(text)),
    }
  })
}
