import {
  CONFIG_KEYS,
  closest,
  type LadingConfig,
  LadingError,
  type LayOutOptions,
  loadConfig,
  resolveConfig,
  type SyncOptions,
} from '../src/index.ts'
import { inFull } from './failure.ts'
import { type Addresses, addressesOf } from './placement.ts'

/**
 * Options of the build plugins: those of `lading.config.ts`, and three of their own. What stands here wins over
 * `LADING_*` variables, and those over the config file.
 */
export interface LadingPluginOptions extends LadingConfig {
  /** Send the assets after a build that succeeded. @default true when LADING_UPLOAD=1, else false */
  readonly upload?: boolean | undefined
  /**
   * When the build's own references name `url`: with an upload only, or always. `always` is for a build that
   * `lading sync` publishes.
   * @default 'auto'
   */
  readonly rewrite?: 'auto' | 'always' | undefined
  /** The config file, relative to the project's root; false: only what stands here counts. @default lading.config.* */
  readonly config?: string | false | undefined
}

/** What a build does, all choices made. */
export interface BuildSettings {
  readonly upload: boolean
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
  readonly env: Readonly<Record<string, string | undefined>>
}

const OWN_KEYS = ['upload', 'rewrite', 'config'] as const satisfies readonly (keyof LadingPluginOptions)[]

/**
 * Refuses options that do not exist, at once and not at the end of a build.
 * @throws E_CONFIG
 */
export function checkPluginOptions(options: LadingPluginOptions): void {
  refuseOther(options)
  const known: readonly string[] = [...OWN_KEYS, ...CONFIG_KEYS]
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue
    const meant = closest(key, known)
    const hint = meant === undefined ? 'Remove it.' : `Did you mean ${meant}?`
    throw inFull(new LadingError('E_CONFIG', `the plugin has no option "${key}"`, { subject: key, hint }))
  }
  const { upload, rewrite, config } = options
  if (upload !== undefined && typeof upload !== 'boolean') throw wrongValue('upload', 'true or false')
  if (rewrite !== undefined && rewrite !== 'auto' && rewrite !== 'always') {
    throw wrongValue('rewrite', "'auto' or 'always'")
  }
  if (config !== undefined && config !== false && typeof config !== 'string') {
    throw wrongValue('config', 'a path or false')
  }
}

/** A config written in JavaScript may hand over anything. */
function refuseOther(options: unknown): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return
  const kind = options === null ? 'null' : Array.isArray(options) ? 'array' : typeof options
  const refusal = new LadingError('E_CONFIG', "the plugin's options must be an object", {
    subject: kind,
    hint: "Write lading({ url: '/_a/' }), or lading() to take all from the config file.",
  })
  throw inFull(refusal)
}

function wrongValue(name: string, wanted: string): unknown {
  return inFull(new LadingError('E_CONFIG', `the plugin's option ${name} must be ${wanted}`, { subject: name }))
}

/**
 * Lays the plugin's options over environment and config file, and checks them.
 * @throws E_CONFIG, E_USAGE, E_URL and what else `resolveConfig` refuses
 */
export async function settle(options: LadingPluginOptions, place: BuildPlace): Promise<BuildSettings> {
  const { upload: _upload, rewrite: _rewrite, config: file, ...own } = options
  const flags = { ...own, ...(own.base === undefined && place.base !== undefined && { base: place.base }) }
  const { config, sources } =
    file === false ? { config: flags, sources: undefined } : await loadConfig({ ...place, file, flags })
  const upload = options.upload ?? isSwitchedOn(place.env.LADING_UPLOAD)
  const wantsRewrite = upload || options.rewrite === 'always'
  if (wantsRewrite) requireAddresses(config, { upload })
  const syncOptions = (root: string): SyncOptions =>
    resolveConfig(forBuild(config, root), { cwd: place.cwd, env: place.env, ...(sources !== undefined && { sources }) })
  const addresses = config.url === undefined ? undefined : addressesOf(syncOptions(place.outDir))
  return { upload, rewrite: wantsRewrite, addresses, syncOptions }
}

function isSwitchedOn(text: string | undefined): boolean {
  if (text === undefined || /^(?:|0|false|no)$/i.test(text)) return false
  if (/^(?:1|true|yes)$/i.test(text)) return true
  throw new LadingError('E_USAGE', 'LADING_UPLOAD must be 1 or 0', { subject: `LADING_UPLOAD=${text}` })
}

function requireAddresses(config: LadingConfig, { upload }: { readonly upload: boolean }): void {
  if (config.url === undefined) {
    throw new LadingError(
      'E_CONFIG',
      `${upload ? 'upload' : "rewrite: 'always'"} needs the public address of the store`,
      {
        subject: 'url',
        why: 'The build has to write it into scripts, style sheets and pages.',
        hint: "Set url: 'https://cdn.example.com/', or a path of the site such as url: '/_a/'.",
      },
    )
  }
  if (upload && config.to === undefined) {
    throw new LadingError('E_CONFIG', 'upload needs a store', {
      subject: 'to',
      hint: "Set to: 's3://BUCKET/PREFIX', or a folder.",
    })
  }
}

/** Stands in where no store is needed: the addresses of a build do not depend on it. */
const NO_STORE = 's3://no-store-configured'

/** The build's own folder in place of what the file says; pages are rewritten where they are. */
function forBuild(config: LadingConfig, root: string): LadingConfig {
  const { out: _out, host: _host, inPlace: _inPlace, to = NO_STORE, ...rest } = config
  return { ...rest, to, root, ...(config.url !== undefined && { inPlace: true }) }
}
