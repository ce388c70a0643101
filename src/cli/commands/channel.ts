import {
  type ChannelInfo,
  channels,
  type Ended,
  endChannel,
  LadingError,
  plural,
  printable,
  type WarningEvent,
} from '../../index.ts'
import { refuseFlags } from '../idle-flags.ts'
import type { CommandInput } from '../io.ts'
import { nothingPublished } from '../nothing-published.ts'
import { CHANNEL_OPTIONS } from '../options.ts'
import { jsonData, jsonEnd, jsonRecord } from '../reporters/json.ts'
import { table } from '../reporters/table.ts'
import { waiting } from '../reporters/waiting.ts'
import { renderWarnings } from '../reporters/warnings.ts'
import { historyFor, runOf, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const [action = 'list', name] = input.args
  if (action === 'list' && name === undefined) {
    await refuseFlags(input.flags, ['--dry-run', '--lock-timeout'], 'list')
    return list(input)
  }
  if (action === 'end' && name !== undefined) return end(input, name)
  const isUnnamed = action === 'end'
  throw new LadingError('E_USAGE', isUnnamed ? 'the name of the channel is missing' : 'a channel is listed or ended', {
    hint: isUnnamed
      ? 'Write lading channel end NAME; lading channel list shows the names.'
      : 'Write lading channel list, or lading channel end NAME.',
  })
}

async function list(input: CommandInput): Promise<number> {
  const options = await historyFor(input, CHANNEL_OPTIONS)
  const found = await channels(options, runOf(input.io))
  const { isJson, isQuiet, out, err } = voiceOf(input)
  if (isJson) out.write(found.map((channel) => jsonData('channel', channel)).join('') + jsonEnd)
  else if (found.length > 0) out.write(table(['channel', 'release', 'mode', 'order', 'url', ''], found.map(row)))
  else if (!isQuiet) err.write(nothingPublished(options))
  return 0
}

function row({ name, release, mode, order, url, endedAt }: ChannelInfo): string[] {
  return [
    name,
    release,
    mode ?? '',
    order ?? '',
    url ?? '',
    endedAt === undefined ? '' : `ended ${endedAt.slice(0, 10)}`,
  ]
}

async function end(input: CommandInput, name: string): Promise<number> {
  const options = await historyFor(input, CHANNEL_OPTIONS)
  const dryRun = input.flags.dryRun === true
  const voice = voiceOf(input)
  const { isJson, isQuiet, isVerbose, out, err } = voice
  const warnings: WarningEvent[] = []
  const sayWaiting = waiting(voice)
  const run = runOf(input.io, (event) => {
    if (isJson) out.write(jsonRecord(event))
    else if (event.type === 'wait') sayWaiting(event)
    else if (event.type === 'warning') warnings.push(event)
  })
  const ended = await endChannel({ ...options, name, dryRun }, run)
  if (isJson) {
    const { unnamed, ...rest } = ended
    out.write(jsonData('channel-end', { ...rest, dryRun, unnamed: unnamed.map(({ key }) => key) }) + jsonEnd)
  } else if (!isQuiet) {
    if (isVerbose) for (const { key } of ended.unnamed) out.write(`  - ${printable(key)}\n`)
    err.write(renderWarnings(warnings, err, voice))
    err.write(sentence(ended, { dryRun, keepDays: options.keepDays }))
  }
  return 0
}

interface Ending {
  readonly dryRun: boolean
  readonly keepDays: number
}

function sentence({ channel, release, unnamed }: Ended, { dryRun, keepDays }: Ending): string {
  const verb = dryRun ? 'Plan: would end' : 'ok: ended'
  const first = `${verb} channel ${channel}, whose last release is ${release}.\n`
  if (unnamed.length === 0) return `${first}All that it named is named by others.\n`
  return `${first}${plural(unnamed.length, 'object')} that only it named: lading prune removes them after ${plural(keepDays, 'day')}.\n`
}
