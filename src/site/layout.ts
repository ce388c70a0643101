import type { ResolvedHeaderRule } from '../config/interface.ts'
import type { WarningEvent } from '../events.ts'
import type { Body, Digest, FileClass, Key, PublicUrl, SitePath } from '../model.ts'
import type { BuildRecord } from '../plan/build-record.ts'
import { classify } from '../plan/classify.ts'
import { type HeaderDecision, headerRules } from '../plan/headers.ts'
import { assetKey, bundleKey, pathsOfKey } from '../plan/naming.ts'
import { matcher } from '../plan/patterns.ts'
import type { LoadPolicy } from '../rewrite/policy.ts'
import { createResolver, type Resolver } from '../rewrite/resolve.ts'
import { type ContentType, contentTypeOf } from './content-type.ts'
import type { FileFacts, SiteFile } from './file.ts'
import { rewritePages, rewritePageText } from './pages.ts'
import { fileBody } from './read.ts'
import { whyScriptStays } from './scripts.ts'
import { layOutStyles } from './styles.ts'

/** A file that gets a hashed copy (or its bundler's name) in the store. */
export interface MovedFile {
  readonly path: SitePath
  readonly key: Key
  readonly fileClass: FileClass
  readonly body: Body
  readonly headers: HeaderDecision
  /** False when the stored bytes differ from the file's, because it names others. */
  readonly verbatim: boolean
}

/** A page or manifest as it goes out. */
export interface RewrittenFile {
  readonly path: SitePath
  readonly body: Body
  readonly edits: number
}

/** What became of one reference. */
export interface ReferenceNote {
  readonly from: SitePath
  readonly line: number
  readonly place: string
  readonly url: string
  readonly result: 'moved' | 'kept' | 'missing' | 'outside' | 'other'
  /** The file it names, when it names one of the site's. */
  readonly target: SitePath | undefined
  /** Where it moved to, or why it did not. */
  readonly detail: string
}

export interface LayoutInput {
  readonly files: readonly SiteFile[]
  readonly facts: ReadonlyMap<SitePath, FileFacts>
  readonly url: PublicUrl
  readonly site: string | undefined
  readonly base: string
  readonly cors: boolean
  readonly keep: readonly string[]
  readonly headers: readonly ResolvedHeaderRule[]
  readonly build: BuildRecord | undefined
  /** Addresses that live releases were written with; a page rewritten in place may still name one. */
  readonly earlierUrls: readonly PublicUrl[]
  /** What the manifest knows under this key. */
  readonly taken: (key: Key) => Digest | undefined
  readonly onReference?: ((note: ReferenceNote) => void) | undefined
}

/** What every file becomes when assets move: keys, bytes, headers, and why what stays stays. */
export interface Layout {
  readonly classes: ReadonlyMap<SitePath, FileClass>
  readonly moved: ReadonlyMap<SitePath, MovedFile>
  /** Assets that could have moved and do not, with the reason. */
  readonly kept: ReadonlyMap<SitePath, string>
  /** Pages and manifests. */
  readonly pages: ReadonlyMap<SitePath, RewrittenFile>
  readonly warnings: readonly Omit<WarningEvent, 'type'>[]
  /** Rewrites a page that is not among the files, as if it lay at `path`. */
  rewritePage(path: SitePath, html: string): string
}

/** The rooms below share this while a layout is made. */
export interface LayoutWork {
  readonly input: LayoutInput
  readonly policy: LoadPolicy
  readonly files: ReadonlyMap<SitePath, SiteFile>
  readonly classes: Map<SitePath, FileClass>
  readonly moved: Map<SitePath, MovedFile>
  readonly kept: Map<SitePath, string>
  readonly resolver: Resolver
  readonly warnings: Omit<WarningEvent, 'type'>[]
  /** Adds a moved file under the key its stored form asks for, or that the joint hash of its circle does. */
  move(path: SitePath, body: Body, verbatim: boolean, jointHash?: Digest): void
}

/**
 * Leaves first: assets and scripts get their keys, then style sheets (which name them), then pages (which name all).
 * @throws E_REF_UNKNOWN_KEY, E_SOURCE_CHANGED
 */
export function layOut(input: LayoutInput): Layout {
  const work = prepare(input)
  for (const file of input.files) {
    if (file.originOnly) continue
    const fileClass = work.classes.get(file.path) ?? 'other'
    const facts = factsOf(work, file.path)
    if (!MOVABLE.has(fileClass) || fileClass === 'style' || isStyle(file.path)) continue
    const reason = whyStays(work, file, fileClass)
    if (reason === undefined) work.move(file.path, fileBody(file, facts.sha256), true)
    else work.kept.set(file.path, reason)
  }
  layOutStyles(work)
  const pages = rewritePages(work)
  const { classes, moved, kept, warnings } = work
  return { classes, moved, kept, pages, warnings, rewritePage: (path, html) => rewritePageText(work, path, html) }
}

const MOVABLE: ReadonlySet<FileClass> = new Set(['style', 'asset', 'well-known', 'script', 'bundle'])
const STYLE_NAME = /\.css$/i
/** Class B by nature: nothing loads them without CORS. */
const NEEDS_CORS = /\.(?:woff2?|ttf|otf|eot|vtt)$/i
const SCRIPT_NAME = /\.(?:js|mjs|cjs)$/i

/** Bundled or not: what is parsed as a style sheet. */
export function isStyle(path: SitePath): boolean {
  return STYLE_NAME.test(path)
}

export function factsOf(work: Pick<LayoutWork, 'input'>, path: SitePath): FileFacts {
  const facts = work.input.facts.get(path)
  if (facts === undefined) throw new Error(`no facts for ${path}`)
  return facts
}

function whyStays(work: LayoutWork, file: SiteFile, fileClass: FileClass): string | undefined {
  const { policy, input } = work
  if (NEEDS_CORS.test(file.path) && !policy.sameOrigin && !policy.cors) {
    return `it loads from another host only with CORS, and \`cors\` is not set for ${policy.url.href}`
  }
  if (!SCRIPT_NAME.test(file.path)) return undefined
  if (fileClass === 'bundle' && input.build?.rewritten) return undefined
  return whyScriptStays(file, factsOf(work, file.path))
}

function prepare(input: LayoutInput): LayoutWork {
  const files = new Map(input.files.map((file) => [file.path, file]))
  const keep = matcher(input.keep)
  const classes = new Map<SitePath, FileClass>()
  for (const { path, originOnly } of input.files) {
    classes.set(path, originOnly ? 'other' : classify(path, { keep, build: input.build }))
  }
  const moved = new Map<SitePath, MovedFile>()
  const byKey = new Map<Key, SitePath>()
  const headersFor = headerRules(input.headers)
  const sameOrigin = isSameOrigin(input.url, input.site)
  return {
    input,
    policy: { url: input.url, sameOrigin, cors: input.cors },
    files,
    classes,
    moved,
    kept: new Map(),
    warnings: [],
    resolver: createResolvers(input, files, byKey),
    move(path, body, verbatim, jointHash) {
      const fileClass = classes.get(path) ?? 'other'
      const type = contentTypeOf(path, factsOf({ input }, path))
      const headers = headersFor(subjectOf(path, fileClass, type))
      const named = { sha256: jointHash ?? body.sha256, headers: headers.headers }
      // a joint hash is not the digest of any stored bytes, so it cannot be compared with the manifest's
      const taken = jointHash === undefined ? input.taken : undefined
      const key = fileClass === 'bundle' ? bundleKey(path) : assetKey(path, named, taken)
      moved.set(path, { path, key, fileClass, body, headers, verbatim })
      byKey.set(key, path)
    },
  }
}

/** Tries the configured address first, then those that earlier releases were written with. */
function createResolvers(
  { site, base, url, earlierUrls }: LayoutInput,
  files: ReadonlyMap<SitePath, SiteFile>,
  byKey: ReadonlyMap<Key, SitePath>,
): Resolver {
  const has = (path: SitePath): boolean => files.has(path)
  const pathOfKey = (key: Key): SitePath | undefined => byKey.get(key) ?? pathsOfKey(key).find(has)
  const [first, ...others] = [url, ...earlierUrls].map((address) =>
    createResolver({ site, base, url: address, has, pathOfKey }),
  )
  return {
    resolve(...reference) {
      const resolved = first?.resolve(...reference) ?? { kind: 'other' }
      if (resolved.kind !== 'other') return resolved
      return others.map((other) => other.resolve(...reference)).find(({ kind }) => kind === 'key') ?? resolved
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
