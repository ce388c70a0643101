import { type ErrorEvent, LadingError, plural, printable } from '../../index.ts'
import type { Terminal } from '../terminal.ts'

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
  const lines = [`${style('red', `${glyphs.fail} ${style('bold', event.code)}`)}  ${printable(event.message)}`]
  const shown = options.isVerbose ? event.details : event.details.slice(0, SHOWN_DETAILS)
  if (shown.length > 0) lines.push('', ...shown.map((detail) => `    ${printable(detail)}`))
  const hidden = event.details.length - shown.length
  if (hidden > 0) lines.push(`    ${glyphs.ellipsis} and ${plural(hidden, 'more', 'more')} (-v shows all)`)
  if (shown.length > 0) lines.push('')
  if (event.subject !== undefined) lines.push(field('on', event.subject, terminal))
  if (event.why !== undefined) lines.push(field('why', event.why, terminal))
  if (event.fix !== undefined) lines.push(field('fix', event.fix, terminal))
  if (options.isEnd ?? true) lines.push(`  ${style('dim', `exit ${event.exit}`)}`)
  return `${lines.join('\n')}\n`
}

/** Lines after the first stand below it. */
function field(name: string, text: string, { style }: Terminal): string {
  const [first = '', ...rest] = text.split('\n').map(printable)
  return [`  ${style('bold', name.padEnd(3))}  ${first}`, ...rest.map((line) => `       ${line}`)].join('\n')
}
