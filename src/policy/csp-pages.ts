import { visitedPaths } from '../cdn/aliases.ts'
import type { ReferenceUse } from '../rewrite/reference.ts'
import type { Warning } from '../words/events.ts'
import type { PublicUrl, SitePath } from '../words/model.ts'
import { type MissingSource, missingSources } from './csp.ts'
import type { HostHeaders } from './host-headers.ts'

/** What a policy decides about one page. */
export interface PageCsp {
  /** Of its `<meta>` elements, serialized, one each. */
  readonly policies: readonly string[]
  /** Uses of its references to moved copies, including those in its style sheets. */
  readonly uses: ReadonlySet<ReferenceUse>
}

export interface CspPages {
  readonly pages: ReadonlyMap<SitePath, PageCsp>
  readonly hosts: readonly HostHeaders[]
  readonly url: PublicUrl
  readonly site?: string | undefined
  /** Path of the root on its host. @default '/' */
  readonly base?: string | undefined
}

/** A page, where the policy that blocks something comes from, and what it blocks. */
export interface CspFinding extends MissingSource {
  readonly page: SitePath
  /** `<meta>`, or the host's file. */
  readonly from: string
}

/** Every directive that blocks moved files, page by page. */
export function cspFindings({ pages, hosts, url, site, base = '/' }: CspPages): CspFinding[] {
  return [...pages].flatMap(([page, { policies, uses }]) => {
    const addresses = visitedPaths(page, base)
    const saying = [
      { from: '<meta>', policies },
      ...hosts.map(({ name, policiesFor }) => ({ from: name, policies: [...new Set(addresses.flatMap(policiesFor))] })),
    ]
    return saying.flatMap(({ from, policies }) =>
      missingSources({ policies, uses, url, site }).map((missing) => ({ page, from, ...missing })),
    )
  })
}

/**
 * Pages whose own policy, or their host's, blocks moved files; one warning for all that need the same text. Scripts
 * under `'strict-dynamic'` are left out: only nonces and hashes count there, which a move does not change.
 */
export function cspWarnings(input: CspPages): Warning[] {
  const fixes = new Map<string, Map<string, string>>()
  for (const [place, findings] of byPlace(cspFindings(input))) {
    const fix = findings.map(({ write }) => write).join('; ')
    const was = [...new Set(findings.map(({ was }) => was))].join('; ')
    const items = fixes.get(fix) ?? new Map()
    fixes.set(fix, items.set(place, `${place}: ${was}`))
  }
  return [...fixes].map(([fix, items]) => ({
    code: 'W_CSP',
    message: `content security policies keep pages from their files at ${input.url.href}`,
    items: [...items.values()],
    fix,
  }))
}

function byPlace(findings: readonly CspFinding[]): Map<string, CspFinding[]> {
  const places = new Map<string, CspFinding[]>()
  for (const finding of findings) {
    if (finding.needsNonce) continue
    const place = `${finding.page} (${finding.from})`
    places.set(place, [...(places.get(place) ?? []), finding])
  }
  return places
}
