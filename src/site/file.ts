import type { Digest, SitePath } from '../words/model.ts'

/** A file that belongs to the site. */
export interface SiteFile extends FileStamp {
  readonly path: SitePath
  /** The path as on disk, before Unicode normalization; usually the same. */
  readonly written: string
  /** Absolute, as the disk names it, links resolved. */
  readonly disk: string
  /** Belongs to the origin alone: `.htaccess` and kin, and what the user excluded. Never uploaded, never rewritten. */
  readonly originOnly: boolean
  /**
   * Its path leads through a symlink. The file is listed under its own path too, because links may only lead to what is
   * walked. Published like any other; in place, it is written under its own path alone.
   */
  readonly isAlias: boolean
}

/** What is needed to read a file, and to verify that it is the one that was found. */
export type SourceFile = Pick<SiteFile, 'path' | 'disk' | 'dev' | 'ino' | 'size'>

/**
 * Identity, size and times of a file from `stat`. Doubles hold milliseconds to a quarter of a microsecond: finer than
 * file systems record, and far finer than the seconds within which a timestamp counts as racy. Inode numbers beyond
 * 2^53 lose their last bits, but the other fields make up for that.
 */
export interface FileStamp {
  readonly dev: number
  readonly ino: number
  /** In bytes. */
  readonly size: number
  /** Since 1970. */
  readonly mtimeMs: number
  /** Since 1970; no program can set it. */
  readonly ctimeMs: number
}

/** What reading a file once tells about it. */
export interface FileFacts {
  readonly sha256: Digest
  /**
   * May be labelled UTF-8: every byte sequence is valid, and in plain ASCII nothing speaks of another charset (an
   * escape sequence as ISO-2022-JP has them, a `<meta>`).
   */
  readonly utf8: boolean
  /** What the first bytes say it is, when they say anything. */
  readonly magic: Magic | undefined
  /** Secrets and traces of the machine in its text, in order of place; most files have none. */
  readonly findings: readonly Finding[]
  /** Set on a file that holds the compressed bytes of the one beside it: `x.js.gz` of `x.js`. */
  readonly variant?: Variant | undefined
}

/** Of which file these are the compressed bytes, and what is known about that. */
export interface Variant {
  readonly of: SitePath
  readonly encoding: 'gzip' | 'br'
  readonly facts: Pick<FileFacts, 'sha256' | 'utf8' | 'magic'>
}

/** A place in a file that a rule for contents found. Never holds what was found there. */
export interface Finding {
  readonly rule: string
  /** From 1. */
  readonly line: number
  /** From 1, in characters. */
  readonly column: number
  /** What may be printed of it; often nothing. */
  readonly sample: string
}

/** Formats recognised by their first bytes. https://mimesniff.spec.whatwg.org/ */
export type Magic =
  | 'png'
  | 'jpeg'
  | 'gif'
  | 'webp'
  | 'avif'
  | 'ico'
  | 'html'
  | 'pdf'
  | 'gzip'
  | 'zip'
  | 'woff'
  | 'woff2'
  | 'mpegts'
  | 'wasm'
  | 'utf16'

/** A file that is not uploaded, and the rule that says so. */
export interface SkippedFile {
  readonly path: SitePath
  readonly rule: string
}
