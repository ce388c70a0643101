import type { Delivery, ResolvedCompressRule, ResolvedHeaderRule } from '../config/interface.ts'
import type { BuildRecord } from '../plan/build-record.ts'
import { isStyle } from '../plan/classify.ts'
import type { Packing } from '../plan/compression.ts'
import type { HeaderDecision } from '../plan/headers.ts'
import { corsUnset } from '../rewrite/policy.ts'
import type { ReferenceUse } from '../rewrite/reference.ts'
import type { Warning } from '../words/events.ts'
import type { Body, Digest, FileClass, Key, PublicUrl, SitePath } from '../words/model.ts'
import type { FileFacts, SiteFile } from './file.ts'
import { factsOf, type LayoutWork, prepare, whyUnmoved } from './layout-work.ts'
import type { PageMemory } from './pages/page-memory.ts'
import type { PageResult } from './pages/page-result.ts'
import { type PagePolicy, pagePolicies } from './pages/page-uses.ts'
import { rewritePages, rewritePageText } from './pages/pages.ts'
import { pictureWarnings } from './pages/picture-warnings.ts'
import type { PictureRules } from './pages/pictures.ts'
import { fileBody } from './read.ts'
import { isLinkedScript, layOutScripts } from './scripts/scripts.ts'
import { lookIntoScripts } from './seen.ts'
import { keepSelected } from './selected.ts'
import { layOutStyles } from './styles.ts'
import type { TextMemory } from './text/text-memory.ts'
import { whyTrackStays } from './tracks.ts'
import { turns } from './turn.ts'

/** A file that gets a hashed copy (or its bundler's name) in the store. */
export interface MovedFile {
  readonly path: SitePath
  readonly key: Key
  readonly fileClass: FileClass
  readonly body: Body
  /** Before compression. */
  readonly headers: HeaderDecision
  /** How its bytes are to be compressed; `body` is what they are before. */
  readonly packing: Packing | undefined
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
  readonly use: ReferenceUse
  readonly result: 'moved' | 'kept' | 'missing' | 'outside' | 'other'
  /** The file it names, when it names one of the site's. */
  readonly target: SitePath | undefined
  /** Where it moved to, or why it did not. */
  readonly detail: string
  /** Of a moved image that the image manifest knows: what was written around it, or why nothing was. @default not known */
  readonly picture?: string | undefined
}

/** The address of a moved file in a script, which is never edited: it leads to the copy that stays at the file's own path. */
export interface SeenNote extends Pick<ReferenceNote, 'from' | 'line' | 'url'> {
  readonly target: SitePath
  /** The key of its moved copy. */
  readonly key: Key
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
  /** Sitemaps and feeds are rewritten too. @default false */
  readonly feeds?: boolean | undefined
  /** More attributes with addresses, see {@link HtmlOptions}. @default none */
  readonly lazyAttributes?: readonly string[] | undefined
  /** How images become pictures. @default they do not */
  readonly pictures?: PictureRules | undefined
  readonly headers: readonly ResolvedHeaderRule[]
  /** @default nothing is compressed */
  readonly compress?: readonly ResolvedCompressRule[] | undefined
  readonly build: BuildRecord | undefined
  /** Addresses that live releases were written with; a page rewritten in place may still name one. */
  readonly earlierUrls: readonly PublicUrl[]
  /** What the manifest knows under this key. */
  readonly taken: (key: Key) => Digest | undefined
  /** Adds `integrity` to the tags of moved scripts and style sheets. @default false */
  readonly integrity?: boolean | undefined
  readonly onReference?: ((note: ReferenceNote) => void) | undefined
  /** If set, the strings of every script are read too. @default they are not */
  readonly onSeen?: ((note: SeenNote) => void) | undefined
  /** Cache of pages made by earlier runs; only if not every reference has to be reported. */
  readonly memory?: PageMemory | undefined
  /** Style sheets and scripts read by earlier runs. */
  readonly texts?: TextMemory | undefined
  /** Called for a page that was taken from the cache. */
  readonly onRecalled?: ((result: PageResult) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What every file becomes when assets move: keys, bytes, headers, and why what stays stays. */
export interface Layout {
  readonly classes: ReadonlyMap<SitePath, FileClass>
  readonly moved: ReadonlyMap<SitePath, MovedFile>
  /** Further copies of files that scripts look for beside themselves. */
  readonly beside: ReadonlyMap<Key, MovedFile>
  /** Assets that could have moved and do not, with the reason. */
  readonly kept: ReadonlyMap<SitePath, string>
  /** Keys that pages and style sheets still name although their file is gone from the site. */
  readonly named: ReadonlySet<Key>
  /** Of each picture in a page, one variant that it names. */
  readonly variants: ReadonlySet<Key>
  /** Pages and manifests; those that `keep` names are as they were. */
  readonly pages: ReadonlyMap<SitePath, RewrittenFile>
  /** Per page, what a content security policy has to allow, and what its own ones say. */
  readonly policies: ReadonlyMap<SitePath, PagePolicy>
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
  keepSelected(work)
  const turn = turns(input.signal)
  for (const file of input.files) {
    if (file.originOnly) continue
    await turn()
    const fileClass = work.classes.get(file.path) ?? 'other'
    const facts = factsOf(work, file.path)
    if (!MOVABLE.has(fileClass) || isStyle(file.path) || isLinkedScript(work, file)) continue
    const reason = whyStays(work, file)
    if (reason === undefined) work.move(file.path, fileBody(file, facts.sha256), true)
    else work.kept.set(file.path, reason)
  }
  layOutScripts(work, layOutStyles(work))
  work.texts.save()
  const pages = await rewritePages(work)
  if (input.onSeen !== undefined) await lookIntoScripts(work, input.onSeen)
  work.warnings.push(...pictureWarnings(work, pages.results))
  const { classes, moved, beside, kept, named, warnings } = work
  return {
    whyUnmoved: (path) => whyUnmoved(work, path),
    classes,
    moved,
    beside,
    kept,
    named,
    variants: new Set(pages.results.flatMap(({ variants }) => variants)),
    pages: pages.files,
    policies: pagePolicies(pages.results, work.textUses),
    warnings,
    rewritePage: (path, html) => rewritePageText(work, path, html),
  }
}

const MOVABLE: ReadonlySet<FileClass> = new Set(['style', 'asset', 'well-known', 'script', 'bundle'])
/** Always of load class B: nothing loads them without CORS. */
const NEEDS_CORS = /\.(?:woff2?|ttf|otf|eot|vtt)$/i
const TRACK = /\.vtt$/i

function whyStays({ policy, input }: LayoutWork, file: SiteFile): string | undefined {
  if (NEEDS_CORS.test(file.path) && !policy.sameOrigin && !policy.cors) {
    return `it loads from another host only with CORS, and ${corsUnset(policy.url)}`
  }
  const facts = input.facts.get(file.path)
  return facts !== undefined && TRACK.test(file.path) ? whyTrackStays(file, facts) : undefined
}
