import { estimateSite, resolveEstimate, type SiteEstimate, type WarningEvent } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { estimateText } from '../reporters/estimate.ts'
import { jsonData, jsonRecord, jsonSummary } from '../reporters/json.ts'
import { logProgress } from '../reporters/traffic.ts'
import { renderWarnings } from '../reporters/warnings.ts'
import { loadFor, runOf, voiceOf } from '../session.ts'
import { ESTIMATE_OPTIONS } from '../traffic-options.ts'

export async function run(input: CommandInput): Promise<number> {
  const { args, flags, io } = input
  const { config, sources } = await loadFor(input, ESTIMATE_OPTIONS, args[0])
  const { views, visits, returning, format, deploys, changed, uplink } = flags
  const asked = {
    ...{ views, visits, returning, format, deploys, changed, uplink },
    traffic: listOf(flags.traffic),
    providers: listOf(flags.provider),
    prices: typeof flags.prices === 'string' ? flags.prices : undefined,
  }
  const options = resolveEstimate(config, asked, { cwd: io.cwd, env: io.env, sources })
  const { isJson, isQuiet, out, err } = voiceOf(input)
  const warnings: WarningEvent[] = []
  const progress = logProgress(err)
  const found = await estimateSite(
    options,
    runOf(io, (event) => {
      if (event.type === 'progress' && !isJson && !isQuiet) progress.event(event)
      if (event.type !== 'warning') return
      if (isJson) io.stdout.write(jsonRecord(event))
      else warnings.push(event)
    }),
  ).finally(progress.close)
  out.write(isJson ? records(found) : estimateText(found, out))
  if (!isJson && !isQuiet) err.write(renderWarnings(warnings, err, { isVerbose: false }))
  return found.exit
}

/** Of a flag that may be given several times. */
const listOf = (given: unknown): readonly string[] | undefined => (Array.isArray(given) ? given.map(String) : undefined)

/** The site with its visitors, then bills one by one. */
function records({ ok, exit, ms, bills, ...site }: SiteEstimate): string {
  return [
    jsonData('site-estimate', site),
    ...bills.map((bill) => jsonData('bills', bill)),
    jsonSummary({ ok, exit, ms }),
  ].join('')
}
