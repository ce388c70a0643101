import type { Digest, SitePath } from '../model.ts'

/** A file that belongs to the site. */
export interface SiteFile {
  readonly path: SitePath
  /** Absolute, as the disk names it, links resolved. */
  readonly disk: string
  /** In bytes. */
  readonly size: number
  /** Identity and change times as the file system tells them, nanoseconds as decimal strings. */
  readonly stamp: FileStamp
  /** Belongs to the origin alone: `.htaccess` and kin, and what the user excluded. Never uploaded, never rewritten. */
  readonly originOnly: boolean
}

export interface FileStamp {
  readonly dev: string
  readonly ino: string
  readonly mtimeNs: string
  readonly ctimeNs: string
}

/** What reading a file once tells about it. */
export interface FileFacts {
  readonly sha256: Digest
  /** Every byte sequence is valid UTF-8. */
  readonly utf8: boolean
  /** What the first bytes say it is, when they say anything. */
  readonly magic: Magic | undefined
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
