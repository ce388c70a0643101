import { htmlReferences, rewriteDocument } from '../../dist/src/rewrite/index.js'

export function rewrite({ text, decide }) {
  const found = htmlReferences(text)
  return rewriteDocument(text, found, ({ url }) => decide(url, found.base))
}
