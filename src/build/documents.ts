/** The parsers that plugins need for pages and style sheets; loaded lazily. Re-exports only. */
export { cssReferences } from '../rewrite/css/css.ts'
export { applyEdits, type Edit, rewriteDocument } from '../rewrite/edits.ts'
export { NO_CONTENT } from '../rewrite/html/block.ts'
export { pageReferences } from '../rewrite/html/page.ts'
export { whyKept } from '../rewrite/policy.ts'
export type { DocumentReferences, Reference } from '../rewrite/reference.ts'
export { createResolver, type Resolver } from '../rewrite/resolve.ts'
export { encodePath, isFromRoot, urlOfKey } from '../rewrite/url.ts'
