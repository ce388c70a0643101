import type { ErrorEvent } from '../index.ts'
import { runCommand } from './called.ts'
import type { CliIo } from './io.ts'
import { plainLine } from './plain-line.ts'
import { COMMANDS } from './rows.ts'
import { ownCode, reportShort } from './short-report.ts'

/** The help for `lading` without arguments. */
const SHORT_HELP = `Usage: lading <command>

  lading plan dist --to STORE      what would be loaded, and why; writes nothing
  lading sync dist --to STORE      load it
  lading init                      write what stays the same into lading.config
  lading --help                    all commands

STORE is s3://BUCKET/PREFIX or a folder.
`

/**
 * Runs one command line in this process and says its exit code; never throws and never ends the process.
 * The core is imported by the commands, so that a mistake in the line is told at once.
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  if (argv.length === 0) {
    io.stderr.write(SHORT_HELP)
    return 2
  }
  try {
    const called = plainLine(argv, COMMANDS)
    if (called !== undefined) return await runCommand(called, io)
    const { runProgram } = await import('./program.ts')
    return await runProgram(argv, io)
  } catch (error) {
    return report(error, argv, io)
  }
}

interface Reporting {
  /** Whether the command ends with it. @default true */
  readonly isEnd?: boolean
}

/** Reports a failure in the format that the line asks for. Returns the exit code. */
export async function report(
  error: unknown,
  argv: readonly string[],
  given: CliIo,
  how: Reporting = {},
): Promise<number> {
  try {
    return await reportWhole(error, { argv, given, ...how })
  } catch (reason) {
    return reportShort(isAbort(given) ? stopped(given, argv) : ownCode(error), { reason, argv, io: given })
  }
}

interface Failed extends Reporting {
  readonly argv: readonly string[]
  readonly given: CliIo
}

async function reportWhole(error: unknown, { argv, given, isEnd }: Failed): Promise<number> {
  const event = await failureOf(error, argv, given)
  const { withoutCredentials } = await import('./masked.ts')
  const io = withoutCredentials(given)
  const words = new Set(argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv)
  if (words.has('--json')) {
    const { jsonRecord } = await import('./reporters/json.ts')
    const { isActions, withoutCommandsInJson } = await import('./ci/commands.ts')
    const record = jsonRecord(event)
    io.stdout.write(isActions(io.env) ? withoutCommandsInJson(record) : record)
    return event.exit
  }
  const { createTerminal } = await import('./terminal.ts')
  const terminal = createTerminal(io.stderr, { env: io.env, color: !words.has('--no-color') })
  const { renderError } = await import('./reporters/error.ts')
  const isVerbose = words.has('-v') || words.has('--verbose')
  terminal.write(renderError(event, terminal, { isVerbose, isEnd }))
  return event.exit
}

/** A failure as it is told: masked, and with a line to copy that names the same places. @internal */
export async function failureOf(error: unknown, argv: readonly string[], io: CliIo): Promise<ErrorEvent> {
  const [{ errorEvent }, { maskedEvent }, { placed }] = await Promise.all([
    import('./reporters/error.ts'),
    import('./masked.ts'),
    import('./placed.ts'),
  ])
  const found = isAbort(io) ? stopped(io, argv) : errorEvent(error)
  return maskedEvent({ ...found, fix: found.fix && placed(found.fix, argv, io.env) }, io)
}

const isAbort = (io: CliIo): boolean => io.signal?.aborted === true

/**
 * Commands that do nothing but print. Every other one goes on without a reader, and its exit code stays the truth.
 */
const PRINTERS = ['', 'plan', 'explain', 'releases', 'verify', 'policy', 'stack', 'config', 'completion']

/** Commands that put nothing into a store. */
const LOCAL = [...PRINTERS, 'report', 'estimate', 'favicon', 'init', 'serve']

/** Verbs of `lading batch` that put nothing into a store. */
const LOCAL_OF_BATCH = ['estimate', 'simulate', 'repro', 'dlq', 'stack', 'pack']

/** @internal */
export const isOnlyForReaders = (argv: readonly string[]): boolean => PRINTERS.includes(commandOf(argv))

const commandOf = (argv: readonly string[]): string => argv.find((word) => !word.startsWith('-')) ?? ''

function isLocal(argv: readonly string[]): boolean {
  const [command = '', verb = ''] = argv.filter((word) => !word.startsWith('-'))
  return LOCAL.includes(command) || (command === 'batch' && LOCAL_OF_BATCH.includes(verb))
}

function stopped(io: CliIo, argv: readonly string[]): ErrorEvent {
  const reason: unknown = io.signal?.reason
  const given = reason instanceof Error && 'exitCode' in reason ? reason.exitCode : undefined
  return {
    type: 'error',
    code: 'E_ABORTED',
    message: reason instanceof Error ? reason.message : 'stopped',
    ...(isLocal(argv)
      ? { fix: 'Run the same command again.' }
      : { why: 'What was sent stays and is not sent again.', fix: 'Run the same command; it goes on.' }),
    details: [],
    exit: typeof given === 'number' ? given : 130,
  }
}
