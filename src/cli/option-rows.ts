import type { LadingConfig } from '../index.ts'

/** One flag. Rows with a `key` set that option of the configuration; the others steer the command itself. */
export interface OptionRow {
  /** As commander reads it: `--to <store>`, `-v, --verbose`. */
  readonly flags: string
  readonly help: string
  readonly key?: keyof LadingConfig | undefined
  /** @default 'text' for flags with a value, a switch otherwise */
  readonly value?: 'number' | 'list' | undefined
  /** All that may be given, for shells to complete; the command itself refuses anything else. */
  readonly choices?: readonly string[] | undefined
  /** The flag without which this one would do nothing: `--repair`. */
  readonly needs?: string | undefined
  /** The flag beside which it would do nothing. */
  readonly without?: string | undefined
}

/** Of commands that wait for another deploy. */
export const WAITING: OptionRow = {
  flags: '--lock-timeout <seconds>',
  key: 'lockTimeoutSeconds',
  value: 'number',
  help: 'wait so long for another deploy (default 60, in CI 600)',
}

/** Of commands whose end is reported. */
export const SUMMARY: OptionRow = {
  flags: '--summary <file>',
  help: 'write a page about the run into FILE, in Markdown (GitHub Actions has one without)',
}

/** Where objects are, for a command that only reads. */
export const STORE: readonly OptionRow[] = [
  { flags: '--to <store>', key: 'to', help: 's3://BUCKET/PREFIX?region=&endpoint=&profile=, or a folder' },
  { flags: '--state <store>', key: 'state', help: 'where releases are recorded, if not below the prefix' },
  { flags: '--concurrency <n>', key: 'concurrency', value: 'number', help: 'requests at once, 1 to 1024 (default 64)' },
  {
    flags: '--transport <name>',
    key: 'transport',
    choices: ['fast', 'sdk'] satisfies LadingConfig['transport'][],
    help: 'sdk: let the AWS SDK send every request (default fast)',
  },
  { flags: '--config <file>', help: 'this configuration instead of lading.config.{ts,mts,cts,js,mjs,cjs,json}' },
]

export const SITE: readonly OptionRow[] = [
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
  {
    flags: '--compress <encoding>',
    key: 'compress',
    choices: ['gzip'],
    help: 'gzip: store text compressed, where no CDN does it',
  },
  { flags: '--pictures <file>', key: 'pictures', help: 'write <picture> from this image manifest (of lading images)' },
  { flags: '--feeds', key: 'feeds', help: 'sitemaps and feeds name the moved files too' },
  { flags: '--channel <name>', key: 'channel', help: 'line of releases (default: the branch in CI, else production)' },
  {
    flags: '--order <n>',
    key: 'order',
    help: "number of this run; an older one never undoes a newer one (default: the CI's)",
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

/** Of the site's options, those that only a publish has a use for. */
export const PUBLISHING: ReadonlySet<string> = new Set(['host', 'channel', 'order', 'maxDelete', 'cdn', 'force'])

const VERBOSE: OptionRow = { flags: '-v, --verbose', help: 'every file', without: '--quiet' }

export const VOICE: readonly OptionRow[] = [
  { flags: '--json', help: 'one JSON record per line on stdout' },
  { flags: '--no-color', help: 'no colours' },
  VERBOSE,
  { flags: '-q, --quiet', help: 'errors only' },
]

export const REPAIR: readonly OptionRow[] = [
  { flags: '--repair', help: 'look at every object instead of believing the manifest, and mend what differs' },
  { flags: '--download', help: 'with --repair: read every byte too', needs: '--repair' },
]

/** Of a run that rewrites. */
export const LINE_VOICE: readonly OptionRow[] = VOICE.map((row) =>
  row === VERBOSE ? { ...row, help: 'every file, and every reference that stays as it is' } : row,
)

export const DRY_RUN: OptionRow = { flags: '--dry-run', help: 'show what would happen, change nothing' }

/** Rows of the site's options that concern what was published, by option. */
export const published = (...keys: readonly (keyof LadingConfig)[]): readonly OptionRow[] =>
  SITE.filter(({ key }) => key !== undefined && keys.includes(key))

export const KEEPING: readonly OptionRow[] = [
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
