import type { CalledCommand } from './called.ts'
import type { Flags } from './io.ts'
import { attributeOf, type OptionRow } from './option-rows.ts'
import type { CommandRow } from './rows.ts'

/**
 * Parses a command line that is written out in full: a command, its own flags, each value a word of its own. Most lines
 * are, and need no commander, which takes as long to load as the rest of a run that finds nothing to do. For any other
 * line, valid or not, it returns `undefined`: commander parses or refuses that.
 */
export function plainLine(argv: readonly string[], commands: readonly CommandRow[]): CalledCommand | undefined {
  const row = calledRow(argv, commands)
  if (row === undefined) return undefined
  const words = argv.slice(row.name.split(' ').length)
  const read = readWords(words, row.options)
  if (read === undefined || !isNumberOfArgs(row.args, read.args.length)) return undefined
  return { row, ...read, words }
}

/** The command that a line begins with. */
export function calledRow(argv: readonly string[], commands: readonly CommandRow[]): CommandRow | undefined {
  return commands.find(({ name }) => name.split(' ').every((word, index) => argv[index] === word))
}

function readWords(
  words: readonly string[],
  rows: readonly OptionRow[],
): { readonly args: readonly string[]; readonly flags: Flags } | undefined {
  const args: string[] = []
  const flags = defaults(rows)
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (!word.startsWith('-')) {
      args.push(word)
      continue
    }
    const row = rows.find(({ flags }) => namesOf(flags).includes(word))
    if (row === undefined) return undefined
    const name = attributeOf(row)
    if (!row.flags.includes('<')) flags[name] = !word.startsWith('--no-')
    else {
      const value = words[++at]
      if (value === undefined || value.startsWith('-')) return undefined
      flags[name] = given(row, value, flags[name])
    }
  }
  return { args, flags }
}

/** `-v, --verbose` and `--to <store>` as they are written on a line. */
const namesOf = (flags: string): string[] => flags.replace(/ <.*/, '').split(', ')

/** A flag that exists only as `--no-...` is true by default. */
function defaults(rows: readonly OptionRow[]): Record<string, unknown> {
  const names = rows.flatMap(({ flags }) => namesOf(flags))
  const standing = rows.filter(
    ({ flags }) => flags.startsWith('--no-') && !names.includes(flags.replace('--no-', '--')),
  )
  return Object.fromEntries(standing.map((row) => [attributeOf(row), true]))
}

/** What is given for a flag, as the program keeps it. `before`: what was given for it so far. */
export function given({ value }: OptionRow, text: string, before: unknown): unknown {
  if (value === 'number') return numberOrText(text)
  if (value === 'list') return [...(Array.isArray(before) ? before : []), text]
  return text
}

/** What is no number stays as it was written, for the message that refuses it. */
const numberOrText = (text: string): number | string =>
  text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)

/** `<from> [to]`: one or two. */
function isNumberOfArgs(args: string, count: number): boolean {
  const declared = args === '' ? [] : args.split(' ')
  return count <= declared.length && count >= declared.filter((arg) => arg.startsWith('<')).length
}
