import type { Warning } from '../events.ts'
import type { Body, Digest, FileClass, Key, PublicUrl, SitePath } from '../model.ts'
import { classify } from '../plan/classify.ts'
import { type HeaderDecision, headerRules } from '../plan/headers.ts'
import { ASSET_FOLDER, assetKey, bundleKey } from '../plan/naming.ts'
import { type Matcher, matcher } from '../plan/patterns.ts'
import type { LoadPolicy } from '../rewrite/policy.ts'
import type { Resolver } from '../rewrite/resolve.ts'
import { type ContentType, contentTypeOf } from './content-type.ts'
import type { FileFacts, SiteFile } from './file.ts'
import type { LayoutInput, MovedFile, ReferenceNote } from './layout.ts'
import { sharing } from './sharing.ts'
import { createSiteResolver } from './site-resolver.ts'

/** What the rooms of a layout share while it is made. */
export interface LayoutWork {
  readonly input: LayoutInput
  readonly policy: LoadPolicy
  readonly files: ReadonlyMap<SitePath, SiteFile>
  readonly classes: Map<SitePath, FileClass>
  readonly moved: Map<SitePath, MovedFile>
  readonly kept: Map<SitePath, string>
  readonly named: Set<Key>
  readonly resolver: Resolver
  readonly warnings: Warning[]
  /** The user's `keep`. */
  readonly isKept: Matcher
  /** Adds a moved file under the key its stored form asks for, or that the joint hash of its circle does. */
  move(path: SitePath, body: Body, verbatim: boolean, jointHash?: Digest): void
}

export function prepare(input: LayoutInput): LayoutWork {
  const files = new Map(input.files.map((file) => [file.path, file]))
  const isKept = matcher(input.keep)
  const classes = new Map<SitePath, FileClass>()
  for (const { path, originOnly } of input.files) {
    classes.set(path, originOnly ? 'other' : classify(path, { keep: isKept, build: input.build }))
  }
  const moved = new Map<SitePath, MovedFile>()
  const byKey = new Map<Key, SitePath>()
  const headersFor = headerRules(input.headers)
  const shared = sharing<HeaderDecision>()
  return {
    input,
    policy: { url: input.url, sameOrigin: isSameOrigin(input.url, input.site), cors: input.cors },
    files,
    classes,
    moved,
    kept: new Map(),
    named: new Set(),
    warnings: [],
    isKept,
    resolver: createSiteResolver(input, { files, classes, byKey }),
    move(path, body, verbatim, jointHash) {
      const fileClass = classes.get(path) ?? 'other'
      const type = contentTypeOf(path, factsOf({ input }, path))
      const headers = shared(headersFor(subjectOf(path, fileClass, type)))
      const named = { sha256: jointHash ?? body.sha256, headers: headers.headers }
      // a joint hash is not the digest of any stored bytes, so it cannot be compared with the manifest's
      const taken = jointHash === undefined ? input.taken : undefined
      const key = fileClass === 'bundle' ? bundleKey(path) : assetKey(path, named, taken)
      moved.set(path, { path, key, fileClass, body, headers, verbatim })
      byKey.set(key, path)
    },
  }
}

function subjectOf(
  path: SitePath,
  fileClass: FileClass,
  type: ContentType,
): Parameters<ReturnType<typeof headerRules>>[0] {
  return { path, fileClass, hashed: true, fallback: false, contentType: type.value, contentEncoding: type.encoding }
}

/** Whether pages and moved assets share an origin: `url` is a path of the site, or lies on the site's own host. */
function isSameOrigin(url: PublicUrl, site: string | undefined): boolean {
  return url.kind === 'path' || (site !== undefined && new URL(url.href).origin === new URL(site).origin)
}

export function factsOf(work: Pick<LayoutWork, 'input'>, path: SitePath): FileFacts {
  const facts = work.input.facts.get(path)
  if (facts === undefined) throw new Error(`no facts for ${path}`)
  return facts
}

/** Why a file has no copy among the assets. */
export function whyUnmoved({ kept, files, isKept }: LayoutWork, path: SitePath): string {
  const reason = kept.get(path)
  if (reason !== undefined) return reason
  if (files.get(path)?.originOnly) return 'it is excluded'
  return isKept(path) ? '`keep` names it' : 'it works only at its own path'
}

/** Where the store is the whole site, what does not go there is nowhere. */
export function isNowhere({ input, files }: LayoutWork, path: SitePath): boolean {
  return input.delivery?.mode === 'host' && (files.get(path)?.originOnly ?? false)
}

/** What becomes of a reference, apart from where it stands. */
export type Outcome = Pick<ReferenceNote, 'result' | 'target' | 'detail'>

export const EXCLUDED: string = 'excluded'
export const UNKNOWN_KEY: string = 'no release that is kept knows this key'

/**
 * A key whose file is gone from the site stays as it is while the store still has it. Other objects below the same
 * address were not made by us and are nobody's business here.
 */
export function nameKey(work: LayoutWork, key: Key): Outcome {
  if (!key.startsWith(ASSET_FOLDER)) return { result: 'other', target: undefined, detail: key }
  if (work.input.taken(key) === undefined) return { result: 'missing', target: undefined, detail: UNKNOWN_KEY }
  work.named.add(key)
  return { result: 'moved', target: undefined, detail: key }
}
