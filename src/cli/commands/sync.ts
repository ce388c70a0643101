import { type SyncOptions, sync } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { SYNC_OPTIONS } from '../options.ts'
import { hasChanges, pathFrom } from '../reporters/lines.ts'
import { chooseReporter, repairOf, resolveFor, runOf, voiceOf } from '../session.ts'
import { runPlan } from './plan.ts'
import { rollbackLine } from './rollback.ts'

export async function run(input: CommandInput): Promise<number> {
  const options = await resolveFor(input, SYNC_OPTIONS, input.args[0])
  if (input.flags.dryRun === true) return (await runPlan(input, options)).exit
  const voice = voiceOf(input)
  const reporter = chooseReporter(voice, input.io)
  try {
    const summary = await sync(
      { ...options, ...repairOf(input.flags) },
      {
        ...runOf(input.io, reporter.event),
        tellsReferences: voice.isVerbose,
        tellsKept: voice.isJson || voice.isVerbose,
      },
    )
    const hint = hasChanges(summary) ? pagesHint(options, input.io.cwd) : undefined
    const undo = summary.previous === undefined ? undefined : `Undo: ${undoLine(summary.previous, input, options)}`
    if (!voice.isJson && !voice.isQuiet) {
      reporter.close()
      for (const line of [hint, undo]) if (line !== undefined) voice.err.write(`${line}\n`)
    }
    return summary.exit
  } finally {
    reporter.close()
  }
}

/** What is left to do, which differs by where the pages went. */
function pagesHint({ delivery, root }: SyncOptions, cwd: string): string | undefined {
  if (delivery.mode === 'host') return `Live: ${delivery.url.href}`
  if (delivery.mode === 'mirror') return undefined
  const folder = pathFrom(cwd, delivery.pages === 'out' ? delivery.dir : root)
  return `Next: put ${folder} on your web server; its pages name the assets at ${delivery.url.href}`
}

/** `rollback` takes as a flag what `sync` takes as its argument, and only pages in place need it. */
function undoLine(release: string, { args, words, io }: CommandInput, { delivery }: SyncOptions): string {
  const [root] = args
  const isInPlace = delivery.mode === 'offload' && delivery.pages !== 'out'
  return rollbackLine(release, { io, words: root !== undefined && isInPlace ? [...words, '--root', root] : words })
}
