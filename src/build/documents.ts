/** What a plugin reads pages and style sheets with: the parsers, so late. Every name, no code. */
export { cssReferences } from '../rewrite/css.ts'
export { applyEdits, type Edit, rewriteDocument } from '../rewrite/edits.ts'
export { htmlReferences } from '../rewrite/html.ts'
export { whyKept } from '../rewrite/policy.ts'
export type { Reference } from '../rewrite/reference.ts'
export { createResolver, type Resolver } from '../rewrite/resolve.ts'
export { encodePath, urlOfKey } from '../rewrite/url.ts'
