import type { ReferenceUse } from '../../rewrite/reference.ts'
import type { SitePath } from '../../words/model.ts'
import type { PageResult } from './page-result.ts'

/** What a style sheet or a script loads from its new place, and which others it names. */
export interface TextUses {
  readonly uses: ReadonlySet<ReferenceUse>
  readonly links: readonly SitePath[]
}

/** What content security policies decide about a page. */
export interface PagePolicy {
  /** Of its `<meta>` elements, serialized, one each. */
  readonly policies: readonly string[]
  /** The uses of its references to moved copies, and of those in the style sheets and scripts that it loads. */
  readonly uses: ReadonlySet<ReferenceUse>
}

/** The policy of each page, with all that is reached through it. Pages with equal policies and references share one. */
export function pagePolicies(
  results: Iterable<PageResult>,
  texts: ReadonlyMap<SitePath, TextUses>,
): Map<SitePath, PagePolicy> {
  const reach = reaching(texts)
  const known = new Map<string, PagePolicy>()
  const pages = new Map<SitePath, PagePolicy>()
  for (const { path, policies, uses, texts: named } of results) {
    const id = JSON.stringify([policies, uses, named])
    const policy = known.get(id) ?? { policies, uses: new Set([...uses, ...named.flatMap((text) => [...reach(text)])]) }
    known.set(id, policy)
    pages.set(path, policy)
  }
  return pages
}

/** What a text loads, directly or through other texts. */
function reaching(texts: ReadonlyMap<SitePath, TextUses>): (path: SitePath) => ReadonlySet<ReferenceUse> {
  const known = new Map<SitePath, ReadonlySet<ReferenceUse>>()
  return (path) => {
    const found = known.get(path) ?? collect(texts, path)
    known.set(path, found)
    return found
  }
}

function collect(texts: ReadonlyMap<SitePath, TextUses>, path: SitePath): ReadonlySet<ReferenceUse> {
  const uses = new Set<ReferenceUse>()
  const seen = new Set([path])
  // grows while it is walked
  for (const next of seen) {
    const text = texts.get(next)
    for (const use of text?.uses ?? []) uses.add(use)
    for (const link of text?.links ?? []) seen.add(link)
  }
  return uses
}
