import { resolve } from 'node:path'
import {
  LadingError,
  type LadingEvent,
  maskAddress,
  type PlannedOptions,
  plan,
  printable,
  type SavingOptions,
  type Summary,
  type SyncOptions,
  shellWord,
} from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { shellLine } from '../next-line.ts'
import { PLAN_OPTIONS } from '../options.ts'
import { isPlanName } from '../plan-name.ts'
import { createJsonReporter } from '../reporters/json.ts'
import { hasChanges } from '../reporters/lines.ts'
import { createPlanReport } from '../reporters/plan.ts'
import { quietReporter, type Reporter } from '../reporters/reporter.ts'
import { chooseReporter, repairOf, resolveFor, runOf, type Voice, voiceOf } from '../session.ts'

/** `--detailed-exitcode`: there is something to do. */
const PENDING = 10

export async function run(input: CommandInput): Promise<number> {
  refusePlan(input)
  const saveTo = saveToOf(input)
  const options = await resolveFor(input, PLAN_OPTIONS, input.args[0])
  const summary = await runPlan(input, { ...options, saveTo })
  return input.flags.detailedExitcode === true && summary.exit === 0 && hasChanges(summary) ? PENDING : summary.exit
}

/** @throws E_USAGE where the folder with the site is none, but a saved plan */
function refusePlan(input: CommandInput): void {
  const [root] = input.args
  if (root === undefined || !isPlanName(root, input.io.cwd)) return
  throw new LadingError('E_USAGE', `"${printable(maskAddress(root))}" is no folder with a site`, {
    hint: `To see whether that plan still holds: ${shellLine('sync', [...sharedWords(input), '--dry-run'], input.io.env)}`,
  })
}

/** Where the plan is kept; absolute. @throws E_USAGE */
function saveToOf({ flags, io }: CommandInput): string | undefined {
  const { save, out } = flags
  if (typeof out === 'string' && isPlanName(out, io.cwd)) {
    throw new LadingError('E_USAGE', '--out names the folder that the pages are written to, and keeps no plan', {
      hint: `Write --save ${shellWord(out)} to keep the plan there.`,
    })
  }
  if (typeof save !== 'string') return undefined
  if (save.endsWith('.json')) return resolve(io.cwd, save)
  throw new LadingError('E_USAGE', 'the name of a saved plan ends with .json', {
    hint: `Write --save ${shellWord(`${save || 'plan'}.json`)}; lading sync takes any other name for that of a folder.`,
  })
}

/** Plans and prints; `sync --dry-run` comes through here too. */
export async function runPlan(
  input: CommandInput,
  options: SyncOptions & PlannedOptions & SavingOptions,
): Promise<Summary> {
  const voice = voiceOf(input)
  const reporter = planReporterFor(voice, input, 'sync')
  try {
    return await plan(
      { ...options, ...repairOf(input.flags) },
      {
        ...runOf(input.io, reporter.event),
        tellsReferences: voice.isVerbose,
      },
    )
  } finally {
    reporter.close()
  }
}

/** Says what would happen. `command` is the one that does it. */
export function planReporterFor(voice: Voice, input: CommandInput, command: string): Reporter {
  if (voice.isJson) return createJsonReporter(input.io.stdout)
  return voice.isQuiet ? quietReporter : planReporter(voice, input, command)
}

/** The plan goes to stdout; meanwhile stderr shows progress at a terminal, and elsewhere what keeps it waiting. */
function planReporter(voice: Voice, input: CommandInput, command: string): Reporter {
  const report = createPlanReport({
    terminal: voice.out,
    isVerbose: voice.isVerbose,
    cwd: input.io.cwd,
    next: nextCommand(command, input),
  })
  return beside(report, chooseReporter(voice, input.io, true))
}

/** What is told while the plan is made: the plan itself says the rest. */
const PASSING: ReadonlySet<LadingEvent['type']> = new Set(['start', 'phase', 'retry', 'wait'])

/** What passes, until the report says the result; both may be the same terminal. */
function beside(report: Reporter, passing: Reporter): Reporter {
  return {
    event: (event) => {
      if (event.type === 'summary') passing.close()
      report.event(event)
      // once the plan stands nothing else is begun: it is only checked and kept
      const isPlanned = event.type === 'phase' && event.phase === 'plan'
      if (PASSING.has(event.type) && !isPlanned) passing.event(event)
    },
    close: passing.close,
  }
}

/** The same line with the command that does it, and with the plan where it was kept. */
function nextCommand(command: string, input: CommandInput): string {
  const { flags, io } = input
  const others = sharedWords(input)
  return shellLine(command, typeof flags.save === 'string' ? [...others, flags.save] : others, io.env)
}

/** The words of the line that a deploy takes as well. */
function sharedWords({ words }: CommandInput): string[] {
  return words.filter(
    (word, at) => !/^--(?:detailed-exitcode|dry-run|save(?:=.*)?)$/s.test(word) && words[at - 1] !== '--save',
  )
}
