import type { Terminal } from '../terminal.ts'
import { columnsOf } from './columns.ts'

/** Columns of a text for people where the terminal does not say. */
const COLUMNS = 80

const widthOf = (columns: number): number => (columns > 0 ? Math.min(columns, 100) : COLUMNS)

/** Words in lines of at most so many columns; a longer word has a line of its own. */
export function wrap(text: string, columns: number): string {
  const width = widthOf(columns)
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return `${lines.join('\n')}\n`
}

/** A shell command; a long one has one option per line, and is still one command when it is copied. */
export function wrapCommand(command: string, columns: number): string {
  return command.length + 2 <= widthOf(columns) ? command : command.split(/ (?=--)/).join(' \\\n    ')
}

/** A line to copy, as it ends a sentence; with a comma or semicolon in it, the sentence goes on. */
const TO_COPY = `(?<=: )(?:npx |pnpm exec )?(?:lading|npm|aws|curl) (?:'[^']*'|\\\\'|,(?=\\S)|[^,;'])+$`

/** What stays on one line: a line to copy, what is quoted as one, a command or flag with its next word, any other word. */
const UNITS = new RegExp(String.raw`(\s*)(${TO_COPY}|\`[^\`]+\`\S*|"[^"]*"\S*|(?:lading|--[a-z-]+) \S+|\S+)`, 'g')

// biome-ignore lint/suspicious/noControlCharactersInRegex: what styles a text begins with one
const STYLES = /\x1b\[[\d;]*m/g

/**
 * A line as a terminal shows it without breaking it: what does not fit goes on behind `indent` blanks. A unit that is
 * longer than the terminal is wide stays whole. The last column stays free: some terminals wrap when it is written.
 */
export function hanging(line: string, indent: number, { lineWidth }: Pick<Terminal, 'lineWidth'>): string {
  if (line.length < lineWidth && columnsOf(line) < lineWidth) return line
  const lines: string[] = []
  let now = ''
  let width = 0
  for (const [, blanks = '', unit = ''] of line.matchAll(UNITS)) {
    const columns = columnsOf(unit.replace(STYLES, ''))
    if (width > indent && width + blanks.length + columns >= lineWidth) {
      lines.push(now)
      now = ' '.repeat(indent) + unit
      width = indent + columns
    } else {
      now += blanks + unit
      width += blanks.length + columns
    }
  }
  return [...lines, now].join('\n')
}
