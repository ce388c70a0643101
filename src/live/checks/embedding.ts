import { isAnswer } from '../ask.ts'
import type { Check } from '../finding.ts'
import { isLink, originOf } from '../use.ts'

/**
 * What another host sends without CORS must be allowed by its own resource policy (CORP) and the page's embedder policy
 * (COEP). https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check
 */
export const embedding: Check = ({ use, visit, site }) => {
  const asked = visit?.asked
  const isPlain = use.loadClass === 'A' && use.use !== 'meta' && !isLink(use) && use.use !== 'structured-data'
  if (!isPlain || originOf(use.url) === site.origin || !isAnswer(asked) || asked.status !== 200) return []
  const policy = asked.headers.get('cross-origin-resource-policy')?.trim()
  if (policy === 'cross-origin' || (policy === 'same-site' && isSameSite(use.url, site.origin))) return []
  if (policy === 'same-origin' || policy === 'same-site') {
    const message = `comes with Cross-Origin-Resource-Policy: ${policy}`
    return [{ kind: 'embedding', message, why: 'Browsers load it into pages of its own host alone.', fix: FIX }]
  }
  if (!use.page.requiresCorp) return []
  const why = 'The page answers Cross-Origin-Embedder-Policy: require-corp, so browsers refuse it.'
  return [{ kind: 'embedding', message: 'comes without Cross-Origin-Resource-Policy', why, fix: FIX }]
}

const FIX = 'Send Cross-Origin-Resource-Policy: cross-origin with it, or use crossorigin and CORS.'

/** By the last two labels: without a list of public suffixes `a.co.uk` and `b.co.uk` pass for one site. */
function isSameSite(url: string, origin: string): boolean {
  const [a, b] = [new URL(url), new URL(origin)]
  const site = (host: string): string => (/^[\d.]+$|^\[/.test(host) ? host : host.split('.').slice(-2).join('.'))
  return a.protocol === b.protocol && site(a.hostname) === site(b.hostname)
}
