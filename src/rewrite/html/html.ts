import type { DocumentReferences } from '../reference.ts'
import { type HtmlOptions, pageReferences } from './page.ts'
import { scriptContent } from './script.ts'

export type { HtmlOptions } from './page.ts'

/**
 * The files that an HTML document loads, each with its exact place: attributes, `srcset`, `style`, `<style>`, SVG,
 * icons, Open Graph, import maps, JSON-LD, the imports of inline scripts, `srcdoc`. `<template>` and `<noscript>` count
 * like the rest; links, forms and frames are navigation and do not. Of an attribute given twice the first counts; a tag
 * cut off by the end of the text is ignored.
 */
export function htmlReferences(text: string, options: HtmlOptions = {}): DocumentReferences {
  return pageReferences(text, { ...options, scripts: scriptContent })
}
