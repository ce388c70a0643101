import type { SitePath } from '../words/model.ts'

export interface NameRule<Name extends string = string> {
  /** For reasons and messages. */
  readonly name: Name
  /** Against the whole path. */
  readonly pattern: RegExp
}

/** Which rule a path matches first; undefined when none. */
type Rules<Name extends string> = (path: SitePath) => Name | undefined

/** `rule('service worker', 'sw\\.js|…')`: a file name in any folder, whatever its case. */
const anywhere = (name: string, names: string): NameRule => ({ name, pattern: new RegExp(`(?:^|/)(?:${names})$`, 'i') })

/** A file name in the root folder only. */
const atRoot = (name: string, names: string): NameRule => ({ name, pattern: new RegExp(`^(?:${names})$`, 'i') })

/**
 * Finds the first rule that a path matches. A single test of all of them decides for nearly every path, as a site has a
 * hundred thousand; it ignores case, so that it may match more than the rules, but never less.
 */
export function firstMatch<Name extends string>(rules: ReadonlyArray<NameRule<Name>>): Rules<Name> {
  const any = new RegExp(rules.map(({ pattern }) => pattern.source).join('|'), 'i')
  return (path) => (any.test(path) ? rules.find(({ pattern }) => pattern.test(path))?.name : undefined)
}

const SERVICE_WORKER = 'service worker'

/**
 * Files that work only at their own path: something looks for them by name, or their path is their scope. They stay,
 * and references to them are never edited.
 */
const ROOT_BOUND: readonly NameRule[] = [
  { name: 'well-known URI', pattern: /^\.well-known\//i },
  atRoot('read by robots', 'robots\\.txt|humans\\.txt|llms(?:-full)?\\.txt|security\\.txt'),
  atRoot('read by advertisers', '(?:app-)?ads\\.txt|sellers\\.json'),
  atRoot('read by app stores', 'apple-app-site-association|assetlinks\\.json'),
  anywhere(
    'sitemap or feed',
    'sitemap[^/]*\\.xml(?:\\.gz)?|[^/]+\\.(?:rss|atom)|(?:feed|rss|atom|index)\\.(?:xml|json)',
  ),
  anywhere('configuration in XML', '[^/]+\\.xml'),
  atRoot('host configuration', 'CNAME|_(?:headers|redirects|routes\\.json|worker\\.js)|web\\.config'),
  atRoot('host configuration', '(?:staticwebapp\\.config|vercel)\\.json|netlify\\.toml'),
  anywhere('host configuration', '\\.(?:htaccess|nojekyll)'),
  atRoot('proof of ownership', 'google[0-9a-f]{8,}\\.html|yandex_[^/]+\\.html|pinterest-[^/]+\\.html'),
  anywhere(SERVICE_WORKER, '(?:sw|service-?worker|[^/]+[-.]sw|[^/]+-service-?worker)\\.m?js'),
  anywhere(SERVICE_WORKER, 'OneSignalSDK[^/]*Worker\\.js|ngsw-worker\\.js|ngsw\\.json|registerSW\\.js'),
  anywhere('read by scripts', 'version\\.json|remoteEntry\\.m?js|stats\\.json'),
  // Its script takes the folder from the style sheet and adds these names.
  // https://github.com/Leaflet/Leaflet/blob/v1.9.4/src/layer/marker/Icon.Default.js
  anywhere('named by Leaflet', 'images/marker-(?:icon(?:-2x)?|shadow)\\.png'),
  anywhere('build manifest', 'asset-manifest\\.json|[^/]+-manifest\\.json'),
  { name: 'build manifest', pattern: /(?:^|\/)\.vite\//i },
]

/** Why a file works only at its own path; undefined when it may move. */
export const rootBoundRule: Rules<string> = firstMatch(ROOT_BOUND)

/** Whether a file works only at its own path, so that references to it must stay unchanged. */
export function isRootBound(path: SitePath): boolean {
  return rootBoundRule(path) !== undefined
}

/** Service workers run apart from every page, with modules of their own. */
export function isServiceWorker(path: SitePath): boolean {
  return rootBoundRule(path) === SERVICE_WORKER
}

/** A web app manifest: it stays, because `start_url` and `scope` are relative to it, but the icons it names may move. */
export function isWebManifest(path: SitePath): boolean {
  return /(?:^|\/)(?:manifest\.json|[^/]+\.webmanifest|\.webmanifest)$/i.test(path)
}

/** Names the pictures of a pinned tile: it stays, because it is requested by its name, but the pictures may move. */
export function isBrowserConfig(path: SitePath): boolean {
  return /(?:^|\/)browserconfig\.xml$/i.test(path)
}

/** What may be a sitemap or a feed, by its extension. */
export function isFeed(path: SitePath): boolean {
  return /\.(?:xml|rss|atom)$/i.test(path)
}

/** An icon that browsers and robots ask for by its name: references to it may move, but the file must stay as well. */
export function isWellKnownIcon(path: SitePath): boolean {
  return /^(?:favicon\.(?:ico|svg|png)|apple-touch-icon(?:-\d+x\d+)?(?:-precomposed)?\.png)$/i.test(path)
}

/** An HTML page, by its extension. */
export function isPage(path: SitePath): boolean {
  return /\.(?:html?|xhtml)$/i.test(path)
}

/** Dotfiles that configure a web server: they belong to an origin's folder, and only there. */
export function isOriginConfig(path: SitePath): boolean {
  return /(?:^|\/)\.(?:htaccess|nojekyll)$/.test(path)
}

/** Kinds of files that never leave the machine; `litter` is skipped silently. */
export type NeverRule =
  | 'environment file'
  | 'version control'
  | 'node_modules'
  | 'private key'
  | 'credentials'
  | 'dump or backup'
  | 'source map'
  | 'litter'
  | 'dotfile'

const NEVER: ReadonlyArray<NameRule<NeverRule>> = [
  { name: 'litter', pattern: /(?:^|\/)(?:\.DS_Store|\._[^/]*|Thumbs\.db|ehthumbs\.db|desktop\.ini)$/i },
  { name: 'litter', pattern: /(?:~|\.(?:sw[nop]|orig|rej)|\/#[^/]*#|^#[^/]*#)$/i },
  { name: 'litter', pattern: /(?:^|\/)(?:npm-debug|yarn-(?:debug|error)|pnpm-debug|lerna-debug)\.log(?:\.\d+)?$/i },
  { name: 'environment file', pattern: /(?:^|\/)\.env(?:rc)?(?:[.~_-][^/]*)?$|\.env(?:\.(?:local|bak|old|orig))*$/i },
  {
    name: 'version control',
    pattern: /(?:^|\/)(?:\.(?:git|svn|hg|bzr)(?:\/|$)|CVS\/|\.git(?:modules|attributes|ignore)$)/,
  },
  { name: 'node_modules', pattern: /(?:^|\/)node_modules(?:\/|$)/ },
  { name: 'private key', pattern: /(?:^|\/)id_(?:rsa|dsa|ecdsa|ed25519)(?:\.(?:bak|old))?$/i },
  { name: 'private key', pattern: /\.(?:pem|key|p12|pfx|p8|jks|keystore|kdbx?|ppk)$/i },
  {
    name: 'credentials',
    pattern: /(?:^|\/)(?:\.(?:npmrc|yarnrc(?:\.yml)?|netrc|pypirc|pgpass|htpasswd|git-credentials)|_netrc)$/i,
  },
  { name: 'credentials', pattern: /(?:^|\/)\.(?:aws|docker|ssh|gnupg|kube|gcloud|azure)\//i },
  {
    name: 'credentials',
    pattern: /(?:^|\/)(?:credentials?|secrets?)(?:\.(?:json|ya?ml|toml|ini|cfg|conf|csv|txt|py|rb|php|xml))?$/i,
  },
  {
    name: 'credentials',
    pattern: /(?:^|\/)\.(?:dockercfg|s3cfg|boto|my\.cnf|vault-token|terraformrc|(?:bash|zsh|sh|mysql|psql)_history)$/i,
  },
  { name: 'credentials', pattern: /(?:^|\/)rclone\.conf$|\.(?:tfstate(?:\.backup)?|tfvars)$/i },
  { name: 'dump or backup', pattern: /\.(?:sql|dump|bak|backup|old)(?:\.(?:gz|bz2|xz|zst|zip))?$/i },
  { name: 'source map', pattern: /\.map(?:\.(?:gz|br|zst))?$/i },
  { name: 'dotfile', pattern: /(?:^|\/)\.(?!well-known(?:\/|$))/ },
]

/**
 * Which rule keeps a file from being uploaded; undefined when none does. Downloads that somebody may link
 * (`.zip`, `.sqlite`) are not among them.
 */
export const neverRule: Rules<NeverRule> = firstMatch(NEVER)

const NEVER_FOLDERS: ReadonlyArray<NameRule<NeverRule>> = [
  { name: 'version control', pattern: /(?:^|\/)(?:\.(?:git|svn|hg|bzr)|CVS)\// },
  { name: 'node_modules', pattern: /(?:^|\/)node_modules\// },
  { name: 'credentials', pattern: /(?:^|\/)\.(?:aws|docker|ssh|gnupg|kube|gcloud|azure)\//i },
  { name: 'dotfile', pattern: /(?:^|\/)\.(?!well-known\/)/ },
]

/**
 * Which rule keeps a folder, or one it lies in, from being walked; undefined when none does. Rules for file names do
 * not apply to folders: `docs/secret/` and `blog.old/` are parts of a site like any other.
 */
export const neverFolderRule = (path: SitePath): NeverRule | undefined => firstNeverFolder(`${path}/`)

const firstNeverFolder = firstMatch(NEVER_FOLDERS)

/** Whether a file never leaves the machine. */
export function isNeverUploaded(path: SitePath): boolean {
  return neverRule(path) !== undefined
}
