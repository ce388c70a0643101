import type { Digest, SitePath } from '../model.ts'

/** A file that belongs to the site. */
export interface SiteFile extends FileStamp {
  readonly path: SitePath
  /** As the disk writes the path, before normalisation; most often the same. */
  readonly written: string
  /** Absolute, as the disk names it, links resolved. */
  readonly disk: string
  /** Belongs to the origin alone: `.htaccess` and kin, and what the user excluded. Never uploaded, never rewritten. */
  readonly originOnly: boolean
  /**
   * Its path leads through a link. The file is among the files under its own path too, because links lead nowhere that
   * is not walked. Published like any other; in place, it is written under its own path alone.
   */
  readonly isAlias: boolean
}

/** A file as far as it takes to read it, and to know that it is the one that was found. */
export type SourceFile = Pick<SiteFile, 'path' | 'disk' | 'dev' | 'ino' | 'size'>

/**
 * Identity, size and times of a file as its file system tells them. Doubles hold milliseconds to a quarter of a
 * microsecond, which is finer than file systems stamp, and far finer than the seconds within which no stamp is believed;
 * of an inode's number beyond 2^53 the last bits are lost, beside all the others.
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
