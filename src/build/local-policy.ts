import { allowsUrl } from '../policy/csp-match.ts'

/** Where the CDN is said to be, and where it is. */
export interface Move {
  /** The address that the build names; ends with `/`. */
  readonly from: string
  /** The one at which it is served here; ends with `/`. */
  readonly to: string
}

/** They upgrade local http URLs to https, which nobody serves. https://www.w3.org/TR/upgrade-insecure-requests/ */
const ONLY_SECURE = /^(?:upgrade-insecure-requests|block-all-mixed-content)$/i

/**
 * A content security policy that allows at `to` what it allows at `from`, however it says so: by name, by `https:` or by
 * `*.example.com`.
 */
export function movedPolicy(policy: string, { from, to }: Move): string {
  const before = { url: new URL(from), self: undefined }
  const after = { url: new URL(to), self: undefined }
  const directives = policy.split(';').flatMap((directive) => {
    const [name = '', ...sources] = directive.split(/[\t\n\f\r ]+/).filter((token) => token !== '')
    if (ONLY_SECURE.test(name) && after.url.protocol === 'http:') return []
    const lacks = allowsUrl(sources, before) && !allowsUrl(sources, after)
    return [lacks ? `${directive.trimEnd()} ${after.url.origin}` : directive]
  })
  return directives.join(';')
}
