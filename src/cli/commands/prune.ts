import { prune } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { PRUNE_OPTIONS } from '../options.ts'
import { removalReport } from '../reporters/removal.ts'
import { historyFor, runOf, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const options = await historyFor(input, PRUNE_OPTIONS)
  const dryRun = input.flags.dryRun === true
  const report = removalReport(voiceOf(input), input.io.stdout)
  const removal = await prune({ ...options, dryRun }, runOf(input.io, report.event))
  report.end(removal, dryRun ? 'Next: the same without --dry-run removes them' : undefined)
  return removal.exit
}
