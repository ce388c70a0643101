import type { PolicyProvider } from '../index.ts'
import {
  DRY_RUN,
  KEEPING,
  LINE_VOICE,
  type OptionRow,
  PUBLISHING,
  published,
  REPAIR,
  SITE,
  STORE,
  SUMMARY,
  VOICE,
  WAITING,
} from './option-rows.ts'

/** What is written down once. */
export const INIT_OPTIONS: readonly OptionRow[] = [
  ...STORE.filter(({ key }) => key === 'to' || key === 'state'),
  ...published('url', 'inPlace', 'out', 'host', 'site', 'base', 'cors', 'compress', 'cdn').map((row) =>
    row.flags === '--no-cors' ? { ...row, help: 'it does not (default: found out by asking it)' } : row,
  ),
  { flags: '-y, --yes', help: 'ask nothing: take what is found; a folder as the store, and --out origin for --url' },
  ...VOICE.filter(({ flags }) => !flags.includes('--verbose')),
]

export const SYNC_OPTIONS: readonly OptionRow[] = [
  ...STORE,
  WAITING,
  ...SITE,
  { flags: '--dry-run', help: 'show the plan, write nothing' },
  { flags: '--watch', help: 'stay, and do it again on every change in the folder, until Ctrl-C' },
  ...REPAIR,
  SUMMARY,
  ...LINE_VOICE,
]

export const PLAN_OPTIONS: readonly OptionRow[] = [
  ...STORE,
  WAITING,
  ...SITE,
  { flags: '--save <file>', help: 'keep the plan in FILE, to be carried out later: lading sync FILE' },
  { flags: '--detailed-exitcode', help: 'exit with 10 when there are changes' },
  ...REPAIR,
  SUMMARY,
  ...LINE_VOICE,
]

export const EXPLAIN_OPTIONS: readonly OptionRow[] = [
  { flags: '--root <dir>', key: 'root', help: 'folder with the site' },
  ...STORE,
  ...SITE,
  ...VOICE,
]

export const RELEASES_OPTIONS: readonly OptionRow[] = [...STORE, ...VOICE]

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
  SUMMARY,
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
  SUMMARY,
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

export const FAVICON_OPTIONS: readonly OptionRow[] = [
  { flags: '--out <dir>', help: 'the folder for them, as a rule the root of the site' },
  { flags: '--dark <file>', help: 'an SVG for dark browsers, put into the same icon.svg' },
  { flags: '--background <colour>', help: 'of opaque icons: "#336699" (default: border or white)' },
  { flags: '--manifest', help: 'also a web app manifest, with three icons for it' },
  { flags: '--name <text>', help: 'with --manifest: the name in it', needs: '--manifest' },
  { flags: '--base <path>', help: 'path of the folder on the host (default /)' },
  { flags: '--force', help: 'replace files of these names that have other contents' },
  ...VOICE.filter(({ flags }) => !flags.includes('--verbose')),
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

const PROVIDERS: Readonly<Record<PolicyProvider, true>> = { aws: true, r2: true, minio: true }

/** Documents of `policy cors` and of `policy edge`. */
export const CORS_PARTS = ['bucket', 'headers'] as const
export const EDGE_PARTS = ['function', 'errors', 'behavior'] as const

export const POLICY_OPTIONS: readonly OptionRow[] = [
  ...STORE,
  ...SITE,
  {
    flags: '--provider <name>',
    choices: Object.keys(PROVIDERS),
    help: 'aws, r2 or minio (default: told from the address of the store); iam: aws',
  },
  {
    flags: '--part <name>',
    choices: [...CORS_PARTS, ...EDGE_PARTS],
    help: 'cors: bucket or headers; edge: function, errors or behavior (default: what fits)',
  },
  { flags: '--origin <origin>', value: 'list', help: 'cors: only this site may read; repeatable (default: every one)' },
  { flags: '--brotli', help: 'edge: ask for KEY.br where the browser takes it' },
  ...VOICE,
]

export const STACK_SITE_OPTIONS: readonly OptionRow[] = [
  ...STORE.filter(({ key, flags }) => key === 'to' || key === 'state' || flags.startsWith('--config')),
  ...published('url', 'inPlace', 'out', 'host', 'site', 'base', 'cors', 'include', 'exclude'),
  { flags: '--name <name>', help: 'of the stack, and what names in it begin with (default lading-site)' },
  {
    flags: '--domain <domain>',
    value: 'list',
    help: 'answer at this name too; repeatable (default: the host of --url)',
  },
  { flags: '--origin <origin>', value: 'list', help: 'only this site may read, with CORS; repeatable' },
  { flags: '--github <repo>', help: 'a role for the runs of one branch: OWNER/REPO@BRANCH (default main)' },
  { flags: '--create-only', help: 'the bucket refuses to replace hashed names, whoever asks' },
  ...VOICE.filter(({ flags }) => !flags.includes('--verbose')),
]

export const SERVE_OPTIONS: readonly OptionRow[] = [
  { flags: '--port <n>', value: 'number', help: 'port on 127.0.0.1 (default 8080; 0: any free one)' },
  { flags: '--cors', help: 'allow other origins to read: fonts and modules' },
  { flags: '--no-cors', help: 'do not, as a CDN without that setting (default)' },
  { flags: '--mount <path>', help: 'serve below this path (default /); with --store, where the store is' },
  { flags: '--store <store>', help: 'serve this store at --mount beside the folder, as a CDN with that path does' },
  ...VOICE,
]
