import { type Attribute, encodeAttribute } from './attribute.ts'
import { cssUrls } from './css.ts'
import type { CssContext } from './css-scan.ts'
import { readHtml } from './html-reader.ts'
import { type AttributeUse, attributeUses, type Element, PRESENTATION_ATTRIBUTES } from './html-rules.ts'
import { type Draft, withLines } from './lines.ts'
import type { MappedText } from './mapped-text.ts'
import type { DocumentReferences } from './reference.ts'
import { encodeSrcsetUrl, parseSrcset } from './srcset.ts'
import { trimSpace } from './white-space.ts'

/**
 * The files that an HTML document loads, each with its exact place: attributes, `srcset`, `style`, `<style>`, SVG,
 * icons, Open Graph. `<template>` and `<noscript>` count like the rest; links, forms and frames are navigation and do
 * not. Of an attribute given twice the first counts; a tag that the text ends in is none.
 */
export function htmlReferences(text: string): DocumentReferences {
  const drafts: Draft[] = []
  let base: string | undefined
  // Index of the first reference inside the `<picture>` being read: its `<img>` comes last and speaks for all.
  let picture: number | undefined
  readHtml(text, {
    element: (element) => {
      if (element.name === 'picture') picture = drafts.length
      drafts.push(...elementDrafts(element))
      if (element.name !== 'img' || picture === undefined || !element.attributes.has('crossorigin')) return
      for (const [offset, draft] of drafts.slice(picture).entries())
        drafts[picture + offset] = { ...draft, loadClass: 'B' }
    },
    end: (name) => {
      if (name === 'picture') picture = undefined
    },
    sheet: (sheet) =>
      drafts.push(...cssDrafts(sheet, { context: 'sheet', place: '<style>', encode: elementText(sheet) })),
    base: (href) => {
      base = href
    },
  })
  return { references: withLines(text, drafts), base }
}

function elementDrafts(element: Element): Draft[] {
  const integrity = element.attributes.has('integrity')
  const drafts = attributeUses(element).flatMap((use) => {
    const attribute = element.attributes.get(use.attribute)
    return attribute ? attributeDrafts(element, attribute, { ...use, integrity }) : []
  })
  const style = element.attributes.get('style')
  if (style) drafts.push(...styleDrafts(element, style, 'declarations'))
  if (!element.inSvg) return drafts
  for (const property of PRESENTATION_ATTRIBUTES) {
    const attribute = element.attributes.get(property)
    if (attribute?.value.text.includes('(')) drafts.push(...styleDrafts(element, attribute, { property }))
  }
  return drafts
}

/** The one URL of an attribute, or each of its `srcset`. */
function attributeDrafts(element: Element, attribute: Attribute, rule: AttributeUse & { integrity: boolean }): Draft[] {
  const { text } = attribute.value
  const isSet = rule.syntax === 'srcset'
  const urls = isSet ? parseSrcset(text) : trimmed(text)
  const encode = attributeEncoder(attribute, !isSet)
  return urls.map(({ url, start, end }) => ({
    ...attribute.value.span(start, end),
    url,
    use: rule.use,
    loadClass: rule.loadClass,
    absolute: rule.absolute ?? false,
    integrity: rule.integrity,
    place: rule.place ?? `${element.name}[${attribute.name}]`,
    encode: isSet ? (url) => encode(encodeSrcsetUrl(url)) : encode,
  }))
}

/** The value without outer white space; nothing when that is all there is. */
function trimmed(text: string): Array<{ url: string; start: number; end: number }> {
  const url = trimSpace(text)
  const start = text.indexOf(url)
  return url === '' ? [] : [{ url, start, end: start + url.length }]
}

function attributeEncoder({ quote, value }: Attribute, whole: boolean): (text: string) => string {
  return (text) => encodeAttribute(text, { quote, whole, hadReferences: !value.verbatim })
}

function styleDrafts(element: Element, attribute: Attribute, context: CssContext): Draft[] {
  const place = `${element.name}[${attribute.name}]`
  return cssDrafts(attribute.value, { context, place, encode: attributeEncoder(attribute, false) })
}

interface CssHost {
  readonly context: CssContext
  readonly place: string
  /** Escapes CSS for where it stands. */
  encode(css: string): string
}

function cssDrafts(css: MappedText, { context, place, encode }: CssHost): Draft[] {
  return cssUrls(css.text, context).map((found) => ({
    ...css.span(found.start, found.end),
    url: found.url,
    use: found.use,
    loadClass: found.loadClass,
    absolute: found.absolute,
    integrity: false,
    place: `${place} ${found.place}`,
    encode: (url) => encode(found.encode(url)),
  }))
}

/** HTML's `<style>` is raw text; SVG's decodes entities, so there `&` is one where the sheet already wrote one. */
function elementText(sheet: MappedText): (css: string) => string {
  return sheet.verbatim ? (css) => css : (css) => css.replaceAll('&', '&amp;')
}
