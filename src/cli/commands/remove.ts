import { remove } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { REMOVE_OPTIONS } from '../options.ts'
import { removalReport } from '../reporters/removal.ts'
import { historyFor, runOf, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const { args, flags, io } = input
  const options = await historyFor(input, REMOVE_OPTIONS)
  const now = flags.now === true
  const report = removalReport(voiceOf(input), io.stdout)
  const removal = await remove({ ...options, subject: args[0] ?? '', now }, runOf(io, report.event))
  report.end(removal, now ? undefined : 'Next: the same with --now removes them; there is no way back')
  return removal.exit
}
