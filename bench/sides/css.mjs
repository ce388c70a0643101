import { cssReferences, rewriteDocument } from '../../dist/src/rewrite/index.js'

export function rewrite({ text, decide }) {
  return rewriteDocument(text, cssReferences(text, { context: 'sheet' }), ({ url }) => decide(url))
}
