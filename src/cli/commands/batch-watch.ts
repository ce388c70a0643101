import { BATCH_WATCH_OPTIONS } from '../batch-options.ts'
import type { CommandInput } from '../io.ts'
import { numberFlag } from '../number-flag.ts'
import { watchReport } from '../reporters/batch.ts'
import { batchesFor, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const [batch = ''] = input.args
  const everySeconds = numberFlag(input.flags, 'every', { least: 0.1, most: 3600 })
  const batches = await batchesFor(input, BATCH_WATCH_OPTIONS)
  const report = watchReport(voiceOf(input), batch)
  return report.end(await batches.watch(batch, { everySeconds, onStatus: report.status }))
}
