import type { LadingConfig } from '../index.ts'

/** One flag. Rows with a `key` set that option of the configuration; the others steer the command itself. */
export interface OptionRow {
  /** As commander reads it: `--to <store>`, `-v, --verbose`. */
  readonly flags: string
  readonly help: string
  readonly key?: keyof LadingConfig | undefined
  /** @default 'text' for flags with a value, a switch otherwise */
  readonly value?: 'number' | 'list' | undefined
  /** The flag without which this one would do nothing: `--repair`. */
  readonly needs?: string | undefined
  /** The flag beside which it would do nothing. */
  readonly without?: string | undefined
}

/** Of commands that wait for another deploy. */
const WAITING: OptionRow = {
  flags: '--lock-timeout <seconds>',
  key: 'lockTimeoutSeconds',
  value: 'number',
  help: 'wait so long for another deploy (default 60, in CI 600)',
}

/** Where objects are, for a command that only reads. */
export const STORE: readonly OptionRow[] = [
  { flags: '--to <store>', key: 'to', help: 's3://BUCKET/PREFIX?region=&endpoint=&profile=, or a folder' },
  { flags: '--state <store>', key: 'state', help: 'where releases are recorded, if not below the prefix' },
  { flags: '--concurrency <n>', key: 'concurrency', value: 'number', help: 'requests at once, 1 to 1024 (default 64)' },
  { flags: '--transport <name>', key: 'transport', help: 'sdk: let the AWS SDK send every request (default fast)' },
  { flags: '--config <file>', help: 'this configuration instead of lading.config.{ts,mts,cts,js,mjs,cjs,json}' },
]

const SITE: readonly OptionRow[] = [
  { flags: '--url <url>', key: 'url', help: 'public address of the store: https://cdn.example.com/, or a path: /_a/' },
  { flags: '--in-place', key: 'inPlace', help: 'rewrite the pages where they are' },
  { flags: '--out <dir>', key: 'out', help: 'write the whole origin, pages rewritten, into DIR' },
  { flags: '--host', key: 'host', help: 'put the rewritten pages into the store too' },
  { flags: '--site <url>', key: 'site', help: "the site's own address" },
  { flags: '--base <path>', key: 'base', help: 'path of the site on its host (default /)' },
  { flags: '--cors', key: 'cors', help: 'the public address allows cross-origin use: fonts and modules move too' },
  { flags: '--no-cors', key: 'cors', help: 'it does not (default)' },
  { flags: '--integrity', key: 'integrity', help: 'write integrity on the tags of moved scripts and style sheets' },
  { flags: '--include <glob>', key: 'include', value: 'list', help: 'only these files; repeatable' },
  { flags: '--exclude <glob>', key: 'exclude', value: 'list', help: 'not these files; repeatable' },
  {
    flags: '--keep <glob>',
    key: 'keep',
    value: 'list',
    help: 'leave these files and their references where they are; repeatable',
  },
  { flags: '--compress <encoding>', key: 'compress', help: 'gzip: store text compressed, where no CDN does it' },
  { flags: '--pictures <file>', key: 'pictures', help: 'write <picture> from this image manifest (of lading images)' },
  { flags: '--feeds', key: 'feeds', help: 'sitemaps and feeds name the moved files too' },
  { flags: '--channel <name>', key: 'channel', help: 'line of releases (default: the branch in CI, else production)' },
  {
    flags: '--order <n>',
    key: 'order',
    help: 'number of this run; an older one never undoes a newer one (default: the CI’s)',
  },
  {
    flags: '--max-delete <n>',
    key: 'maxDelete',
    help: 'remove at most so many objects, or a share: 5% (default 10% or 100)',
  },
  { flags: '--cdn <address>', key: 'cdn', help: 'told of changed names: cloudfront:DISTRIBUTION, cloudflare:ZONE' },
  { flags: '--strict', key: 'strict', help: 'warnings about names, types and references stop the run' },
  { flags: '--force', key: 'force', help: 'allow long caching of names without a hash' },
]

const VERBOSE: OptionRow = { flags: '-v, --verbose', help: 'every file', without: '--quiet' }

export const VOICE: readonly OptionRow[] = [
  { flags: '--json', help: 'one JSON record per line on stdout' },
  { flags: '--no-color', help: 'no colours' },
  VERBOSE,
  { flags: '-q, --quiet', help: 'errors only' },
]

const REPAIR: readonly OptionRow[] = [
  { flags: '--repair', help: 'look at every object instead of believing the manifest, and mend what differs' },
  { flags: '--download', help: 'with --repair: read every byte too', needs: '--repair' },
]

/** Of a run that rewrites. */
const LINE_VOICE: readonly OptionRow[] = VOICE.map((row) =>
  row === VERBOSE ? { ...row, help: 'every file, and every reference that stays as it is' } : row,
)

export const SYNC_OPTIONS: readonly OptionRow[] = [
  ...STORE,
  WAITING,
  ...SITE,
  { flags: '--dry-run', help: 'show the plan, write nothing' },
  ...REPAIR,
  ...LINE_VOICE,
]

export const PLAN_OPTIONS: readonly OptionRow[] = [
  ...STORE,
  WAITING,
  ...SITE,
  { flags: '--detailed-exitcode', help: 'exit with 10 when there are changes' },
  ...REPAIR,
  ...LINE_VOICE,
]

export const EXPLAIN_OPTIONS: readonly OptionRow[] = [
  { flags: '--root <dir>', key: 'root', help: 'folder with the site' },
  ...STORE,
  ...SITE,
  ...VOICE,
]

export const RELEASES_OPTIONS: readonly OptionRow[] = [...STORE, ...VOICE]

const DRY_RUN: OptionRow = { flags: '--dry-run', help: 'show what would happen, change nothing' }

/** Rows of the site's options that concern what was published, by option. */
const published = (...keys: readonly (keyof LadingConfig)[]): readonly OptionRow[] =>
  SITE.filter(({ key }) => key !== undefined && keys.includes(key))

const KEEPING: readonly OptionRow[] = [
  {
    flags: '--keep-releases <n>',
    key: 'keepReleases',
    value: 'number',
    help: 'releases of each channel that stay (default 5)',
  },
  {
    flags: '--keep-days <n>',
    key: 'keepDays',
    value: 'number',
    help: 'days that a release, and a file after its last one, stays at least (default 14)',
  },
]

/** Of the site's options, those of a rewrite: it publishes nothing. */
const PUBLISHING: ReadonlySet<string> = new Set(['host', 'channel', 'order', 'maxDelete', 'cdn', 'force'])

export const REWRITE_OPTIONS: readonly OptionRow[] = [
  ...SITE.filter(({ key }) => key === undefined || !PUBLISHING.has(key)),
  { flags: '--assets <dir>', help: 'write the hashed copies into DIR, with a list of addresses and headers' },
  { flags: '--clean', help: 'remove copies there that no page of this run names' },
  DRY_RUN,
  ...STORE.filter(({ flags }) => flags.startsWith('--config')),
  ...LINE_VOICE,
]

export const ROLLBACK_OPTIONS: readonly OptionRow[] = [
  ...STORE,
  WAITING,
  { flags: '--root <dir>', key: 'root', help: 'folder with the pages, for --in-place' },
  ...published('inPlace', 'out', 'channel', 'site', 'base', 'maxDelete', 'cdn'),
  DRY_RUN,
  ...VOICE,
]

export const PRUNE_OPTIONS: readonly OptionRow[] = [
  ...STORE,
  WAITING,
  ...KEEPING,
  ...published('maxDelete'),
  DRY_RUN,
  ...VOICE,
]

export const REMOVE_OPTIONS: readonly OptionRow[] = [
  ...STORE,
  WAITING,
  ...published('channel', 'site', 'base', 'cdn'),
  { flags: '--now', help: 'remove it; without this, only say what would go' },
  ...VOICE,
]

/** What a look at the live site has a use for, too. */
const isForLive = ({ key }: OptionRow): boolean => key === undefined || key === 'concurrency'

export const VERIFY_OPTIONS: readonly OptionRow[] = [
  ...STORE.map((row) => (isForLive(row) ? row : { ...row, without: '--live' })),
  {
    flags: '--download',
    help: 'read every byte instead of believing what objects say of themselves',
    without: '--live',
  },
  { flags: '--sample <share>', help: 'look at this share of the objects, chosen at random: 5%', without: '--live' },
  {
    flags: '--live <url>',
    help: 'follow every reference of the live site instead (16 requests at once, unless --concurrency says)',
  },
  {
    flags: '--max-pages <n>',
    value: 'number',
    help: 'with --live: read so many pages at most (default 1000)',
    needs: '--live',
  },
  { flags: '--external', help: 'with --live: ask other hosts for what they serve, too', needs: '--live' },
  ...published('url').map((row) => ({ ...row, needs: '--live' })),
  ...VOICE,
]

export const CHANNEL_OPTIONS: readonly OptionRow[] = [...STORE, WAITING, DRY_RUN, ...VOICE]

export const UNLOCK_OPTIONS: readonly OptionRow[] = [
  ...STORE,
  { flags: '--force', help: 'also a deploy that still gives signs of life' },
  ...VOICE,
]

export const COPY_OPTIONS: readonly OptionRow[] = [
  ...STORE.filter(({ key }) => key !== 'to').map((row) =>
    row.key === 'state' ? { ...row, help: 'where releases of the first store are recorded' } : row,
  ),
  WAITING,
  ...published('maxDelete'),
  { flags: '--put-back', help: 'copy also what was taken down in the second store' },
  DRY_RUN,
  ...VOICE,
]

export const IMAGES_OPTIONS: readonly OptionRow[] = [
  ...STORE,
  { flags: '--recipe <name>', help: 'web, thumb, or one of images.recipes in the configuration (default web)' },
  { flags: '--manifest <file>', help: 'write the image manifest to this file, too' },
  ...published('include', 'exclude'),
  ...VOICE,
]

export const DOCTOR_OPTIONS: readonly OptionRow[] = [...STORE, ...published('url', 'host', 'site', 'cors'), ...VOICE]

export const CONFIG_OPTIONS: readonly OptionRow[] = [
  { flags: '--show', help: 'every option, its value and where that was written (default)', without: '--explain' },
  { flags: '--explain <key>', help: 'what one option is for' },
  { flags: '--root <dir>', key: 'root', help: 'folder with the site' },
  ...STORE,
  WAITING,
  ...SITE,
  ...VOICE,
]

export const POLICY_OPTIONS: readonly OptionRow[] = [
  ...STORE,
  ...SITE,
  { flags: '--provider <name>', help: 'aws, r2 or minio (default: told from the address of the store)' },
  { flags: '--part <name>', help: 'cors: bucket or headers; edge: function, errors or behavior (default: what fits)' },
  { flags: '--origin <origin>', value: 'list', help: 'cors: only this site may read; repeatable (default: every one)' },
  { flags: '--brotli', help: 'edge: ask for KEY.br where the browser takes it' },
  ...VOICE,
]

export const SERVE_OPTIONS: readonly OptionRow[] = [
  { flags: '--port <n>', value: 'number', help: 'port on 127.0.0.1 (default 8080; 0: any free one)' },
  { flags: '--cors', help: 'allow other origins to read: fonts and modules' },
  { flags: '--no-cors', help: 'do not, as a CDN without that setting (default)' },
  { flags: '--mount <path>', help: 'serve below this path (default /); with --store, where the store is' },
  { flags: '--store <store>', help: 'serve this store at --mount beside the folder, as a CDN with that path does' },
  ...VOICE,
]

/** The name under which commander keeps a flag's value: `--lock-timeout <seconds>` -> `lockTimeout`. */
export function attributeOf({ flags }: Pick<OptionRow, 'flags'>): string {
  const long = /--(?:no-)?([a-z-]+)/.exec(flags)?.[1] ?? ''
  return long.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** How a flag is written, by option: `inPlace` -> `--in-place`. */
export function flagName(key: keyof LadingConfig): string {
  const row = [...STORE, WAITING, ...SITE, ...KEEPING].find((candidate) => candidate.key === key)
  return row === undefined ? key.toUpperCase() : (row.flags.split(' ')[0] ?? key)
}
