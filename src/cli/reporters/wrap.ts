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
