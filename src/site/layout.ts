import type { Delivery, ResolvedHeaderRule } from '../config/interface.ts'
import type { Warning } from '../events.ts'
import type { Body, Digest, FileClass, Key, PublicUrl, SitePath } from '../model.ts'
import type { BuildRecord } from '../plan/build-record.ts'
import { isScript, isStyle } from '../plan/classify.ts'
import type { HeaderDecision } from '../plan/headers.ts'
import type { FileFacts, SiteFile } from './file.ts'
import { factsOf, type LayoutWork, prepare, whyUnmoved } from './layout-work.ts'
import { rewritePages, rewritePageText } from './pages.ts'
import { fileBody } from './read.ts'
import { whyScriptStays } from './scripts.ts'
import { layOutStyles } from './styles.ts'
import { whyTrackStays } from './tracks.ts'
import { turns } from './turn.ts'

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
  /** Where pages go; unset where nobody publishes them (the files of a build). */
  readonly delivery?: Delivery | undefined
  readonly keep: readonly string[]
  readonly headers: readonly ResolvedHeaderRule[]
  readonly build: BuildRecord | undefined
  /** Addresses that live releases were written with; a page rewritten in place may still name one. */
  readonly earlierUrls: readonly PublicUrl[]
  /** What the manifest knows under this key. */
  readonly taken: (key: Key) => Digest | undefined
  readonly onReference?: ((note: ReferenceNote) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What every file becomes when assets move: keys, bytes, headers, and why what stays stays. */
export interface Layout {
  readonly classes: ReadonlyMap<SitePath, FileClass>
  readonly moved: ReadonlyMap<SitePath, MovedFile>
  /** Assets that could have moved and do not, with the reason. */
  readonly kept: ReadonlyMap<SitePath, string>
  /** Keys that pages and style sheets still name although their file is gone from the site. */
  readonly named: ReadonlySet<Key>
  /** Pages and manifests; those that `keep` names are as they were. */
  readonly pages: ReadonlyMap<SitePath, RewrittenFile>
  readonly warnings: readonly Warning[]
  /** Why a file has no key of its own, in words. */
  whyUnmoved(path: SitePath): string
  /** Rewrites a page that is not among the files, as if it lay at `path`. */
  rewritePage(path: SitePath, html: string): string
}

/**
 * Leaves first: assets and scripts get their keys, then style sheets (which name them), then pages (which name all).
 * @throws E_REF_UNKNOWN_KEY, E_SOURCE_CHANGED
 */
export async function layOut(input: LayoutInput): Promise<Layout> {
  const work = prepare(input)
  const turn = turns(input.signal)
  for (const file of input.files) {
    if (file.originOnly) continue
    await turn()
    const fileClass = work.classes.get(file.path) ?? 'other'
    const facts = factsOf(work, file.path)
    if (!MOVABLE.has(fileClass) || fileClass === 'style' || isStyle(file.path)) continue
    const reason = whyStays(work, file, fileClass)
    if (reason === undefined) work.move(file.path, fileBody(file, facts.sha256), true)
    else work.kept.set(file.path, reason)
  }
  layOutStyles(work)
  const pages = await rewritePages(work)
  const { classes, moved, kept, named, warnings } = work
  return {
    whyUnmoved: (path) => whyUnmoved(work, path),
    classes,
    moved,
    kept,
    named,
    pages,
    warnings,
    rewritePage: (path, html) => rewritePageText(work, path, html),
  }
}

const MOVABLE: ReadonlySet<FileClass> = new Set(['style', 'asset', 'well-known', 'script', 'bundle'])
/** Class B by nature: nothing loads them without CORS. */
const NEEDS_CORS = /\.(?:woff2?|ttf|otf|eot|vtt)$/i
const TRACK = /\.vtt$/i

function whyStays(work: LayoutWork, file: SiteFile, fileClass: FileClass): string | undefined {
  const { policy, input } = work
  if (NEEDS_CORS.test(file.path) && !policy.sameOrigin && !policy.cors) {
    return `it loads from another host only with CORS, and \`cors\` is not set for ${policy.url.href}`
  }
  if (TRACK.test(file.path)) return whyTrackStays(file, factsOf(work, file.path))
  if (!isScript(file.path)) return undefined
  if (fileClass === 'bundle' && input.build?.rewritten) return undefined
  return whyScriptStays(file, factsOf(work, file.path))
}
