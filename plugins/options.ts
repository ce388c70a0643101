import { CONFIG_KEYS } from '../src/config/keys.ts'
import { looksSecret } from '../src/config/mask.ts'
import type { LadingConfig, LayOutOptions, SyncOptions } from '../src/index.ts'
import { LadingError } from '../src/words/errors.ts'
import { closest } from '../src/words/units.ts'
import { told } from './failure.ts'
import type { Addresses } from './placement.ts'

type Refused = keyof Pick<
  LadingConfig,
  | ('root' | 'inPlace' | 'out' | 'host' | 'integrity' | 'feeds' | 'pictures' | 'images' | 'order')
  | ('lockTimeoutSeconds' | 'maxDelete' | 'keepReleases' | 'keepDays' | 'cdn')
>

/** What a build has no use for, and why. In `lading.config.*` it is for the command, and a build passes over it. @public for docs/options.md */
export const REFUSED: Readonly<Record<Refused, string>> = {
  root: 'The bundler says into which folder it builds.',
  inPlace: 'A build always writes its pages into its own folder; where they go after it, "lading sync" is told.',
  out: 'A build always writes its pages into its own folder; where they go after it, "lading sync" is told.',
  host: 'A build sends no pages; "lading sync" does.',
  integrity: 'A build writes no digests into its pages; "lading sync" does.',
  feeds: 'A build leaves sitemaps and feeds as they are; "lading sync" edits them.',
  pictures: 'A build leaves images as they are; "lading sync" puts pictures around them.',
  images: 'A build renders no images; "lading images" does.',
  order: 'A build publishes no release that could be overtaken; "lading sync" does.',
  lockTimeoutSeconds: 'A build waits for no other deploy; "lading sync" does.',
  maxDelete: 'A build removes nothing from the store.',
  keepReleases: 'A build removes nothing from the store; "lading prune" does.',
  keepDays: 'A build removes nothing from the store; "lading prune" does.',
  cdn: 'What a build sends has new names, of which no CDN has a copy; "lading sync" tells it about the others.',
}

/**
 * Options of the build plugins: those of `lading.config.*` that concern a build, and some of their own. What stands here
 * wins over `LADING_*` variables, and those over the config file in the bundler's root.
 *
 * Unknown names, and options that only the command has a use for (`root`, `out`, `cdn` ...), are refused with
 * E_CONFIG when the plugin is made; wrong types when the build begins.
 */
export interface LadingPluginOptions extends Omit<LadingConfig, Refused> {
  /** Send the assets after a build that succeeded; `'ci'`: where the variable CI is set. Needs `url` and `to`. @default LADING_UPLOAD (1, 0 or ci), else false */
  readonly upload?: boolean | 'ci' | undefined
  /** When the build's own references name `url`: `'auto'`, with an upload; `'always'`, for a build that `lading sync` publishes; false, never, and `lading sync` rewrites the pages. @default 'auto' */
  readonly rewrite?: 'auto' | 'always' | false | undefined
  /** What an upload that failed does to the build: `'fail'` or `'warn'`. Pages name files that are not there until `lading sync` or the next build has sent them; publish none before. @default 'fail' */
  readonly onError?: 'fail' | 'warn' | undefined
  /** Build as for an upload, read the store, and say what would be sent; nothing is written there. @default false */
  readonly dryRun?: boolean | undefined
  /** The config file, relative to the bundler's root; false: only what stands here counts. @default `lading.config.{ts,mts,cts,js,mjs,cjs,json}` */
  readonly config?: string | false | undefined
  /** Rollup, Rolldown and esbuild: the folder of the site as it is served, when outputs lie deeper in it. @default the output's folder */
  readonly siteDir?: string | undefined
  /** Folder with the files that are served as they are, for `virtual:lading`; false: none. Vite has an option of its own. @default `public`, when there is one */
  readonly publicDir?: string | false | undefined
  /** Write the types of `virtual:lading` with every public file: true, into `lading-env.d.ts`, or a path. @default false */
  readonly types?: boolean | string | undefined
}

/** What a build does, all choices made. */
export interface BuildSettings {
  /** The assets are sent, or with `dryRun` it is said which would be. */
  readonly upload: boolean
  readonly dryRun: boolean
  readonly onError: 'fail' | 'warn'
  /** Store and options, serialized, without this machine's cache folder: equal for builds sent in the same way. */
  readonly way: string
  /** The build's references name `addresses.url`. Never true without addresses. */
  readonly rewrite: boolean
  /** Undefined when no `url` is configured. */
  readonly addresses: Addresses | undefined
  /** What the core is called with once the build lies in `root` (absolute). */
  syncOptions(root: string): SyncOptions
}

/** How the files of a folder (absolute) are named that the bundler takes over as they are. */
export function namingOf(settings: BuildSettings, root: string): LayOutOptions | undefined {
  const { addresses } = settings
  return addresses && { ...settings.syncOptions(root), url: addresses.url }
}

/** Where a plugin finds itself. */
export interface BuildPlace {
  /** The project's root, where its config file lies; absolute. */
  readonly cwd: string
  /** The folder that is built into; absolute. */
  readonly outDir: string
  /** The path that the bundler serves the site from, when it says one. */
  readonly base: string | undefined
  readonly env: Env
}

type Env = Readonly<Record<string, string | undefined>>

/** The plugins' own options and what each may be. */
const OWN = {
  upload: { values: [true, false, 'ci'], text: "true, false or 'ci'" },
  rewrite: { values: ['auto', 'always', false], text: "'auto', 'always' or false" },
  onError: { values: ['fail', 'warn'], text: "'fail' or 'warn'" },
  dryRun: { values: [true, false], text: 'true or false' },
  config: { values: [false], text: 'a path or false' },
  siteDir: { values: [], text: 'a path' },
  publicDir: { values: [false], text: 'a path or false' },
  types: { values: [true, false], text: 'true, false or a path' },
} as const

/** Options that may also be a path. */
const PATHS: readonly string[] = ['config', 'siteDir', 'publicDir', 'types']

/** @public for docs/options.md */
export const OWN_KEYS: readonly string[] = Object.keys(OWN)

/**
 * Refuses options that do not exist or have no use here, at once and not at the end of a build.
 * @param bundler whose config they are written in, `vite`
 * @throws E_CONFIG
 */
export function checkPluginOptions(options: LadingPluginOptions, bundler = 'the bundler'): void {
  refuseOther(options)
  const where = `It is written in the config of ${bundler}, where lading() is called.`
  const known = [...OWN_KEYS, ...CONFIG_KEYS.filter((key) => !Object.hasOwn(REFUSED, key))]
  for (const [key, value] of Object.entries({ ...options })) {
    if (value === undefined) continue
    const useless = Object.entries(REFUSED).find(([name]) => name === key)?.[1]
    if (useless !== undefined)
      throw refusal(`the plugin takes no option "${key}"`, { subject: key, why: useless, hint: FOR_COMMAND })
    if (!known.includes(key))
      throw refusal(`the plugin has no option "${named(key)}"`, {
        subject: named(key),
        why: where,
        hint: meant(key, known),
      })
    const own = Object.entries(OWN).find(([name]) => name === key)?.[1]
    const isRight =
      own?.values.some((allowed) => allowed === value) || (PATHS.includes(key) && typeof value === 'string')
    if (own === undefined || isRight) continue
    throw refusal(`the plugin's option ${key}: expected ${own.text}, got ${shown(value)}`, { subject: key, why: where })
  }
}

const FOR_COMMAND = 'Write it into lading.config.*, or give it to the command.'

/** An option name that looks like a secret key is not echoed. */
function named(key: string): string {
  return looksSecret(key) ? '***' : key
}

function meant(key: string, known: readonly string[]): string {
  const near = closest(key, known)
  return near === undefined ? 'Remove it.' : `Did you mean ${near}?`
}

/** A value that may be a secret in the wrong place is not repeated. */
function shown(value: unknown): string {
  if (typeof value === 'boolean' || typeof value === 'number') return String(value)
  if (value === null) return 'null'
  if (typeof value === 'string') return value.length <= 12 ? `the string "${value}"` : 'another string'
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`
}

function refusal(message: string, facts: ConstructorParameters<typeof LadingError>[2]): unknown {
  return told(new LadingError('E_CONFIG', message, facts))
}

/** A config written in JavaScript may hand over anything. */
function refuseOther(options: unknown): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return
  const kind = options === null ? 'null' : Array.isArray(options) ? 'array' : typeof options
  throw refusal("the plugin's options must be an object", {
    subject: kind,
    hint: "Write lading({ url: '/_a/' }), or lading() to take all from the config file.",
  })
}

/**
 * Whether this build sends its assets (with `dryRun`: says what it would send).
 * @throws E_USAGE for a LADING_UPLOAD that says neither
 */
export function wantsUpload({ upload, dryRun }: LadingPluginOptions, env: Env): boolean {
  if (dryRun) return true
  if (upload === true || upload === false) return upload
  if (upload === 'ci') return isSet(env.CI)
  const text = env.LADING_UPLOAD
  if (text === 'ci') return isSet(env.CI)
  if (!isSet(text) || /^no$/i.test(text ?? '')) return false
  if (/^(?:1|true|yes)$/i.test(text ?? '')) return true
  throw new LadingError('E_USAGE', 'LADING_UPLOAD must be 1, 0 or ci', { subject: `LADING_UPLOAD=${text}` })
}

/** As CI systems set CI. */
function isSet(text: string | undefined): boolean {
  return text !== undefined && !/^(?:|0|false)$/i.test(text)
}

/** Whether this build's references may name the store, as far as can be told before a config file is read. */
export function mayRewrite(options: LadingPluginOptions, env: Env): boolean {
  return options.rewrite !== false && (options.rewrite === 'always' || wantsUpload(options, env))
}

/**
 * Lays the plugin's options over environment and config file, and checks them.
 * @throws E_CONFIG, E_USAGE, E_URL and what else `resolveConfig` refuses
 */
export async function settle(options: LadingPluginOptions, place: BuildPlace): Promise<BuildSettings> {
  const settings = await import('./settings.ts')
  return settings.settle(options, place)
}
