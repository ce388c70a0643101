import { type RollbackOptions, rollback, type Summary } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { placesIn, shellLine } from '../next-line.ts'
import { ROLLBACK_OPTIONS } from '../options.ts'
import { hasChanges } from '../reporters/lines.ts'
import { hanging } from '../reporters/wrap.ts'
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
    if (!options.dryRun && !voice.isJson && !voice.isQuiet) {
      reporter.close()
      for (const line of endingLines(summary, input)) voice.err.write(`${hanging(line, 6, voice.err)}\n`)
    }
    return summary.exit
  } finally {
    reporter.close()
  }
}

/** The line that puts a release back from where this one was given. */
export function rollbackLine(release: string, { words, io }: Pick<CommandInput, 'words' | 'io'>): string {
  return shellLine('rollback', [release, ...placesIn(words, ROLLBACK_OPTIONS)], io.env)
}

const PAGES_ALONE = [
  'Next: put the restored pages on your web server; it still serves the others',
  '      Only rewritten files come back; others at the origin (style sheets, scripts) are of the last build',
]

/** What is left to do, and the way back. */
function endingLines(summary: Summary, input: CommandInput): string[] {
  const { mode, previous } = summary
  return [
    ...(mode === 'offload' && hasChanges(summary) ? PAGES_ALONE : []),
    ...(previous === undefined ? [] : [`Undo: ${rollbackLine(previous, input)}`]),
  ]
}
