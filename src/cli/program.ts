import { Command, CommanderError, Option } from 'commander'
import { closest, LadingError, printable, VERSION } from '../index.ts'
import { type CalledCommand, runCommand } from './called.ts'
import { DESCRIPTION, EXIT_CODES, GROUPS, HELP_WIDTH } from './front-page.ts'
import type { CliIo, Flags } from './io.ts'
import type { OptionRow } from './option-rows.ts'
import { calledRow, given } from './plain-line.ts'
import { refuseLine } from './refuse-line.ts'
import { COMMANDS } from './rows.ts'

/**
 * Reads a line as commander does, prints the help that it asks for, and runs what it calls.
 * @returns the exit code
 * @throws E_USAGE
 */
export async function runProgram(argv: readonly string[], io: CliIo): Promise<number> {
  refuseLine(argv, commandLike)
  let exitCode = 0
  const program = createProgram(io, argv, async (called) => {
    exitCode = await runCommand(called, io)
  })
  try {
    await program.parseAsync(helpLine(argv), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0) throw usage(error, argv)
  }
  return exitCode
}

/** `help batch submit` is `batch submit --help`, which commander does for one word only. @throws E_USAGE */
function helpLine(argv: readonly string[]): string[] {
  const [first, ...words] = argv
  if (first !== 'help' || words.length === 0 || words.some((word) => word.startsWith('-'))) return [...argv]
  const name = words.join(' ')
  if (COMMANDS.some((row) => row.name === name || row.name.startsWith(`${name} `))) return [...words, '--help']
  const guess = commandLike(name)
  throw new LadingError('E_USAGE', `there is no command "${printable(name)}"`, {
    hint: guess === undefined ? 'lading --help lists the commands.' : `Did you mean: lading help ${guess}`,
  })
}

/** One of nearly that name, in the same group. */
function commandLike(name: string): string | undefined {
  const group = name.slice(0, name.lastIndexOf(' ') + 1)
  const names = COMMANDS.filter((row) => row.name.startsWith(group)).map((row) => row.name.slice(group.length))
  const guess = closest(name.slice(group.length), names)
  return guess && `${group}${guess}`
}

/**
 * The commands as commander reads them. `call` gets the one that the line calls.
 *
 * @internal
 */
export function createProgram(
  io: CliIo,
  argv: readonly string[],
  call: (called: CalledCommand) => void | Promise<void>,
): Command {
  const program = new Command('lading')
    .description(DESCRIPTION)
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: () => undefined, // errors are rendered by the caller, once
      getOutHelpWidth: () => io.stdout.columns || HELP_WIDTH,
    })
    .addHelpText('after', EXIT_CODES)
  for (const row of COMMANDS) {
    const [last = '', ...group] = row.name.split(' ').reverse()
    const command = groupOf(program, group[0]).command(`${last} ${row.args}`.trim())
    command.summary(row.summary).description(row.summary)
    // Options are created only for commands that the line names: creating them all takes 5 ms.
    if (argv.includes(last)) for (const option of row.options) command.addOption(commanderOption(option))
    command.action(() => {
      const words = argv.slice(argv.indexOf(last) + 1)
      return call({ row, args: command.args, flags: command.opts<Flags>(), words })
    })
  }
  return program
}

/** commander's `error: unknown option '--dryrun'\n(Did you mean --dry-run?)` as one of our errors. */
function usage(error: CommanderError, argv: readonly string[]): LadingError {
  if (error.code === 'commander.help') {
    return new LadingError('E_USAGE', 'a command of the group is missing', { hint: whereListed(argv) })
  }
  const [said = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const [, flag] = /^unknown option '(--[^'=]*)/.exec(said) ?? []
  const options = calledRow(argv, COMMANDS)?.options ?? []
  if (flag !== undefined && options.some(({ flags }) => flags.split(', ').includes(flag))) {
    return new LadingError('E_USAGE', `option '${flag}' takes no value`, { hint: `Write ${flag} alone.` })
  }
  // what follows may be an address with a secret
  return new LadingError('E_USAGE', said.replace(/^(unknown option '[^'=]*)=.*'$/, "$1'"), {
    hint: usageHint({ argv, flag, suggestion, mistake: ARGUMENTS[error.code] }),
  })
}

const ARGUMENTS: Readonly<Record<string, Mistake['mistake']>> = {
  'commander.missingArgument': 'too few',
  'commander.excessArguments': 'too many',
}

/** What was written, and what commander says of it. */
interface Mistake {
  readonly argv: readonly string[]
  readonly flag: string | undefined
  readonly suggestion: string | undefined
  /** In the number of arguments, if it is one. */
  readonly mistake: 'too few' | 'too many' | undefined
}

function usageHint({ argv, flag, suggestion, mistake }: Mistake): string {
  if (argv[0]?.startsWith('-')) return 'Flags stand behind the command: lading sync dist --verbose'
  const row = calledRow(argv, COMMANDS)
  if (flag === '--root' && row?.args.startsWith('[root]')) return `The folder stands alone: lading ${row.name} dist`
  if (mistake === 'too many' && row?.options.some(({ flags }) => flags.startsWith('--root '))) {
    const words = row.args.replace(/\W/g, '').toUpperCase()
    return `The folder stands behind --root: ${['lading', row.name, words].join(' ').trim()} --root dist`
  }
  if (suggestion !== undefined) return suggestion.replace(/^\((.*)\)$/, '$1')
  if (row === undefined) return whereListed(argv)
  const flags = `lading ${row.name} --help lists its flags.`
  return mistake !== undefined
    ? `Write ${[`lading ${row.name} [options]`, row.args].join(' ').trim()}; ${flags}`
    : flags
}

/** Where the commands that could be meant are listed. */
function whereListed([first = '']: readonly string[]): string {
  return Object.hasOwn(GROUPS, first)
    ? `lading ${first} --help lists them.`
    : 'lading --help lists the commands, lading COMMAND --help the flags of one.'
}

function groupOf(program: Command, name: string | undefined): Command {
  if (name === undefined) return program
  const known = program.commands.find((command) => command.name() === name)
  return known ?? program.command(name).description(GROUPS[name] ?? '')
}

function commanderOption(row: OptionRow): Option {
  const option = new Option(row.flags, row.help)
  if (row.value !== undefined) option.argParser((text, before: unknown) => given(row, text, before))
  return option
}
