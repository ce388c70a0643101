import { setMaxListeners } from 'node:events'
import { EXIT, LadingError, watchSite } from '../../index.ts'
import type { CommandInput, Flags } from '../io.ts'
import { SYNC_OPTIONS } from '../options.ts'
import { jsonSummary } from '../reporters/json.ts'
import { hasChanges, pathFrom } from '../reporters/lines.ts'
import { watchReport } from '../reporters/watch.ts'
import { report } from '../run.ts'
import { resolveFor, runOf, voiceOf } from '../session.ts'
import { stoppedBy } from '../stopped.ts'
import { type Arguments, pagesHint } from './sync.ts'

/** `sync --watch`. */
export async function runWatching(input: CommandInput, { root, planned }: Arguments): Promise<number> {
  refuseOnce(input.flags, planned)
  const { io } = input
  const options = await resolveFor(input, SYNC_OPTIONS, root)
  const voice = voiceOf(input)
  const reporter = watchReport({ voice, io, folder: pathFrom(io.cwd, options.root) })
  const runs = { ended: 0, failed: 0, isLastOk: true, isHinted: false }
  const run = runOf(io, reporter.event)
  /** Whoever started this for its records has gone, perhaps without a word to it. */
  const unread = new AbortController()
  const signal = AbortSignal.any([unread.signal, ...(run.signal === undefined ? [] : [run.signal])])
  setMaxListeners(0, signal) // every request under way listens
  try {
    await watchSite(options, {
      ...run,
      signal,
      tellsReferences: voice.isVerbose,
      tellsKept: voice.isVerbose,
      async onRun(ended) {
        reporter.close()
        runs.ended += 1
        runs.isLastOk = !('error' in ended)
        if ('error' in ended) {
          runs.failed += 1
          await report(ended.error, ['sync', ...input.words], io, { isEnd: false })
        } else if (!runs.isHinted && hasChanges(ended.summary)) {
          runs.isHinted = true
          const hint = pagesHint(options, io.cwd)
          if (hint !== undefined && !voice.isJson && !voice.isQuiet) voice.err.write(`${hint}\n`)
        }
        if (voice.isJson && io.stdout.isRead === false) unread.abort()
      },
    })
  } finally {
    reporter.close()
  }
  const exit = unread.signal.aborted ? EXIT.ok : stoppedBy(io.signal)
  if (voice.isJson) io.stdout.write(jsonSummary({ ok: runs.isLastOk, exit, runs: runs.ended, failed: runs.failed }))
  return exit
}

interface Once {
  readonly flag: string
  readonly why: string
  readonly hint: string
}

/** What a watch has no place for, by the name of the flag. */
const ONCE: Readonly<Record<string, Once>> = {
  dryRun: {
    flag: '--dry-run',
    why: 'A dry run deploys nothing.',
    hint: 'Leave one of them out; lading plan says what would be done.',
  },
  repair: {
    flag: '--repair',
    why: 'It looks at every object in the store, and would at each change.',
    hint: 'Run it once without --watch.',
  },
  summary: { flag: '--summary', why: 'It is a page about one run.', hint: 'Leave one of them out.' },
}

/** @throws E_USAGE for what is done once, or not at all */
function refuseOnce(flags: Flags, planned: string | undefined): void {
  if (planned !== undefined) {
    throw new LadingError('E_USAGE', '--watch does not go with a saved plan', {
      why: 'A plan is carried out once.',
      hint: 'Leave one of them out.',
    })
  }
  for (const [name, { flag, why, hint }] of Object.entries(ONCE)) {
    const given = flags[name]
    if (given !== undefined && given !== false) {
      throw new LadingError('E_USAGE', `--watch does not go with ${flag}`, { why, hint })
    }
  }
}
