import {
  type Copied,
  copy,
  formatBytes,
  formatDuration,
  type HistoryOptions,
  type LoadedConfig,
  parseTarget,
  plural,
  resolveHistory,
  type WarningEvent,
} from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { COPY_OPTIONS } from '../options.ts'
import { jsonRecord, jsonSummary } from '../reporters/json.ts'
import { fileLine, KEY_WIDTH } from '../reporters/lines.ts'
import { waiting } from '../reporters/waiting.ts'
import { renderWarnings } from '../reporters/warnings.ts'
import { loadFor, runOf, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const { args, flags, io } = input
  const loaded = await loadFor(input, COPY_OPTIONS)
  const [from = '', to = ''] = args
  const options = {
    from: sideOf(from, { input, loaded, isSource: true }),
    to: sideOf(to, { input, loaded, isSource: false }),
    dryRun: flags.dryRun === true,
    putBack: flags.putBack === true,
  }
  const voice = voiceOf(input)
  const warnings: WarningEvent[] = []
  const sayWaiting = waiting(voice)
  const copied = await copy(
    options,
    runOf(io, (event) => {
      if (voice.isJson) io.stdout.write(jsonRecord(event))
      else if (event.type === 'file' && (voice.isVerbose || options.dryRun))
        voice.out.write(`  ${fileLine(event, KEY_WIDTH)}\n`)
      else if (event.type === 'wait') sayWaiting(event)
      else if (event.type === 'warning') warnings.push(event)
    }),
  )
  if (voice.isJson) io.stdout.write(jsonSummary(copied))
  else if (!voice.isQuiet) {
    voice.err.write(renderWarnings(warnings, voice.err, voice))
    voice.err.write(`${sentence(copied)}\n`)
  }
  return copied.exit
}

interface Side {
  readonly input: CommandInput
  readonly loaded: LoadedConfig
  readonly isSource: boolean
}

/** A configured place of the state belongs to the configured store, on whichever side; one in a flag to the source. */
function sideOf(address: string, { input: { io }, loaded: { config, sources }, isSource }: Side): HistoryOptions {
  const isConfigured = config.to !== undefined && sources.state?.kind !== 'flag'
  const isItsState = isConfigured ? isSameStore(address, config.to ?? '', io.cwd) : isSource
  const state = isItsState ? config.state : undefined
  return resolveHistory({ ...config, to: address, state }, { cwd: io.cwd, env: io.env, sources })
}

function isSameStore(one: string, other: string, cwd: string): boolean {
  const [a, b] = [parseTarget(one, cwd), parseTarget(other, cwd)]
  if (a.kind === 'folder') return b.kind === 'folder' && a.path === b.path
  return b.kind === 's3' && a.bucket === b.bucket && a.prefix === b.prefix && a.endpoint === b.endpoint
}

function sentence({ dryRun, objects, sent, bytes, removed, skipped, releases, ms }: Copied): string {
  const whole = `${plural(objects, 'object')} and ${plural(releases, 'release')}`
  const head = dryRun ? 'Plan' : 'ok'
  const gone = removed === 0 ? '' : `${plural(removed, 'object')} ${dryRun ? 'to remove' : 'removed'}; `
  const nothing = skipped === 0 ? 'Everything is there already' : 'Nothing else to copy'
  if (sent + removed === 0) return `${head}: ${nothing}: ${whole} (${formatDuration(ms)}).`
  const volume = `${plural(sent, 'object')} (${formatBytes(bytes)})`
  return `${head}: ${volume} ${dryRun ? 'to copy' : 'copied'}; ${gone}${whole} in all (${formatDuration(ms)}).`
}
