import { withLines } from '../lines.ts'
import type { DocumentReferences, LoadClass } from '../reference.ts'
import { propertyUse, stricter } from './property.ts'
import { type CssContext, type CssScan, type CssUrl, scanCss } from './scan.ts'

export interface CssOptions {
  /** A whole sheet, or the declarations of a `style` attribute. */
  readonly context: 'sheet' | 'declarations'
}

/**
 * The URLs a style sheet loads: `url()`, `src()`, `image-set()`, `@import`, `@font-face`. Not those in comments,
 * strings, selectors, `@namespace`, `@supports` conditions or malformed parts.
 */
export function cssReferences(text: string, { context }: CssOptions): DocumentReferences {
  const drafts = cssUrls(text, context).map(({ start, end, url, use, loadClass, absolute, place, encode }) => ({
    ...{ start, end, url, use, loadClass, absolute, place, encode },
    integrity: false,
  }))
  return { references: withLines(text, drafts), base: undefined }
}

/** The URLs with their final class: a custom property's is the strictest of what the text uses it for. */
export function cssUrls(text: string, context: CssContext): readonly CssUrl[] {
  const { urls, uses } = scanCss(text, context)
  if (!urls.some(({ use }) => use === 'css-custom-property')) return urls
  const classes = customClasses(uses)
  return urls.map((found) => {
    const used = found.use === 'css-custom-property' && classes.get(found.property ?? '')
    return used ? { ...found, loadClass: stricter(found.loadClass, used) } : found
  })
}

/** For each custom property the strictest class among the properties that use it, directly or through others. */
function customClasses(uses: CssScan['uses']): Map<string, LoadClass> {
  const usedBy = new Map<string, string[]>()
  for (const { name, property } of uses) {
    const names = usedBy.get(property)
    if (names) names.push(name)
    else usedBy.set(property, [name])
  }
  const classes = new Map<string, LoadClass>()
  for (const loadClass of ['C', 'B'] as const) {
    const users = [...usedBy.keys()].filter((property) => propertyUse(property, undefined).loadClass === loadClass)
    // The list grows during the loop: what a custom property uses in turn gets its class too.
    for (const user of users) {
      for (const name of usedBy.get(user) ?? []) {
        if (classes.has(name)) continue
        classes.set(name, loadClass)
        users.push(name)
      }
    }
  }
  return classes
}
