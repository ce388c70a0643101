import { resolveReport, type TrafficReport, trafficReport, type WarningEvent } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { jsonData, jsonRecord, jsonSummary } from '../reporters/json.ts'
import { pathFrom } from '../reporters/lines.ts'
import { logProgress, reportText } from '../reporters/traffic.ts'
import { renderWarnings } from '../reporters/warnings.ts'
import { loadFor, runOf, voiceOf } from '../session.ts'
import { REPORT_OPTIONS } from '../traffic-options.ts'

export async function run(input: CommandInput): Promise<number> {
  const { args, flags, io } = input
  const text = (name: string): string | undefined => (typeof flags[name] === 'string' ? flags[name] : undefined)
  const { format, top } = flags
  const folder = text('site')
  const loaded = folder === undefined ? undefined : await loadFor(input, REPORT_OPTIONS, folder)
  const asked = { files: args, format, top, prices: text('prices'), tariff: text('tariff'), html: text('html') }
  const { cwd, env } = io
  const options = resolveReport({ ...asked, site: loaded?.config }, { cwd, env, sources: loaded?.sources })
  const { isJson, isQuiet, isVerbose, out, err } = voiceOf(input)
  const warnings: WarningEvent[] = []
  const progress = logProgress(err)
  const found = await trafficReport(
    options,
    runOf(io, (event) => {
      if (isJson) io.stdout.write(jsonRecord(event))
      else if (event.type === 'warning') warnings.push(event)
      else if (event.type === 'progress' && !isQuiet) progress.event(event)
    }),
  ).finally(progress.close)
  if (isJson) io.stdout.write(records(found))
  else {
    out.write(reportText(found, out))
    if (isQuiet) return found.exit
    err.write(renderWarnings(warnings, err, { isVerbose }))
    if (found.html !== undefined) err.write(`wrote ${pathFrom(io.cwd, found.html)}\n`)
  }
  return found.exit
}

/** Rows, remarks and costs one by one, then the rest. */
function records({ rows, remarks, costs, ...rest }: TrafficReport): string {
  return [
    ...rows.map((row) => jsonData('traffic', row)),
    ...remarks.map((remark) => jsonData('remark', remark)),
    ...costs.map((cost) => jsonData('cost', cost)),
    jsonSummary(rest),
  ].join('')
}
