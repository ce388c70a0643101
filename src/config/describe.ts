import { readFileSync } from 'node:fs'
import { LadingError } from '../words/errors.ts'
import { closest } from '../words/units.ts'
import type { ResolveContext } from './asked.ts'
import { DEFAULTS, defaultCacheDir, defaultChannel, defaultLockTimeoutSeconds, defaultRoot } from './defaults.ts'
import type { LadingConfig } from './interface.ts'
import { CONFIG_KEYS } from './keys.ts'
import type { LoadedConfig } from './load.ts'
import { maskAddress } from './mask.ts'
import { defaultOrder } from './order.ts'
import { type ConfigSource, environmentName } from './sources.ts'

/** One option, its value in force and where that was written. */
export interface ConfigRow {
  readonly key: string
  /** Undefined when the option is unset and has no default. Addresses are masked. */
  readonly value: unknown
  readonly source: ConfigSource
}

/** Every option in the order of the interface. Does not check: an incomplete configuration can be looked at too. */
export function listConfig(loaded: Pick<LoadedConfig, 'config' | 'sources'>, context: ResolveContext): ConfigRow[] {
  return CONFIG_KEYS.map((key) => {
    const source = loaded.sources[key]
    if (source === undefined) return { key, ...defaultOf(key, context) }
    return { key, value: masked(loaded.config[key]), source: { kind: source.kind, name: source.name } }
  })
}

function masked(value: unknown): unknown {
  if (typeof value === 'string') return maskAddress(value)
  return Array.isArray(value) ? value.map(masked) : value
}

function defaultOf(key: keyof LadingConfig, { cwd, env }: ResolveContext): Omit<ConfigRow, 'key'> {
  const source: ConfigSource = { kind: 'default', name: 'default' }
  if (key === 'root') return { value: defaultRoot(cwd), source }
  if (key === 'cacheDir') return { value: defaultCacheDir(cwd, env), source }
  if (key === 'lockTimeoutSeconds') return { value: defaultLockTimeoutSeconds(env), source }
  if (key === 'order') {
    const order = defaultOrder(env)
    return {
      value: order && `${order.counter}:${order.number}`,
      source: { kind: 'default', name: order?.variable ?? 'default' },
    }
  }
  if (key === 'channel') {
    const { name, variable } = defaultChannel(env)
    return { value: name, source: { kind: 'default', name: variable ?? 'default' } }
  }
  return { value: Object.hasOwn(DEFAULTS, key) ? DEFAULTS[key as keyof typeof DEFAULTS] : undefined, source } // hasOwn says so
}

/** What one option is for, as the interface documents it. */
export interface OptionDescription {
  readonly key: string
  readonly type: string
  readonly text: string
  readonly default: string | undefined
  /** The environment variable that sets it. */
  readonly env: string | undefined
}

/**
 * Reads the documentation of an option out of the interface's own declaration, which is shipped with the program:
 * the text is written once.
 *
 * @throws E_USAGE for a key that does not exist, with "did you mean"
 */
export function describeOption(name: string): OptionDescription {
  const key = CONFIG_KEYS.find((known) => known === name)
  if (key === undefined) {
    const meant = closest(name, CONFIG_KEYS)
    throw new LadingError('E_USAGE', `there is no option "${name}"`, {
      hint: meant ? `Did you mean "${meant}"?` : 'lading config --show lists them.',
    })
  }
  return { ...describeIn(declaration(), key), env: environmentName(key) }
}

/** The same from any block of a declaration. @public scripts/options-table.mjs reads the plugins' own by it */
export function describeIn(block: string, key: string): Omit<OptionDescription, 'env'> {
  const found = new RegExp(`/\\*\\*((?:(?!\\*/).)*)\\*/\\s*readonly ${key}\\?: ([^\\n;]+)`, 's').exec(block)
  if (!found) throw new LadingError('E_BUG', `the declaration of "${key}" cannot be read`)
  const lines = (found[1] ?? '').split('\n').map((line) => line.replace(/^\s*\*?\s?/, '').trim())
  const [text = '', fallback] = lines
    .join(' ')
    .trim()
    .split(/\s*@default\s*/)
  return {
    key,
    type: (found[2] ?? '').replace(/ \| undefined$/, ''),
    text: text.replaceAll('*\\/', '*/'),
    default: fallback?.replace(/^'(.*)'$/, '$1'),
  }
}

/** `interface.d.ts` in the package, `interface.ts` beside the sources; the block of `LadingConfig` in either. */
function declaration(): string {
  const isSource = import.meta.url.endsWith('.ts')
  const file = isSource ? new URL('./interface.ts', import.meta.url) : new URL('./interface.d.ts', import.meta.url)
  const text = readFileSync(file, 'utf8')
  const start = text.indexOf('interface LadingConfig {')
  return text.slice(start, text.indexOf('\n}', start))
}
