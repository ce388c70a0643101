import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { LadingError } from '../words/errors.ts'
import { codeOf } from '../words/system-error.ts'
import { CONFIG_FILES } from './files.ts'
import type { LadingConfig } from './interface.ts'
import { ownFrames } from './own-frames.ts'
import { type ConfigLayer, type ConfigSources, type Environment, environmentLayer, mergeLayers } from './sources.ts'

/** What a config file may export by default: the options, a promise of them, or a function that returns either. */
export type ConfigExport =
  | LadingConfig
  | Promise<LadingConfig>
  | ((context: { readonly env: Environment }) => LadingConfig | Promise<LadingConfig>)

/** Gives a config its type; returns it as it is. */
export function defineConfig<T extends ConfigExport>(config: T): T {
  return config
}

/** Formats that other tools take, and Lading does not. */
const UNREAD_FILES = ['jsonc', 'json5', 'yaml', 'yml', 'toml'].map((ending) => `lading.config.${ending}`)

export interface LoadConfigOptions {
  /** Where `lading.config.*` is looked for; absolute. Folders above it are not searched. */
  readonly cwd: string
  /** This file instead, relative to `cwd`. */
  readonly file?: string | undefined
  /** Read for `LADING_*`. @default none */
  readonly env?: Environment | undefined
  /** Values above all others. */
  readonly flags?: LadingConfig | undefined
  /** How messages name a flag. @default the option's name */
  readonly flagName?: ((key: keyof LadingConfig) => string) | undefined
  /** The text given for a flag whose number is NaN, for messages. */
  readonly flagText?: ((key: keyof LadingConfig) => string | undefined) | undefined
}

export interface LoadedConfig {
  /** Flags over environment over file. Give it to `resolveConfig` together with `sources`. */
  readonly config: LadingConfig
  readonly sources: ConfigSources
  /** The file that was read; absolute. */
  readonly file: string | undefined
}

/**
 * Finds and reads `lading.config.{ts,mts,cts,js,mjs,cjs,json}`, and lays environment and flags over it.
 * Paths in a file resolve against the file's own folder.
 *
 * @throws E_CONFIG_AMBIGUOUS when there are two files
 * @throws E_CONFIG, E_CONFIG_SECRET for what a file says, with its line where it can be told
 * @throws E_USAGE for what a flag or variable says
 */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  const file = findFile(options)
  const layers: ConfigLayer[] = [flagLayer(options), environmentLayer(options.env ?? {})]
  if (file !== undefined) layers.push(await fileLayer(file, options))
  return { ...mergeLayers(layers), file }
}

function flagLayer({ flags = {}, flagName = (key) => key, flagText }: LoadConfigOptions): ConfigLayer {
  const source: ConfigLayer['source'] = (key) => {
    const text = Number.isNaN(flags[key]) ? flagText?.(key) : undefined
    return { kind: 'flag', name: flagName(key), ...(text !== undefined && { text }) }
  }
  return { values: flags, source }
}

function findFile({ cwd, file }: LoadConfigOptions): string | undefined {
  if (file !== undefined) {
    const path = resolve(cwd, file)
    if (existsSync(path)) return path
    throw new LadingError('E_CONFIG', 'the config file does not exist', {
      subject: file,
      hint: 'Check the path after --config.',
    })
  }
  const found = CONFIG_FILES.filter((name) => existsSync(join(cwd, name)))
  if (found.length > 1) {
    throw new LadingError('E_CONFIG_AMBIGUOUS', `there are ${found.length} config files`, {
      details: found,
      why: 'Which one counts would depend on an order that nobody sees.',
      hint: 'Keep one, or name it with --config.',
    })
  }
  if (found[0] !== undefined) return join(cwd, found[0])
  const unread = UNREAD_FILES.find((name) => existsSync(join(cwd, name)))
  if (unread === undefined) return undefined
  throw new LadingError('E_CONFIG', 'a config file of this format is not read', {
    subject: unread,
    hint: `Write it as one of ${CONFIG_FILES.join(', ')}.`,
  })
}

async function fileLayer(file: string, { cwd, env = {} }: LoadConfigOptions): Promise<ConfigLayer> {
  const name = relative(cwd, file) || basename(file)
  // Without a file nobody needs these, nor the libraries behind them.
  const [{ importConfig }, { checkConfig }] = await Promise.all([import('./import-config.ts'), import('./schema.ts')])
  const text = readText(file, name)
  const exported = file.endsWith('.json') ? { value: parseJson(text, name) } : await importConfig(file, name)
  const value = await evaluate(exported.value, name, env)
  const values = anchor(checkConfig(value, { name, text }), dirname(file), cwd)
  return { values, source: () => ({ kind: 'file', name }) }
}

function readText(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\ufeff/, '') // editors on Windows put it there
  } catch (cause) {
    const isFolder = codeOf(cause) === 'EISDIR'
    throw new LadingError('E_CONFIG', isFolder ? 'the config is a folder' : 'the config file cannot be read', {
      subject: name,
      why: isFolder ? undefined : `The disk answered ${codeOf(cause)}.`,
      hint: isFolder ? 'Name the file in it.' : 'Give the user who runs this the right to read it.',
      cause,
    })
  }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    const offset = jsonErrorOffset(text)
    const line = text.slice(0, offset).split('\n').length
    throw new LadingError('E_CONFIG', 'the config is not valid JSON', {
      subject: `${name}:${line}`,
      why: message.replace(/, (?:\.\.\.)?".*$/s, ''), // what follows quotes the file
      hint: isOfScripts(text, offset)
        ? 'JSON has neither comments nor a comma before a closing bracket; a lading.config.ts may have both.'
        : undefined,
      cause,
    })
  }
}

/** Whether a comment begins at `offset`, or a bracket follows a comma there: what other languages have, and JSON not. */
function isOfScripts(text: string, offset: number): boolean {
  const [before, rest] = [text.slice(0, offset), text.slice(offset)]
  return /^\/[/*]/.test(rest) || (/,\s*$/.test(before) && /^[\]}]/.test(rest))
}

/**
 * Offset of a JSON syntax error, which not every Node version reports: the shortest prefix that nothing could complete.
 */
function jsonErrorOffset(text: string): number {
  let valid = 0
  let broken = text.length
  while (valid + 1 < broken) {
    const middle = Math.floor((valid + broken) / 2)
    if (couldGoOn(text.slice(0, middle))) valid = middle
    else broken = middle
  }
  return valid
}

function couldGoOn(beginning: string): boolean {
  try {
    JSON.parse(beginning)
    return true
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    const position = /at position (\d+)/.exec(message)?.[1]
    return position === undefined ? message.includes('Unexpected end') : Number(position) >= beginning.length
  }
}

async function evaluate(exported: unknown, name: string, env: Environment): Promise<unknown> {
  try {
    return await (typeof exported === 'function' ? exported({ env }) : exported)
  } catch (cause) {
    throw configThrew(name, cause)
  }
}

/** A failure inside the person's own code, with those frames of its stack that are theirs. */
function configThrew(name: string, cause: unknown): LadingError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new LadingError('E_CONFIG', 'the config threw an error', {
    subject: name,
    why: message,
    details: ownFrames(cause),
    cause,
  })
}

/** Resolves relative folders against the folder of the config file that names them. */
function anchor(config: LadingConfig, folder: string, cwd: string): LadingConfig {
  if (folder === cwd) return config
  const fromFile = (path: string): string => (isAbsolute(path) || path === '' ? path : join(folder, path))
  const store = (address: string): string => (/^(?:[a-z][a-z0-9+.-]+:|$)/i.test(address) ? address : fromFile(address))
  return {
    ...config,
    ...(config.root !== undefined && { root: fromFile(config.root) }),
    ...(config.out !== undefined && { out: fromFile(config.out) }),
    ...(config.cacheDir !== undefined && { cacheDir: fromFile(config.cacheDir) }),
    ...(config.to !== undefined && { to: store(config.to) }),
    ...(config.state !== undefined && { state: store(config.state) }),
  }
}
