// Workflow commands of GitHub Actions: lines of a step's output that the runner obeys. Forgejo and Gitea have taken
// them over. https://github.com/actions/runner, src/Runner.Common/ActionCommand.cs

/** The runner obeys `::name::` at the start of a line, white space aside, and the older `##[name]` anywhere in it. */
const OBEYED = /^([\s\x85]*):(?=:)|##(?=\[)/gm

/** Whether a runner of GitHub Actions, or one that is compatible, reads what is written. */
export const isActions = (env: Readonly<Record<string, string | undefined>>): boolean => env.GITHUB_ACTIONS === 'true'

/** A text that no runner obeys: files, servers and configurations may be called anything. */
export function withoutCommands(text: string): string {
  return text.replace(OBEYED, (_, space: string | undefined) => (space === undefined ? '# #' : `${space}\\:`))
}

/** The same of a line of JSON, which stays the same value. */
export const withoutCommandsInJson = (line: string): string => line.replaceAll('##[', String.raw`#\u0023[`)

/** Where in the repository something is. */
export interface Place {
  /** From the repository's root. */
  readonly file: string
  /** 1-based. */
  readonly line?: number | undefined
  readonly column?: number | undefined
}

/** A remark that the platform shows beside the run, and beside the line of a file. */
export interface Annotation {
  readonly kind: 'error' | 'warning'
  readonly title: string
  readonly message: string
  readonly place?: Place | undefined
}

/** The command for it, a line. */
export function annotationLine({ kind, title, message, place }: Annotation): string {
  const { file, line, column } = place ?? {}
  const properties = Object.entries({ file, line, col: column, title }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${escapedProperty(String(value))}`],
  )
  return `::${kind} ${properties.join(',')}::${escapedData(message)}\n`
}

const escapedData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const escapedProperty = (text: string): string => escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
