import { plural, printable, type WarningEvent } from '../../index.ts'
import type { Terminal } from '../terminal.ts'
import { hanging } from './wrap.ts'

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
  const lines = [hanging(`  ${style('yellow', `${glyphs.warn} ${code}`)}  ${printable(message)}`, 6, terminal)]
  for (const item of shown) lines.push(hanging(`      ${printable(item)}`, 8, terminal))
  if (items.length > shown.length)
    lines.push(`      ${glyphs.ellipsis} and ${items.length - shown.length} more (-v shows all)`)
  if (fix !== undefined) lines.push(hanging(`      fix  ${printable(fix)}`, 11, terminal))
  return `${lines.join('\n')}\n`
}
