import { LadingError, printable } from '../index.ts'
import { calledRow } from './plain-line.ts'
import { COMMANDS } from './rows.ts'

/** What commander would pass over, or take for something else. @throws E_USAGE */
export function refuseLine(argv: readonly string[], likeCommand: (name: string) => string | undefined): void {
  refuseHelpOfNothing(argv, likeCommand)
  refuseSwallowedFlags(argv)
}

/** commander shows the general help, as if nothing were wrong. */
function refuseHelpOfNothing(argv: readonly string[], likeCommand: (name: string) => string | undefined): void {
  const [word = '', second = ''] = argv
  if (word === 'help' || word.startsWith('-') || !argv.some((other) => other === '--help' || other === '-h')) return
  const isGroup = COMMANDS.some(({ name }) => name.startsWith(`${word} `))
  const called = isGroup && second !== '' && !second.startsWith('-') ? `${word} ${second}` : word
  if (COMMANDS.some(({ name }) => name === called || name.startsWith(`${called} `))) return
  const guess = likeCommand(called)
  const list = called === word ? 'lading --help' : `lading ${word} --help`
  throw new LadingError('E_USAGE', `unknown command '${printable(called === word ? word : second)}'`, {
    hint:
      guess === undefined ? `${list} lists ${called === word ? 'the commands' : 'them'}.` : `Did you mean ${guess}?`,
  })
}

/**
 * A value that is missing, as where a variable of a script was empty: commander takes the next word for it, whatever it
 * says. `--to --dry-run` would be a deploy into a folder of that name.
 */
function refuseSwallowedFlags(argv: readonly string[]): void {
  const options = calledRow(argv, COMMANDS)?.options ?? []
  const names = (flags: string): readonly string[] => flags.replace(/ <.*/, '').split(', ')
  const isFlag = (word: string): boolean => options.some(({ flags }) => names(flags).includes(word.replace(/=.*/s, '')))
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length
  for (const [at, word] of argv.slice(0, end).entries()) {
    const row = options.find(({ flags }) => flags.includes('<') && names(flags).includes(word))
    const value = argv[at + 1]
    if (row === undefined || (value !== undefined && !isFlag(value))) continue
    const flag = value?.replace(/=.*/s, '')
    throw new LadingError('E_USAGE', `${word} has no value`, {
      why: flag === undefined ? undefined : `${flag} behind it is a flag of its own.`,
      hint: `Write it behind ${word}${flag === value && value !== undefined ? `, or ${word}=${value} if that is meant` : ''}.`,
    })
  }
}
