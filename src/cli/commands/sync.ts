import { resolve } from 'node:path'
import {
  type LadingConfig,
  LadingError,
  maskAddress,
  printable,
  type SyncOptions,
  shellWord,
  sync,
} from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { SYNC_OPTIONS } from '../options.ts'
import { isPlanName } from '../plan-name.ts'
import { hasChanges, pathFrom } from '../reporters/lines.ts'
import { hanging } from '../reporters/wrap.ts'
import { chooseReporter, repairOf, resolveFor, runOf, voiceOf } from '../session.ts'
import { runPlan } from './plan.ts'
import { rollbackLine } from './rollback.ts'

export async function run(input: CommandInput): Promise<number> {
  const { root, planned } = argumentsOf(input)
  if (input.flags.watch === true) return (await import('./sync-watch.ts')).runWatching(input, { root, planned })
  const options = { ...(await resolveFor(input, SYNC_OPTIONS, root, storeBeside(planned, input.io.cwd))), planned }
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
    const undo =
      summary.previous === undefined
        ? undefined
        : `Undo: ${undoLine(summary.previous, input, { ...options, given: root })}`
    if (!voice.isJson && !voice.isQuiet) {
      reporter.close()
      for (const line of [hint, undo]) if (line !== undefined) voice.err.write(`${hanging(line, 6, voice.err)}\n`)
    }
    return summary.exit
  } finally {
    reporter.close()
  }
}

/** What is left to do, which differs by where the pages went. */
export function pagesHint({ delivery, root }: SyncOptions, cwd: string): string | undefined {
  if (delivery.mode === 'host') return `Live: ${delivery.url.href}`
  if (delivery.mode === 'mirror') return undefined
  const folder = pathFrom(cwd, delivery.pages === 'out' ? delivery.dir : root)
  return `Next: put ${folder} on your web server; its pages name the assets at ${delivery.url.href}`
}

export interface Arguments {
  readonly root: string | undefined
  /** Absolute. */
  readonly planned: string | undefined
}

/** `[root] [plan]`, of which the plan may stand alone: a folder is never taken for one. @throws E_USAGE */
function argumentsOf({ args, io }: CommandInput): Arguments {
  const [first, second] = args
  const given = second ?? first
  if (given !== undefined && isPlanName(given, io.cwd))
    return { root: second === undefined ? undefined : first, planned: resolve(io.cwd, given) }
  if (second === undefined) return { root: first, planned: undefined }
  throw new LadingError(
    'E_USAGE',
    `"${printable(maskAddress(second))}" is no saved plan: the name of one ends with .json`,
    {
      hint: 'Write lading sync [options] [root] [plan]; lading sync --help lists its flags.',
    },
  )
}

/** Whoever has a plan may take it for the whole order. @returns what throws E_USAGE where it stands without a store */
function storeBeside(planned: string | undefined, cwd: string): (config: LadingConfig) => void {
  return ({ to }) => {
    if (planned === undefined || to !== undefined) return
    const plan = pathFrom(cwd, planned)
    throw new LadingError('E_USAGE', 'no store was given, and a saved plan chooses none', {
      subject: plan,
      why: 'The plan is held against what the folder, the store and the options of the line give now.',
      hint: `Repeat those that it was made with, as the last line of lading plan does: lading sync dist --to STORE ${shellWord(plan)}`,
    })
  }
}

/** `rollback` takes as a flag what `sync` takes as its argument, and only pages in place need it. */
function undoLine(
  release: string,
  { words, io }: CommandInput,
  { delivery, given: root }: SyncOptions & { readonly given: string | undefined },
): string {
  const isInPlace = delivery.mode === 'offload' && delivery.pages !== 'out'
  return rollbackLine(release, { io, words: root !== undefined && isInPlace ? [...words, '--root', root] : words })
}
