import { plural, printable, type WarningEvent } from '../../index.ts'
import type { Terminal } from '../terminal.ts'

/** Items of one warning shown without `--verbose`. */
const SHOWN_ITEMS = 5

/** Warnings as a block, for the end of a run: what is read last is remembered. Empty when there are none. */
export function renderWarnings(
  warnings: readonly WarningEvent[],
  terminal: Terminal,
  options: { readonly isVerbose: boolean },
): string {
  if (warnings.length === 0) return ''
  const blocks = warnings.map((warning) => renderWarning(warning, terminal, options.isVerbose))
  return `${terminal.style('yellow', plural(warnings.length, 'warning'))}\n${blocks.join('')}`
}

function renderWarning({ code, message, items, fix }: WarningEvent, terminal: Terminal, isVerbose: boolean): string {
  const { glyphs, style } = terminal
  const shown = isVerbose ? items : items.slice(0, SHOWN_ITEMS)
  const lines = [`  ${style('yellow', `${glyphs.warn} ${code}`)}  ${printable(message)}`]
  for (const item of shown) lines.push(`      ${printable(item)}`)
  if (items.length > shown.length)
    lines.push(`      ${glyphs.ellipsis} and ${items.length - shown.length} more (-v shows all)`)
  if (fix !== undefined) lines.push(`      fix  ${printable(fix)}`)
  return `${lines.join('\n')}\n`
}
