import {
  type Batches,
  type DoctorOptions,
  type Emit,
  type HistoryOptions,
  type LadingConfig,
  type LoadedConfig,
  loadConfig,
  openBatches,
  type RepairOptions,
  type Run,
  resolveBatch,
  resolveConfig,
  resolveDoctor,
  resolveHistory,
  resolveStore,
  type StoreOptions,
  type SyncOptions,
} from '../index.ts'
import { compilingLate } from './compiler.ts'
import { sparingMemory } from './heap.ts'
import type { CliIo, CommandInput, Flags } from './io.ts'
import { attributeOf, flagName, type OptionRow } from './option-rows.ts'
import { createJsonReporter } from './reporters/json.ts'
import { createPlainReporter } from './reporters/plain.ts'
import { quietReporter, type Reporter } from './reporters/reporter.ts'
import { createTtyReporter } from './reporters/tty.ts'
import { createTerminal, type Terminal } from './terminal.ts'

/** How a command speaks. */
export interface Voice {
  readonly isJson: boolean
  readonly isVerbose: boolean
  readonly isQuiet: boolean
  /** stdout: data. */
  readonly out: Terminal
  /** stderr: text for people. */
  readonly err: Terminal
}

export function voiceOf({ flags, io }: CommandInput): Voice {
  const color = flags.color !== false
  return {
    isJson: flags.json === true,
    isVerbose: flags.verbose === true,
    isQuiet: flags.quiet === true,
    out: createTerminal(io.stdout, { env: io.env, color }),
    err: createTerminal(io.stderr, { env: io.env, color }),
  }
}

/** The reporter of a run: records on stdout, or a live line or plain lines on stderr. */
export function chooseReporter(voice: Voice, io: CliIo, isBrief = false): Reporter {
  if (voice.isJson) return createJsonReporter(io.stdout)
  if (voice.isQuiet) return quietReporter
  const { isVerbose, err: terminal } = voice
  const options = { terminal, isVerbose, isBrief, cwd: io.cwd, now: () => performance.now() }
  return voice.err.isLive ? createTtyReporter(options) : createPlainReporter(options)
}

/** Flags that set options, as a configuration; only those that were given. */
function configFlags(flags: Flags, rows: readonly OptionRow[]): LadingConfig {
  const config: Record<string, unknown> = {}
  for (const row of rows) {
    const { key, value } = row
    const given = flags[attributeOf(row)]
    if (key === undefined || given === undefined) continue
    config[key] = value === 'number' && typeof given === 'string' ? Number.NaN : given
  }
  return config
}

/** Reads the configuration: file, environment, flags, and the root if the command takes one. */
export async function loadFor(input: CommandInput, rows: readonly OptionRow[], root?: string): Promise<LoadedConfig> {
  const { flags, io } = input
  return loadConfig({
    cwd: io.cwd,
    file: typeof flags.config === 'string' ? flags.config : undefined,
    env: io.env,
    flags: { ...configFlags(flags, rows), ...(root !== undefined && { root }) },
    flagName,
    flagText: (key) => {
      const row = rows.find((candidate) => candidate.key === key)
      const given = row && flags[attributeOf(row)]
      return typeof given === 'string' ? given : undefined
    },
  })
}

/** The configuration of a run, checked. `refuse` throws for what the command has to say of it before. */
export async function resolveFor(
  input: CommandInput,
  rows: readonly OptionRow[],
  root?: string,
  refuse?: (config: LadingConfig) => void,
): Promise<SyncOptions> {
  const { config, sources } = await loadFor(input, rows, root)
  refuse?.(config)
  const options = resolveConfig(config, { cwd: input.io.cwd, env: input.io.env, sources })
  const { delivery } = options
  const out = delivery.mode === 'offload' && delivery.pages === 'out' ? delivery.dir : undefined
  tellFilled(input.io, options, options.root, out)
  return options
}

/** The configuration of a command that changes what was published, without a site. */
export async function historyFor(input: CommandInput, rows: readonly OptionRow[]): Promise<HistoryOptions> {
  const { config, sources } = await loadFor(input, rows)
  const options = resolveHistory(config, { cwd: input.io.cwd, env: input.io.env, sources })
  tellFilled(input.io, options, options.pages?.dir)
  return options
}

/** The configuration of a command that only opens the stores. */
export async function storeFor(input: CommandInput, rows: readonly OptionRow[]): Promise<StoreOptions> {
  const { config, sources } = await loadFor(input, rows)
  const options = resolveStore(config, { cwd: input.io.cwd, env: input.io.env, sources })
  tellFilled(input.io, options)
  return options
}

function tellFilled(
  { fills }: CliIo,
  { target, state }: StoreOptions,
  ...folders: readonly (string | undefined)[]
): void {
  const stores = [target, state].map((place) => (place?.kind === 'folder' ? place.path : undefined))
  fills?.([...folders, ...stores].filter((folder) => folder !== undefined))
}

/** A batch's place, opened. */
export async function batchesFor(
  input: CommandInput,
  rows: readonly OptionRow[],
  { isStoppedByHand = false, emit }: { readonly isStoppedByHand?: boolean; readonly emit?: Emit } = {},
): Promise<Batches> {
  const { config, sources } = await loadFor(input, rows)
  const { flags, io } = input
  const text = (name: string): string | undefined => (typeof flags[name] === 'string' ? flags[name] : undefined)
  const places = { queues: text('queues'), group: text('group') }
  // A worker that is asked to end still has to hand back what it holds.
  const { signal: _, ...rest } = runOf(io)
  const run = isStoppedByHand ? rest : runOf(io, emit)
  return openBatches(resolveBatch(config, places, { cwd: io.cwd, env: io.env, sources }), run)
}

/** The configuration of a look at the stores and at visitors' way to them. */
export async function doctorFor(input: CommandInput, rows: readonly OptionRow[]): Promise<DoctorOptions> {
  const { config, sources } = await loadFor(input, rows)
  return resolveDoctor(config, { cwd: input.io.cwd, env: input.io.env, sources })
}

/** `--repair` and `--download`. */
export function repairOf({ repair, download }: Flags): RepairOptions {
  return { repair: repair === true, download: download === true }
}

/** What the core gets besides the options. */
export function runOf(io: CliIo, emit?: Emit): Run {
  compilingLate()
  const told = io.hear === undefined ? emit : toBoth(emit, io.hear)
  return { env: io.env, ...(io.signal && { signal: io.signal }), ...io.run, ...(told && { emit: sparingMemory(told) }) }
}

function toBoth(first: Emit | undefined, second: Emit): Emit {
  return (event) => {
    first?.(event)
    second(event)
  }
}
