import { type ErrorEvent, LadingError, plural, printable } from '../../index.ts'
import type { Terminal } from '../terminal.ts'
import { hanging } from './wrap.ts'

/** Details shown without `--verbose`. */
const SHOWN_DETAILS = 20

/** Any failure as a record. What is no LadingError is a bug of ours and keeps its stack. */
export function errorEvent(error: unknown): ErrorEvent {
  if (error instanceof LadingError) {
    const { code, message, subject, why, hint, details, exitCode } = error
    return { type: 'error', code, message, subject, why, fix: hint, details, exit: exitCode }
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  return {
    type: 'error',
    code: 'E_BUG',
    message,
    why: 'Lading did not expect this; it is a bug.',
    fix: 'Report it with the lines above and the command.',
    details: stack
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .map((line) => line.trim()),
    exit: 1,
  }
}

interface ErrorOptions {
  readonly isVerbose: boolean
  /** Whether the command ends with it, with its exit code. @default true */
  readonly isEnd?: boolean | undefined
}

/**
 *   ✖ E_CODE  what
 *
 *       the single items
 *
 *     on   what it concerns
 *     why  the reason
 *     fix  what to do next
 *                                exit 3
 */
export function renderError(event: ErrorEvent, terminal: Terminal, options: ErrorOptions): string {
  const { glyphs, style } = terminal
  const head = style('red', `${glyphs.fail} ${style('bold', event.code)}`)
  const lines = [hanging(`${head}  ${printable(event.message)}`, 2, terminal)]
  const shown = options.isVerbose ? event.details : event.details.slice(0, SHOWN_DETAILS)
  if (shown.length > 0) lines.push('', ...shown.map((detail) => item(printable(detail), terminal)))
  const hidden = event.details.length - shown.length
  if (hidden > 0) lines.push(`    ${glyphs.ellipsis} and ${plural(hidden, 'more', 'more')} (-v shows all)`)
  if (shown.length > 0) lines.push('')
  if (event.subject !== undefined) lines.push(field('on', event.subject, terminal))
  if (event.why !== undefined) lines.push(field('why', event.why, terminal))
  if (event.fix !== undefined) lines.push(field('fix', event.fix, terminal))
  if (options.isEnd ?? true) lines.push(`  ${style('dim', `exit ${event.exit}`)}`)
  return `${lines.join('\n')}\n`
}

/** A line of a program stays as it is: the mark below it points at a column. */
const PROGRAM_LINE = /^ *\d* \| /

const item = (text: string, terminal: Terminal): string =>
  PROGRAM_LINE.test(text) ? `    ${text}` : hanging(`    ${text}`, 6, terminal)

/** Lines after the first stand below it. */
function field(name: string, text: string, terminal: Terminal): string {
  const [first = '', ...rest] = text.split('\n').map(printable)
  const lines = [`  ${terminal.style('bold', name.padEnd(3))}  ${first}`, ...rest.map((line) => `       ${line}`)]
  return lines.map((line) => hanging(line, 7, terminal)).join('\n')
}
