import { MENU } from './menu.ts'

export const DESCRIPTION = "Loads a site's static assets onto object storage and a CDN, and points the site at them."

/** What is said of a group of commands. */
export const GROUPS: Readonly<Record<string, string>> = {
  stack: 'a place for a site on AWS, as a template',
  batch: 'images in bulk, on this machine or on a fleet',
}

export const EXIT_CODES = `
Exit codes:
  0 done   1 bug   2 usage or configuration   3 refused by a check
  4 credentials   5 store not reachable   6 some files failed, nothing published
  7 integrity   8 another deploy   10 changes or findings
  129/130/143 stopped`

/** Width of the help where the terminal reports none, in characters. */
export const HELP_WIDTH = 100

/** Narrower columns of text are left to the terminal. */
const NARROWEST = 40

const OPTIONS = [
  ['-V, --version', 'output the version number'],
  ['-h, --help', 'display help for command'],
] as const

/**
 * `lading --help`, as commander prints it, without loading commander, which takes longer than all the rest.
 * @param width in characters
 */
export function frontPage(width: number): string {
  const commands = [...entries(), ['help [command]', 'display help for command'] as const]
  const termWidth = Math.max(...[...OPTIONS, ...commands].map(([term]) => term.length))
  const list = (items: readonly (readonly [string, string])[]): string =>
    items.map(([term, text]) => `  ${term.padEnd(termWidth)}  ${hung(text, width, termWidth + 4)}\n`).join('')
  return `Usage: lading [options] [command]

${hung(DESCRIPTION, width, 0)}

Options:
${list(OPTIONS)}
Commands:
${list(commands)}${EXIT_CODES}
`
}

/** A group stands once, where its first command would. */
function entries(): ReadonlyMap<string, string> {
  return new Map(
    MENU.map(({ name, args, summary }) => {
      const [first = name, ...more] = name.split(' ')
      return more.length > 0 ? [first, GROUPS[first] ?? ''] : [`${name} ${args}`.trim(), summary]
    }),
  )
}

/** Breaks a text at its spaces; every line but the first begins at `indent`. */
function hung(text: string, width: number, indent: number): string {
  if (width - indent < NARROWEST) return text
  let column = indent
  return text.replace(/(^| +)(\S+)/g, (_, space: string, word: string) => {
    column += space.length + word.length
    if (column <= width) return space + word
    column = indent + word.length
    return `\n${' '.repeat(indent)}${word}`
  })
}
