import {
  type Copied,
  copy,
  formatBytes,
  formatDuration,
  type LoadedConfig,
  plural,
  resolveHistory,
} from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { COPY_OPTIONS } from '../options.ts'
import { jsonRecord, jsonSummary } from '../reporters/json.ts'
import { fileLine, KEY_WIDTH } from '../reporters/lines.ts'
import { waiting } from '../reporters/waiting.ts'
import { loadFor, runOf, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const { args, flags, io } = input
  const { config, sources }: LoadedConfig = await loadFor(input, COPY_OPTIONS)
  const [from, to] = args
  const context = { cwd: io.cwd, env: io.env, sources }
  const options = {
    from: resolveHistory({ ...config, to: from }, context),
    // the state of the copy lies with it: the configured place is the source's
    to: resolveHistory({ ...config, to, state: undefined }, context),
    dryRun: flags.dryRun === true,
  }
  const voice = voiceOf(input)
  const sayWaiting = waiting(voice)
  const copied = await copy(
    options,
    runOf(io, (event) => {
      if (voice.isJson) io.stdout.write(jsonRecord(event))
      else if (event.type === 'file' && (voice.isVerbose || options.dryRun))
        voice.out.write(`  ${fileLine(event, KEY_WIDTH)}\n`)
      else if (event.type === 'wait') sayWaiting(event)
    }),
  )
  if (voice.isJson) io.stdout.write(jsonSummary(copied))
  else if (!voice.isQuiet) voice.err.write(`${sentence(copied)}\n`)
  return copied.exit
}

function sentence({ dryRun, objects, sent, bytes, releases, ms }: Copied): string {
  const whole = `${plural(objects, 'object')} and ${plural(releases, 'release')}`
  const head = dryRun ? 'Plan' : 'ok'
  if (sent === 0) return `${head}: Everything is there already: ${whole} (${formatDuration(ms)}).`
  const volume = `${plural(sent, 'object')} (${formatBytes(bytes)})`
  return `${head}: ${volume} ${dryRun ? 'to copy' : 'copied'}; ${whole} in all (${formatDuration(ms)}).`
}
