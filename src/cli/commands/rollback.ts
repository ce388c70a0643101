import { type RollbackOptions, rollback } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { ROLLBACK_OPTIONS } from '../options.ts'
import { hasChanges } from '../reporters/lines.ts'
import { chooseReporter, historyFor, runOf, voiceOf } from '../session.ts'
import { planReporterFor } from './plan.ts'

export async function run(input: CommandInput): Promise<number> {
  const { args, flags, io } = input
  const options: RollbackOptions = {
    ...(await historyFor(input, ROLLBACK_OPTIONS)),
    id: args[0],
    dryRun: flags.dryRun === true,
  }
  const voice = voiceOf(input)
  const reporter = options.dryRun ? planReporterFor(voice, input, 'rollback') : chooseReporter(voice, io)
  try {
    const summary = await rollback(options, runOf(io, reporter.event))
    if (!options.dryRun && summary.mode === 'offload' && hasChanges(summary) && !voice.isJson && !voice.isQuiet) {
      reporter.close()
      voice.err.write('Next: put the restored pages on your web server; until then it serves the pages it has\n')
    }
    return summary.exit
  } finally {
    reporter.close()
  }
}
