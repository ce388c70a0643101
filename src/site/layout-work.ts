import { classify } from '../plan/classify.ts'
import { compressionRules, encodedHeaders, type Packing } from '../plan/compression.ts'
import { type HeaderDecision, headerRules } from '../plan/headers.ts'
import { ASSET_FOLDER, assetKey, bundleKey } from '../plan/naming.ts'
import { type Matcher, matcher } from '../plan/patterns.ts'
import type { LoadPolicy } from '../rewrite/policy.ts'
import type { Resolver } from '../rewrite/resolve.ts'
import type { Warning } from '../words/events.ts'
import type { Body, Digest, FileClass, Key, PublicUrl, SitePath } from '../words/model.ts'
import { type ContentType, contentTypeOf } from './content-type/content-type.ts'
import type { FileFacts, SiteFile } from './file.ts'
import type { LayoutInput, MovedFile, ReferenceNote } from './layout.ts'
import type { TextUses } from './pages/page-uses.ts'
import { fileBody } from './read.ts'
import { createSiteResolver, formerKey } from './site-resolver.ts'
import { NO_TEXT_MEMORY, type TextMemory } from './text/text-memory.ts'

/** State shared by the steps of a layout. */
export interface LayoutWork {
  readonly input: LayoutInput
  readonly policy: LoadPolicy
  readonly files: ReadonlyMap<SitePath, SiteFile>
  readonly classes: Map<SitePath, FileClass>
  readonly moved: Map<SitePath, MovedFile>
  readonly kept: Map<SitePath, string>
  readonly named: Set<Key>
  readonly resolver: Resolver
  readonly texts: TextMemory
  /** Of style sheets and scripts, once their references are decided. */
  readonly textUses: Map<SitePath, TextUses>
  /** The file that a key is, or was, made from. */
  fileOfKey(key: Key): SitePath | undefined
  readonly warnings: Warning[]
  /** The user's `keep`. */
  readonly isKept: Matcher
  /** The probes that decisions on the current page depend on; see {@link outcomeOf}. */
  readonly probes: { current: Set<string> | undefined }
  /** Further copies of files that others look for beside themselves, by key. */
  readonly beside: Map<Key, MovedFile>
  /** Adds a moved file under the key of its stored form, or of the joint hash of its import cycle. */
  move(path: SitePath, body: Body, verbatim: boolean, jointHash?: Digest): void
  /** Adds a verbatim copy of the file. `isNamed`: references to the file are to lead to this copy. */
  moveTo(key: Key, file: SiteFile, isNamed: boolean): void
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
  const packingFor = compressionRules(input.compress ?? [])
  const headersOf = (path: SitePath): HeaderDecision => {
    const fileClass = classes.get(path) ?? 'other'
    return headersFor(subjectOf(path, fileClass, contentTypeOf(path, factsOf({ input }, path))))
  }
  const packingOf = (path: SitePath, { size }: Body, { headers }: HeaderDecision): Packing | undefined =>
    packingFor({ path, size, magic: factsOf({ input }, path).magic, headers })
  const add = (key: Key, file: MovedFile): void => {
    moved.set(file.path, file)
    byKey.set(key, file.path)
  }
  const beside = new Map<Key, MovedFile>()
  const probes: LayoutWork['probes'] = { current: undefined }
  return {
    input,
    policy: { url: input.url, sameOrigin: isSameOrigin(input.url, input.site), cors: input.cors },
    files,
    classes,
    moved,
    beside,
    probes,
    textUses: new Map(),
    texts: input.texts ?? NO_TEXT_MEMORY,
    kept: new Map(),
    named: new Set(),
    warnings: [],
    isKept,
    resolver: createSiteResolver(input, { files, classes, byKey, probed: (name) => probes.current?.add(name) }),
    move(path, body, verbatim, jointHash) {
      const fileClass = classes.get(path) ?? 'other'
      const headers = headersOf(path)
      const packing = packingOf(path, body, headers)
      const isPacked = packing?.encoding === 'gzip'
      const stored = isPacked ? encodedHeaders(headers.headers, packing) : headers.headers
      const named = { sha256: jointHash ?? body.sha256, headers: stored }
      // a joint hash, or one from before compression, is not the digest of stored bytes to compare with the manifest's
      const taken = jointHash === undefined && !isPacked ? input.taken : undefined
      const key = fileClass === 'bundle' ? bundleKey(path) : assetKey(path, named, taken)
      add(key, { path, key, fileClass, body, headers, packing, verbatim })
    },
    fileOfKey: (key) => byKey.get(key) ?? formerKey(key, input, { files, classes })?.path,
    moveTo(key, file, isNamed) {
      const { path } = file
      const fileClass = classes.get(path) ?? 'other'
      const body = fileBody(file, factsOf({ input }, path).sha256)
      const headers = headersOf(path)
      const copy = { path, key, fileClass, body, headers, packing: packingOf(path, body, headers), verbatim: true }
      if (isNamed) add(key, copy)
      else beside.set(key, copy)
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

/** In host mode the store is the whole site, so an excluded file has no address. */
export function isNowhere({ input, files }: LayoutWork, path: SitePath): boolean {
  return input.delivery?.mode === 'host' && (files.get(path)?.originOnly ?? false)
}

/** The result for a reference, without its position. */
export type Outcome = Pick<ReferenceNote, 'result' | 'target' | 'detail'>

export const EXCLUDED: string = 'excluded'
export const UNKNOWN_KEY: string = 'no release that is kept knows this key'

/**
 * A key whose file is gone from the site stays as it is while the store still has it. Other objects below the same
 * address were not made by us, and are ignored.
 */
export function nameKey(work: LayoutWork, key: Key): Outcome {
  if (!key.startsWith(ASSET_FOLDER)) return { result: 'other', target: undefined, detail: key }
  if (work.input.taken(key) === undefined) return { result: 'missing', target: undefined, detail: UNKNOWN_KEY }
  work.named.add(key)
  return { result: 'moved', target: undefined, detail: key }
}

/** Everything that the answer to a probe depends on, serialized. Equal text means an equal decision. */
export function outcomeOf(work: LayoutWork, name: string): string {
  const subject = name.slice(1)
  if (name.startsWith('#')) return `${work.fileOfKey(subject) ?? ''} ${work.input.taken(subject) ?? ''}`
  if (!work.files.has(subject)) return ''
  if (name.startsWith('=')) return factsOf(work, subject).sha256
  const moved = work.moved.get(subject)
  if (moved === undefined) return `stays ${isNowhere(work, subject)} ${whyUnmoved(work, subject)}`
  return `${moved.key} ${moved.fileClass} ${moved.verbatim} ${moved.body.sha256}`
}
