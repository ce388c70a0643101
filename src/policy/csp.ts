import type { ReferenceUse } from '../rewrite/reference.ts'
import type { PublicUrl } from '../words/model.ts'
import { allowsUrl, type SourceSubject } from './csp-match.ts'
import { type CspPolicy, decidingDirective, directiveToAdd, parsePolicy } from './csp-policy.ts'

/**
 * The directive that governs loads for each use; undefined where the page itself loads nothing (`<meta>`), or where
 * another reference names the same file with its real use (`preload`).
 * https://www.w3.org/TR/CSP3/#effective-directive-for-a-request
 */
const DIRECTIVES: Readonly<Record<ReferenceUse, string | undefined>> = {
  image: 'img-src',
  icon: 'img-src',
  'svg-image': 'img-src',
  'svg-use': 'img-src',
  'css-image': 'img-src',
  'css-mask': 'img-src',
  'css-filter': 'img-src',
  'css-custom-property': 'img-src',
  'manifest-icon': 'img-src',
  lazy: 'img-src',
  media: 'media-src',
  track: 'media-src',
  embed: 'object-src',
  font: 'font-src',
  manifest: 'manifest-src',
  stylesheet: 'style-src-elem',
  'css-import': 'style-src-elem',
  script: 'script-src-elem',
  module: 'script-src-elem',
  modulepreload: 'script-src-elem',
  import: 'script-src-elem',
  'import-map': 'script-src-elem',
  // how the code uses it is unknown; mostly it is fetched
  'import-url': 'connect-src',
  preload: undefined,
  meta: undefined,
  'structured-data': undefined,
  feed: undefined,
}

export interface CspQuestion {
  /** Serialized policies, one each; all of them have to allow a load. */
  readonly policies: readonly string[]
  /** Uses of the references to moved copies. */
  readonly uses: Iterable<ReferenceUse>
  readonly url: PublicUrl
  /** The site's own address. @default unknown: `'self'` never covers another host */
  readonly site?: string | undefined
}

/** A directive that blocks a page's moved files. */
export interface MissingSource {
  /** The directive to write; where only `default-src` decides so far, the narrower one to add. */
  readonly directive: string
  /** What it has to allow: `https://cdn.example.com`. */
  readonly source: string
  /** The deciding directive as it stands. */
  readonly was: string
  /** The directive to write, whole. */
  readonly write: string
  /**
   * With `'strict-dynamic'`, host sources are ignored: each script tag needs the policy's nonce or a hash. A tag
   * without one did not load before it moved either.
   */
  readonly needsNonce: boolean
}

/** What policies must allow before a page can load its files from `url`; empty when nothing is missing. */
export function missingSources({ policies, uses, url, site }: CspQuestion): MissingSource[] {
  const subject = subjectOf(url, site)
  if (subject === undefined) return []
  const directives = neededDirectives(uses)
  const missing = policies.flatMap((text) => {
    const policy = parsePolicy(text)
    return directives.flatMap((directive) => missingIn(policy, directive, { subject, source: sourceOf(url, site) }))
  })
  return missing.filter(({ write }, index) => missing.findIndex((other) => other.write === write) === index)
}

/** The directives that govern these uses, sorted. */
export function neededDirectives(uses: Iterable<ReferenceUse>): string[] {
  const found = new Set<string>()
  for (const use of uses) {
    const directive = DIRECTIVES[use]
    if (directive !== undefined) found.add(directive)
  }
  return [...found].sort()
}

/** How a policy names the address: the origin, and the path where others share the host. */
export function sourceOf(url: PublicUrl, site?: string): string {
  if (url.kind === 'path' && site === undefined) return "'self'"
  const { origin, pathname } = new URL(url.href, site)
  // both are separators in a policy. https://www.w3.org/TR/CSP3/#grammardef-host-source
  const path = pathname.replaceAll(';', '%3B').replaceAll(',', '%2C')
  return path === '/' ? origin : origin + path
}

/** Any file below the address; undefined for a path when the site's address is unknown: `'self'` covers it. */
function subjectOf(url: PublicUrl, site: string | undefined): SourceSubject | undefined {
  if (url.kind === 'path' && site === undefined) return undefined
  const base = new URL(url.href, site)
  return { url: new URL('a/file', base), self: site === undefined ? undefined : new URL(site) }
}

/** Whether a policy allows `style` attributes. https://www.w3.org/TR/CSP3/#allow-all-inline */
export function allowsStyleAttributes(text: string): boolean {
  const policy = parsePolicy(text)
  const deciding = ['style-src-attr', 'style-src', 'default-src'].find((name) => policy.has(name))
  if (deciding === undefined) return true
  const sources = (policy.get(deciding) ?? []).map((source) => source.toLowerCase())
  // a nonce or hash disables 'unsafe-inline'
  return sources.includes("'unsafe-inline'") && !sources.some((source) => /^'(?:nonce|sha\d+)-/.test(source))
}

interface Wanted {
  readonly subject: SourceSubject
  readonly source: string
}

function missingIn(policy: CspPolicy, wanted: string, { subject, source }: Wanted): MissingSource[] {
  const deciding = decidingDirective(policy, wanted)
  if (deciding === undefined) return []
  const sources = policy.get(deciding) ?? []
  const was = [deciding, ...sources].join(' ')
  if (wanted === 'script-src-elem' && sources.some((one) => one.toLowerCase() === "'strict-dynamic'")) {
    return [{ directive: deciding, source, was, write: was, needsNonce: true }]
  }
  if (allowsUrl(sources, subject)) return []
  const directive = deciding === 'default-src' ? directiveToAdd(wanted) : deciding
  // 'none' means nothing beside another source
  const kept = sources.filter((one) => one.toLowerCase() !== "'none'")
  return [{ directive, source, was, write: [directive, ...kept, source].join(' '), needsNonce: false }]
}
