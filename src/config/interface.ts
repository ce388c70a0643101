import type { RecipeInput } from '../images/plan/define-recipe.ts'
import type { ImageLimits } from '../images/plan/limits.ts'
import type { MaxDelete } from '../plan/max-delete.ts'
import type { Order } from '../plan/order.ts'
import type { HeaderSet, PublicUrl } from '../words/model.ts'

/** One header rule: files that match get these headers. Rules are tried in order, the first that matches wins. */
export interface HeaderRule {
  /** Globs over the file's path below the root: `**\/*.pdf`, `img/**`. */
  readonly match: string | readonly string[]
  readonly cacheControl?: string | undefined
  readonly contentType?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly contentLanguage?: string | undefined
  readonly contentEncoding?: string | undefined
}

/** One rule for compression. Rules are tried in order, the first that matches wins; files that none matches stay as they are. */
export interface CompressRule {
  /** Globs over the file's path below the root: `*.js`, `data/**`. */
  readonly match: string | readonly string[]
  /**
   * `gzip`: the stored bytes are compressed. `br`: a second object `<key>.br` lies beside the one that is not, for files
   * below `a/`; an edge rule has to choose. `identity`: as it is.
   */
  readonly encoding: 'gzip' | 'br' | 'identity'
  /** 1 to 9 for gzip, 0 to 11 for br. @default 9 and 11 */
  readonly level?: number | undefined
  /** Smaller files stay as they are, in bytes. @default 1024 for gzip, 0 for br */
  readonly minBytes?: number | undefined
}

/** What is made of images, beside what the command says. */
export interface ImagesConfig {
  /** Recipes by name; one called `web` or `thumb` replaces the one that comes with Lading. */
  readonly recipes?: Readonly<Record<string, RecipeInput>> | undefined
  /** What one image may take: bytes, pixels, memoryBytes, seconds, patience. */
  readonly limits?: { readonly [K in keyof ImageLimits]?: ImageLimits[K] | undefined } | undefined
}

/** What pages show in place of single images. */
export interface PicturesConfig {
  /** The file with the image manifest: what was rendered of which image, and where it lies in the store. */
  readonly manifest: string
  /** How wide images are shown, for those whose tag has no `sizes`. @default the window, up to the image's own width */
  readonly sizes?: string | undefined
  /** What is seen before an image has loaded: its dominant colour, as `background-color`. @default 'colour' */
  readonly placeholder?: 'colour' | false | undefined
  /** Add `width` and `height` where a tag has neither, so that nothing shifts. @default true */
  readonly dimensions?: boolean | undefined
}

/** A file that a guard stopped at and that may be published all the same. When the file changes, the guard asks again. */
export interface AllowedFinding {
  /** The file's path below the root. */
  readonly path: string
  /** The rule's name, as the error says it. */
  readonly rule: string
  /** Of the file, 64 hexadecimal digits. */
  readonly sha256: string
  /** Why this is no secret, for whoever reads the configuration. Never empty. */
  readonly reason: string
}

/**
 * What a person writes in `lading.config.ts`, as flags or as plugin options: all optional. What the program reads is
 * {@link SyncOptions}: all there. `resolveConfig` is the one door between them.
 */
export interface LadingConfig {
  /** Folder with the site as it is served. @default the folder a build tool of the project writes */
  readonly root?: string | undefined
  /** Where objects go: `s3://bucket/prefix?region=&endpoint=&profile=`, or a folder. */
  readonly to?: string | undefined
  /** Public address of the store's prefix: `https://cdn.example.com/`, or a path of the site such as `/_a/`. Unset: mirror. */
  readonly url?: string | undefined
  /** Offload; rewrite the pages where they are. Needs `url`. @default false */
  readonly inPlace?: boolean | undefined
  /** Offload; write the whole origin, pages rewritten, into this folder. Needs `url`. */
  readonly out?: string | undefined
  /** Put rewritten pages into the store too, last. Needs `url`. @default false */
  readonly host?: boolean | undefined
  /** Where manifests, releases and the pointer live, when not under the prefix's `.lading/`. Written like `to`. */
  readonly state?: string | undefined
  /** The site's own address, `https://www.example.com`: lets absolute links be recognised and kept files be named absolutely. */
  readonly site?: string | undefined
  /** Path of the root on its own host. @default '/' */
  readonly base?: string | undefined
  /** Whether `url` answers cross-origin requests with `Access-Control-Allow-Origin`. No plan or build probes it; `sync` holds it against a file that it has just uploaded. @default false */
  readonly cors?: boolean | undefined
  /** Write `integrity` on the tags of moved scripts and style sheets; on another host only with `cors`. @default false */
  readonly integrity?: boolean | undefined
  /** Only files matching one of these globs: `img` is a file or folder of that name anywhere, `img/logo*` starts at the root. @default all */
  readonly include?: readonly string[] | undefined
  /** Not the files matching one of these globs. `.ladingignore` adds to them. */
  readonly exclude?: readonly string[] | undefined
  /** More files that stay at their own path and whose references are left alone, as globs; pages among them are not rewritten. */
  readonly keep?: readonly string[] | undefined
  /** Sitemaps and feeds, which stay at their own path, name the moved files too, in full. @default false */
  readonly feeds?: boolean | undefined
  /** More attributes that scripts copy to `src`, `srcset` or a background once an element comes into view, beside `data-src`, `data-srcset`, `data-lazy-src`, `data-original`, `data-bg`, `data-background-image`, `data-poster` and the like. The name tells what is in it: `srcset` or `bgset` at its end, several URLs; else one, or `url()` where it has `bg` or `background` in it. Names without `data-` count on custom elements only; `!data-lazy` takes one away. */
  readonly lazyAttributes?: readonly string[] | undefined
  /** Put a `<picture>` of what was rendered around each `<img>`: the image manifest, or an object with it, `sizes`, `placeholder` and `dimensions`. Needs `url`. @default images stay single */
  readonly pictures?: string | PicturesConfig | undefined
  /** Findings of the guards against secrets that may be published: path, rule and SHA-256, as the error prints them, and a reason. */
  readonly allow?: readonly AllowedFinding[] | undefined
  /** Header rules, tried in order before the built-in ones. */
  readonly headers?: readonly HeaderRule[] | undefined
  /** Compression of what is stored: `gzip` for text of 1 KiB and more, or rules. For stores without a CDN that compresses. @default none */
  readonly compress?: string | readonly CompressRule[] | undefined
  /** Recipes of `lading images`, and limits of what one image may take: `{ recipes: { hero: { widths: [800, 1600] } } }`. */
  readonly images?: ImagesConfig | undefined
  /** The line of releases that this one belongs to. @default the CI's environment or branch, else `production` */
  readonly channel?: string | undefined
  /** This run's number: it stops when a run with a higher one is live. Numbers of different counters, which stand before a colon (`nightly:12`), are not compared. @default the CI's run number */
  readonly order?: string | number | undefined
  /** How long to wait for another deploy to end, in seconds, 0 to 86400. @default 600 in CI, else 60 */
  readonly lockTimeoutSeconds?: number | undefined
  /** How many objects one run may remove: a number, or a share of those that are there, `5%`. @default 10 % or 100, whichever is more */
  readonly maxDelete?: string | number | undefined
  /** Releases of each channel that `prune` keeps, 1 to 1000. @default 5 */
  readonly keepReleases?: number | undefined
  /** Days that `prune` keeps a release at least, and a file after the last release that named it, 0 to 3650. @default 14 */
  readonly keepDays?: number | undefined
  /** The CDN that is told when something changes under a name that stays: `cloudfront:DISTRIBUTION`, `cloudflare:ZONE`. */
  readonly cdn?: string | undefined
  /**
   * Requests at once, 1 to 1024. Unless it is said, uploads to S3 go up to 256 where answers take long. Uploads to a
   * folder are 64 at most, and all are fewer where the process may have few files open.
   * @default 64
   */
  readonly concurrency?: number | undefined
  /** How long one request may take before it is given up and tried again, in milliseconds. @default 60_000 */
  readonly requestTimeoutMs?: number | undefined
  /** How often a request that failed for a passing reason is tried again, 0 to 20. @default 4 */
  readonly retries?: number | undefined
  /** Who sends what is asked of S3 most: `fast`, or `sdk` for the AWS SDK where a service is at odds with our own requests. @default 'fast' */
  readonly transport?: 'fast' | 'sdk' | undefined
  /** Warnings about names, types and missing references stop the run. @default false */
  readonly strict?: boolean | undefined
  /** Allows long caching of names that carry no hash. @default false */
  readonly force?: boolean | undefined
  /** Control characters in keys, for stores that accept them. @default false */
  readonly allowControl?: boolean | undefined
  /** Credentials over plain http to a host other than this machine. @default false */
  readonly allowInsecure?: boolean | undefined
  /** Warn above this size of a single file, in bytes. @default 100_000_000 */
  readonly maxFileBytes?: number | undefined
  /** Where hashes and copies of manifests are kept between runs. @default node_modules/.cache/lading, else the user's cache folder */
  readonly cacheDir?: string | undefined
}

/** A store's address, parsed. Credentials are never part of it. */
export type Target =
  | { readonly kind: 'folder'; readonly path: string; readonly label: string }
  | {
      readonly kind: 's3'
      readonly bucket: string
      /** Empty, or ending with `/`. */
      readonly prefix: string
      readonly endpoint: string | undefined
      readonly region: string | undefined
      readonly profile: string | undefined
      readonly label: string
    }

/** A CDN's address, parsed. Credentials are never part of it. */
export type CdnTarget =
  | {
      readonly kind: 'cloudfront'
      readonly distribution: string
      /** Whether a run waits until the edge has done it. */
      readonly wait: boolean
      /** Paths of one run; more are collapsed into wildcards. */
      readonly budget: number
      readonly endpoint: string | undefined
      readonly profile: string | undefined
    }
  | { readonly kind: 'cloudflare'; readonly zone: string; readonly endpoint: string | undefined }

/** Where pages go. */
export type Delivery =
  | { readonly mode: 'mirror' }
  | { readonly mode: 'offload'; readonly url: PublicUrl; readonly pages: 'in-place' }
  | { readonly mode: 'offload'; readonly url: PublicUrl; readonly pages: 'out'; readonly dir: string }
  | { readonly mode: 'host'; readonly url: PublicUrl }

/** What the program reads: every choice made, checked, absolute. */
export interface SyncOptions {
  /** Absolute. */
  readonly root: string
  readonly target: Target
  readonly state: Target | undefined
  readonly delivery: Delivery
  /** The site's own origin with its base path, ending with `/`: `https://www.example.com/`. */
  readonly site: string | undefined
  /** Starts and ends with `/`. */
  readonly base: string
  readonly cors: boolean
  readonly integrity: boolean
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly keep: readonly string[]
  readonly feeds: boolean
  readonly lazyAttributes: readonly string[]
  readonly pictures: ResolvedPictures | undefined
  readonly allow: readonly AllowedFinding[]
  readonly headers: readonly ResolvedHeaderRule[]
  readonly compress: readonly ResolvedCompressRule[]
  readonly channel: string
  readonly order: Order | undefined
  readonly lockTimeoutMs: number
  readonly maxDelete: MaxDelete
  readonly keepReleases: number
  readonly keepDays: number
  readonly cdn: CdnTarget | undefined
  readonly concurrency: number
  /** To how many at once uploads may grow where answers take long: nowhere, where somebody has said a number. */
  readonly mostAtOnce?: number | undefined
  readonly requestTimeoutMs: number
  readonly transport: 'fast' | 'sdk'
  readonly retries: number
  readonly strict: boolean
  readonly force: boolean
  readonly allowControl: boolean
  readonly allowInsecure: boolean
  readonly maxFileBytes: number
  readonly cacheDir: string
}

/** Pictures with every choice made. */
export interface ResolvedPictures {
  /** Absolute. */
  readonly manifest: string
  readonly sizes: string | undefined
  readonly placeholder: 'colour' | false
  readonly dimensions: boolean
}

/** A header rule with its place, so that `explain` can name it. */
export interface ResolvedHeaderRule {
  readonly match: readonly string[]
  readonly headers: HeaderSet
  /** `headers[2]` or the built-in rule's name. */
  readonly name: string
}

/** A rule for compression with its place. */
export interface ResolvedCompressRule {
  readonly match: readonly string[]
  readonly encoding: 'gzip' | 'br' | 'identity'
  readonly level: number
  readonly minBytes: number
  /** `compress[2]`, or `compress` for the built-in ones. */
  readonly name: string
}
