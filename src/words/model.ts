/** The words every other file speaks: what a key, a path, a header set, a body are. No behaviour lives here. */

/** An object's key below the store's prefix, `/`-separated, never starting with one: `a/img/logo.k3x7….png`. */
export type Key = string

/** A file's path below the site's root, `/`-separated, in Unicode NFC, whatever the disk wrote: `img/logo.png`. */
export type SitePath = string

/** SHA-256 in lower-case hexadecimal, 64 characters. The one digest of the project (names, manifest, checksums). */
export type Digest = string

/** What a store answered for an object's state; opaque, compared for equality only. Without quotation marks. */
export type ETag = string

/**
 * Headers an object is stored and served with, by lower-case HTTP name.
 * `content-type` is always there; `cache-control`, `content-disposition`, `content-encoding` and `content-language`
 * may be. Headers are state: a changed value is a change to deploy, although the bytes are the same.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
export type HeaderSet = Readonly<Record<string, string>>

/** Bytes with a known size and digest, read piecewise so that a large file never has to be in memory as a whole. */
export interface Body {
  /** In bytes. */
  readonly size: number
  readonly sha256: Digest
  /**
   * Of compressed bytes: the digest of what they unpack to. Another program, or another version of it, may compress
   * the same into other bytes, which are as good. @default the bytes are not compressed
   */
  readonly unpacked?: Digest | undefined
  /**
   * The bytes from `start` up to but not including `end`.
   * @param into memory of that length which the body may fill and give back, instead of having some of its own
   * @throws E_SOURCE_CHANGED when the source no longer has the planned bytes
   */
  read(start: number, end: number, into?: Buffer): Promise<Uint8Array>
}

/** How assets and pages reach visitors. See DESIGN, "Modes". */
export type Mode = 'mirror' | 'offload' | 'host'

/**
 * What a file is to the deploy.
 *
 *   page       HTML: rewritten, put or written last
 *   manifest   web app manifest or browserconfig: stays at its path, the icons it names are rewritten
 *   root       robots.txt, feeds, service workers, ...: only works at its own path, never rewritten
 *   style      CSS: moves; rewritten, because it names others
 *   asset      image, font, media: moves as it is
 *   well-known favicon.ico and kin: moves, and stays at its own path too, where browsers ask for it unasked
 *   script     JavaScript that no bundler emitted: moves when it is safe to
 *   bundle     emitted by a bundler that named it by content: moves under its own name, never edited
 *   other      data, documents, downloads: stay at their path
 */
export type FileClass = 'page' | 'manifest' | 'root' | 'style' | 'asset' | 'well-known' | 'script' | 'bundle' | 'other'

/** The public address of the store's prefix: another host (`https://cdn.example.com/x/`) or a path of the site (`/_a/`). */
export interface PublicUrl {
  /** Always ends with `/`. */
  readonly href: string
  readonly kind: 'host' | 'path'
}
