import {
  type DriftEvent,
  formatBytes,
  formatDuration,
  LadingError,
  plural,
  printable,
  type Verification,
  verify,
  type WarningEvent,
} from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { placesIn, shellLine } from '../next-line.ts'
import { STORE } from '../option-rows.ts'
import { VERIFY_OPTIONS } from '../options.ts'
import { jsonRecord, jsonSummary } from '../reporters/json.ts'
import { renderWarnings } from '../reporters/warnings.ts'
import { hanging } from '../reporters/wrap.ts'
import { runOf, storeFor, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const { flags, io } = input
  if (flags.live !== undefined) return (await import('./verify-live.ts')).run(input)
  const options = await storeFor(input, VERIFY_OPTIONS)
  const voice = voiceOf(input)
  const warnings: WarningEvent[] = []
  const fixes = new Set<string>()
  const found = await verify(
    { ...options, download: flags.download === true, sample: shareOf(flags.sample) },
    runOf(io, (event) => {
      if (event.type === 'drift') fixes.add(fixFor(event, input))
      if (voice.isJson) io.stdout.write(jsonRecord(event))
      else if (event.type === 'drift')
        voice.out.write(
          `${hanging(`  ! ${printable(event.key)}  ${event.kind}: ${printable(event.detail)}`, 6, voice.out)}\n`,
        )
      else if (event.type === 'warning') warnings.push(event)
    }),
  )
  if (voice.isJson) io.stdout.write(jsonSummary(found))
  else if (!voice.isQuiet) voice.err.write(`${renderWarnings(warnings, voice.err, voice)}${sentence(found, fixes)}\n`)
  return found.exit
}

/** `5%` -> 0.05. */
function shareOf(text: unknown): number | undefined {
  if (text === undefined) return undefined
  const [, number] = /^(\d{1,3}(?:\.\d+)?)%$/.exec(String(text)) ?? []
  if (number !== undefined && Number(number) <= 100) return Number(number) / 100
  throw new LadingError('E_USAGE', '--sample is not a share', {
    subject: String(text),
    hint: 'Write it like --sample 5%',
  })
}

/** `sync --repair` does not restore rendered images, and would put back what was taken down. */
function fixFor({ kind, key }: DriftEvent, { words, io }: CommandInput): string {
  const line = (command: string): string => shellLine(command, placesIn(words, STORE), io.env)
  if (kind === 'removed') return `what was taken down: take it out of the site too, then ${line('sync')}`
  return /^v\//.test(key) ? `${line('remove KEY --now')}, then ${line('images')}` : line('sync --repair')
}

function sentence(
  { ok, objects, looked, variants, bytes, drift, foreign, ms }: Verification,
  fixes: Iterable<string>,
): string {
  const read = bytes > 0 ? `, ${formatBytes(bytes)} read` : ''
  const left = foreign > 0 ? `; ${plural(foreign, 'object')} of somebody else left alone` : ''
  const images = variants > 0 ? ` and ${plural(variants, 'variant')} of images` : ''
  const scope = `${looked} of ${plural(objects, 'object')}${images} looked at${read}${left} (${formatDuration(ms)}).`
  const whole = objects === 0 ? 'What was rendered is there' : 'The store is as the last publish left it'
  if (ok) return `ok: ${whole}.\n${scope}`
  return [`drift: ${plural(drift, 'difference')}.`, scope, ...[...fixes].map((fix) => `fix: ${fix}`)].join('\n')
}
