import { CommanderError } from 'commander'
import type { ErrorEvent } from '../index.ts'
import type { CliIo } from './io.ts'
import { createProgram, SHORT_HELP } from './program.ts'

/**
 * Runs one command line in this process and says its exit code; never throws and never ends the process.
 * The core is imported by the commands, so that `--help` and `--version` answer at once.
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  if (argv.length === 0) {
    io.stderr.write(SHORT_HELP)
    return 2
  }
  let exitCode = 0
  try {
    const program = createProgram(io, argv, (code) => {
      exitCode = code
    })
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    return report(error, argv, io)
  }
}

/** Tells a failure in the voice that the line asks for; the exit code. */
export async function report(error: unknown, argv: readonly string[], given: CliIo): Promise<number> {
  const { errorEvent, renderError } = await import('./reporters/error.ts')
  const { maskedEvent, withoutCredentials } = await import('./masked.ts')
  const io = withoutCredentials(given)
  const event = isAbort(io) ? stopped(io) : error instanceof CommanderError ? usage(error) : errorEvent(error)
  const words = new Set(argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv)
  if (words.has('--json')) {
    const { jsonRecord } = await import('./reporters/json.ts')
    io.stdout.write(jsonRecord(maskedEvent(event, io)))
    return event.exit
  }
  const { createTerminal } = await import('./terminal.ts')
  const terminal = createTerminal(io.stderr, { env: io.env, color: !words.has('--no-color') })
  terminal.write(
    renderError(maskedEvent(event, io), terminal, { isVerbose: words.has('-v') || words.has('--verbose') }),
  )
  return event.exit
}

const isAbort = (io: CliIo): boolean => io.signal?.aborted === true

function stopped(io: CliIo): ErrorEvent {
  const reason: unknown = io.signal?.reason
  const given = reason instanceof Error && 'exitCode' in reason ? reason.exitCode : undefined
  return {
    type: 'error',
    code: 'E_ABORTED',
    message: reason instanceof Error ? reason.message : 'stopped',
    why: 'What was sent stays and is not sent again.',
    fix: 'Run the same command; it goes on.',
    details: [],
    exit: typeof given === 'number' ? given : 130,
  }
}

/** commander's `error: unknown option '--dryrun'\n(Did you mean --dry-run?)` as one of our errors. */
function usage(error: CommanderError): ErrorEvent {
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  return {
    type: 'error',
    code: 'E_USAGE',
    message: first.replace(/^(unknown option '[^'=]*)=.*'$/, "$1'"), // what follows may be an address with a secret
    fix: suggestion === undefined ? 'lading --help lists commands and flags.' : suggestion.replace(/^\((.*)\)$/, '$1'),
    details: [],
    exit: 2,
  }
}
