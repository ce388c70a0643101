import { createResolver, cssReferences, isFromRoot, whyKept } from '../src/build/documents.ts'
import type { SitePath } from '../src/index.ts'
import { type Addresses, BUNDLE_FOLDER } from './placement.ts'
import type { Names } from './relink.ts'

/**
 * The first reference of a style sheet, as written, that would resolve to another file once the sheet is in the store;
 * undefined if none would. Files that moved under the bundler's own names keep their place relative to the sheet.
 */
export function leadsAstray(
  path: SitePath,
  css: string,
  { addresses, names }: { readonly addresses: Addresses; readonly names: Names },
): string | undefined {
  const resolver = createResolver({ ...addresses, has: names.has, pathOfKey: names.pathOf })
  const { references } = cssReferences(css, { context: 'sheet' })
  return references.find((reference) => {
    const resolved = resolver.resolve(reference.url, path)
    if (resolved.kind === 'other') return false
    if (resolved.kind !== 'file' && resolved.kind !== 'key') return !isFromRoot(reference.url) || !addresses.sameOrigin
    if (resolved.path === undefined || whyKept(reference, addresses) !== undefined) return true
    const isThere = names.keyOf(resolved.path) === BUNDLE_FOLDER + resolved.path
    if (resolved.kind === 'key') return !isThere
    return isFromRoot(reference.url) ? !addresses.sameOrigin : !isThere
  })?.url
}
