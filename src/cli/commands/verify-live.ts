import { type FindingEvent, resolveLive, verifyLive } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { VERIFY_OPTIONS } from '../options.ts'
import { liveSentence, renderFindings } from '../reporters/findings.ts'
import { jsonRecord, jsonSummary } from '../reporters/json.ts'
import { loadFor, runOf, voiceOf } from '../session.ts'

/** `verify --live URL`: the site as visitors get it, instead of the store. */
export async function run(input: CommandInput): Promise<number> {
  const { flags, io } = input
  const { config, sources } = await loadFor(input, VERIFY_OPTIONS)
  const asked = { live: String(flags.live), maxPages: flags.maxPages, external: flags.external === true }
  const options = resolveLive(config, asked, { cwd: io.cwd, env: io.env, sources })
  const voice = voiceOf(input)
  const findings: FindingEvent[] = []
  const found = await verifyLive(
    options,
    runOf(io, (event) => {
      if (voice.isJson) io.stdout.write(jsonRecord(event))
      else if (event.type === 'finding') findings.push(event)
    }),
  )
  if (voice.isJson) io.stdout.write(jsonSummary(found))
  else {
    voice.out.write(renderFindings(findings, found.url, voice.out))
    if (!voice.isQuiet) voice.err.write(liveSentence(found, voice.err))
  }
  return found.exit
}
