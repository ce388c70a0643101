import type { ErrorCode } from './errors.ts'
import type { Key, Mode, SitePath } from './model.ts'

/**
 * What the core emits while it works; reporters turn it into a live line, plain lines or NDJSON. The JSON form is a
 * contract: fields are added, never renamed or removed.
 */
export type LadingEvent =
  | StartEvent
  | PhaseEvent
  | FileEvent
  | ProgressEvent
  | RetryEvent
  | WaitEvent
  | WaitedEvent
  | WatchEvent
  | WarningEvent
  | ReferenceEvent
  | DriftEvent
  | FindingEvent
  | ImageEvent
  | SummaryEvent
  | ErrorEvent

export type Phase = 'scan' | 'hash' | 'plan' | 'upload' | 'publish' | 'invalidate'

export interface StartEvent {
  readonly type: 'start'
  readonly version: string
  readonly mode: Mode
  readonly root: string
  readonly target: string
  readonly url?: string | undefined
  readonly channel: string
  readonly dryRun: boolean
}

/** A phase has ended. */
export interface PhaseEvent {
  readonly type: 'phase'
  readonly phase: Phase
  readonly files: number
  readonly bytes: number
  readonly ms: number
}

export type FileOp = 'add' | 'change' | 'adopt' | 'headers' | 'keep' | 'expire' | 'remove' | 'page'

/** What is planned for one file (`plan`) or was done with it (`sync`), and why. */
export interface FileEvent {
  readonly type: 'file'
  readonly op: FileOp
  /** The object's key, or the path of a page, or another rewritten file, that lives on disk. */
  readonly key: Key
  readonly path?: SitePath | undefined
  readonly bytes: number
  readonly reason: string
  readonly done: boolean
}

export interface ProgressEvent {
  readonly type: 'progress'
  readonly files: { readonly done: number; readonly total: number }
  readonly bytes: { readonly done: number; readonly total: number }
  readonly retries: number
}

export interface RetryEvent {
  readonly type: 'retry'
  readonly key: Key
  /** Number of the attempt about to be made: 2 for the first retry. */
  readonly attempt: number
  readonly reason: string
  readonly waitMs: number
}

/** Another deploy is running; this one waits for its turn. */
export interface WaitEvent {
  readonly type: 'wait'
  /** `d5`. */
  readonly deploy: string
  readonly channel: string
  /** Since its last sign of life; absent where the store does not tell. */
  readonly silentMs?: number | undefined
}

/** That wait is over: the other deploy was published or given up, or is taken over. */
export interface WaitedEvent {
  readonly type: 'waited'
  readonly deploy: string
  readonly channel: string
  readonly ms: number
}

/**
 * What `sync --watch` does between its runs, each of which ends with a summary or an error.
 *
 *   waiting   for the next change
 *   changed   something did: a run begins
 *   again     a run begins without a change, since the last one failed for a passing reason
 *   empty     the folder is missing or holds nothing: it is waited for, and nothing is deployed
 */
export interface WatchEvent {
  readonly type: 'watch'
  readonly state: 'waiting' | 'changed' | 'again' | 'empty'
  /** With `changed`: how many files and folders, those that came and went among them. */
  readonly changes?: number | undefined
  /** With `changed`: the first of them; `.` is the folder itself. */
  readonly paths?: readonly SitePath[] | undefined
  /** With `waiting`, after a run that failed for a passing reason: it is tried again by then, in milliseconds. */
  readonly againMs?: number | undefined
}

export interface WarningEvent {
  readonly type: 'warning'
  readonly code: WarningCode
  readonly message: string
  /** The files or references it is about, most telling first. */
  readonly items: readonly string[]
  readonly fix?: string | undefined
}

/**
 *   missing   the object is not there
 *   content   it holds other bytes
 *   headers   it is served with other headers
 *   state     a record that something live needs is not there, or does not fit
 *   removed   a live release names what was taken down: pages that show it have a gap
 */
export type DriftKind = 'missing' | 'content' | 'headers' | 'state' | 'removed'

/** A reference that stays as it is, and why; emitted only where {@link Run} asks for it. */
export interface ReferenceEvent {
  readonly type: 'reference'
  /** `seen`: the address of a moved file in a script, which is never edited. `picture`: an image, where pictures are asked for. */
  readonly result: 'kept' | 'seen' | 'picture'
  readonly from: SitePath
  /** 1-based. */
  readonly line: number
  /** `img[src]`, `@font-face src`, `string in a script`. */
  readonly place: string
  readonly url: string
  /** The file it names, when it names one of the site's. */
  readonly target?: SitePath | undefined
  /** Why it stays; for `seen`, the key of the hashed copy; for `picture`, what it consists of, or why there is none. */
  readonly detail: string
}

/** Something in the store is not as the last publish left it. */
export interface DriftEvent {
  readonly type: 'drift'
  readonly kind: DriftKind
  readonly key: Key
  /** What is wrong, in words. */
  readonly detail: string
}

/**
 *   unreachable   nothing answers there
 *   status        it answers with something else than 200
 *   redirected    a file is loaded from an address that only redirects
 *   type          its content type does not fit the use
 *   caching       it is cached too long, or not long enough
 *   cors          browsers will not hand it to a page of this site
 *   vary          a cache may serve one visitor's answer to another who cannot use it
 *   cross-origin  this kind of use never loads from another host
 *   integrity     the bytes are not those that the page names, or cannot be compared
 *   embedding     the page's or the file's policy refuses to load it here
 *   mixed         an https page loads it over http
 *   address       the address carries a user name or password
 *   size          a document is too large to be read
 */
export type FindingKind =
  | 'unreachable'
  | 'status'
  | 'redirected'
  | 'type'
  | 'caching'
  | 'cors'
  | 'vary'
  | 'cross-origin'
  | 'integrity'
  | 'embedding'
  | 'mixed'
  | 'address'
  | 'size'

/** Something on the live site that does not do what a visitor needs. */
export interface FindingEvent {
  readonly type: 'finding'
  readonly kind: FindingKind
  /** Address of the page, style sheet, manifest or sitemap that names it. */
  readonly page: string
  /** 1-based; 0 for the address that was given. */
  readonly line: number
  /** `img[src]`, `@font-face src`. */
  readonly place: string
  /** What is named there. */
  readonly url: string
  /** What is wrong with it: `answers 404`. */
  readonly message: string
  readonly why: string
  readonly fix: string
  /** How many references share it; this is the first. */
  readonly references: number
}

/** One image was rendered, was known, or failed. */
export interface ImageEvent {
  readonly type: 'image'
  /** Below the folder or store that was read. */
  readonly path: string
  /** `known`: its variants are in the store already, or are those of another image with the same bytes. */
  readonly result: 'rendered' | 'known' | 'failed'
  /** Of the original. */
  readonly bytes: number
  readonly variants: number
  /** Of a failure. */
  readonly code?: ErrorCode | undefined
  readonly message?: string | undefined
}

/** A warning as a value, before it is emitted. */
export type Warning = Omit<WarningEvent, 'type'>

export interface SummaryEvent extends Summary {
  readonly type: 'summary'
}

/** The result of a run, in numbers. Bytes are those of bodies. */
export interface Summary {
  readonly ok: boolean
  readonly exit: number
  readonly mode: Mode
  readonly dryRun: boolean
  /** The live release after this run; absent when there is none yet (a dry run on an empty store). */
  readonly release?: string | undefined
  readonly seq?: number | undefined
  /** The release that was live before, when this run has published: what `rollback` puts back. */
  readonly previous?: string | undefined
  readonly added: number
  readonly changed: number
  readonly reheadered: number
  /** Objects with exactly these bytes that somebody else had put there. */
  readonly adopted: number
  readonly kept: number
  readonly expired: number
  /** Pages taken out of the store, because the site no longer has them. */
  readonly removed: number
  /** Bytes sent (or, in a dry run, to be sent). */
  readonly bytes: number
  /** Pages at the origin, in offload mode. */
  readonly pages: { readonly written: number; readonly unchanged: number; readonly removed: number }
  /** Other files that lie at the origin beside them; absent where nothing of them changed. */
  readonly originFiles?: { readonly written: number; readonly removed: number } | undefined
  /** True when this run made a new release live (or, in a dry run, would). */
  readonly published: boolean
  readonly references: { readonly moved: number; readonly kept: number; readonly missing: number }
  readonly notUploaded: number
  readonly warnings: number
  readonly ms: number
}

export interface ErrorEvent {
  readonly type: 'error'
  readonly code: ErrorCode
  readonly message: string
  readonly subject?: string | undefined
  readonly why?: string | undefined
  readonly fix?: string | undefined
  readonly details: readonly string[]
  readonly exit: number
}

/** Stable names of warnings. */
export type WarningCode =
  | 'W_BIG_FILE'
  | 'W_CACHE'
  | 'W_CDN'
  | 'W_CHANNEL_LOST'
  | 'W_CASE_COLLISION'
  | 'W_CLASS_KEPT'
  | 'W_CSP'
  | 'W_CORS_UNCHECKED'
  | 'W_DANGLING'
  | 'W_ENCODING_SKIPPED'
  | 'W_ENV_DUMP'
  | 'W_IMAGE_CHANGED'
  | 'W_IMMUTABLE_UNHASHED'
  | 'W_LOCALHOST_REF'
  | 'W_LOCAL_PATH'
  | 'W_LOCK_ADVISORY'
  | 'W_LOG_FILE'
  | 'W_LOG_LINES'
  | 'W_LOG_NAMES'
  | 'W_MIME_MISMATCH'
  | 'W_MIME_UNKNOWN'
  | 'W_NAME_CONFUSABLE'
  | 'W_NAME_NORMALIZED'
  | 'W_NAME_PLUS'
  | 'W_NAME_WINDOWS'
  | 'W_NOT_UPLOADED'
  | 'W_PATTERN_UNUSED'
  | 'W_PICTURE_OLD'
  | 'W_PLAINTEXT'
  | 'W_POINTER_REMADE'
  | 'W_PRECACHED'
  | 'W_PREFIX_PATH'
  | 'W_PREFIX_ROOT'
  | 'W_RECORD_UNREADABLE'
  | 'W_REF_MISSING'
  | 'W_REMOVED_LIVE'
  | 'W_REF_OUTSIDE'
  | 'W_ROOT_LINK'
  | 'W_SECRET_PUBLIC'
  | 'W_SOURCEMAP_SKIPPED'
  | 'W_SOURCE_FILE'
  | 'W_SPECIAL_FILE'
  | 'W_STATE_PUBLIC'
  | 'W_STORE_FORGETS'
  | 'W_TAKEN_DOWN'
  | 'W_KEPT_ELSEWHERE'
  | 'W_UNSETTLED'

/** Where events go. Must not throw. */
export type Emit = (event: LadingEvent) => void
