/** `lading/rewrite`: finds the URLs in documents and replaces them, byte for byte. Re-exports only. */
export { type CssOptions, cssReferences } from './css/css.ts'
export { applyEdits, type Edit, type Rewritten, rewriteDocument } from './edits.ts'
export { stronglyConnected } from './graph.ts'
export { type HtmlOptions, htmlReferences } from './html/html.ts'
export { encodeSrcsetUrl, parseSrcset, type SrcsetUrl } from './html/srcset.ts'
export { type JsonStep, type JsonString, jsonStrings } from './json/json.ts'
export { webManifestReferences } from './json/webmanifest.ts'
export {
  isNeverUploaded,
  isPage,
  isRootBound,
  isWebManifest,
  isWellKnownIcon,
  type NeverRule,
  neverRule,
  rootBoundRule,
} from './keep.ts'
export { type LoadPolicy, whyKept } from './policy.ts'
export type { Decide, DocumentReferences, LoadClass, Reference, ReferenceUse } from './reference.ts'
export { createResolver, type Resolved, type Resolver, type ResolverOptions } from './resolve.ts'
export { type ModuleScan, moduleReferences } from './script/module.ts'
export { type ScriptTraits, scriptTraits } from './script/script.ts'
export { encodePath, relativeUrl, urlOfKey } from './url.ts'
export { browserConfigReferences, feedReferences } from './xml/xml.ts'
