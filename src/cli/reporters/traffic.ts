import {
  countOf,
  formatBytes,
  formatCount,
  formatDollars,
  formatShare,
  type ProgressEvent,
  periodText,
  plural,
  printable,
  type Traffic,
  type TrafficReport,
} from '../../index.ts'
import type { Terminal } from '../terminal.ts'
import { columnsOf, fitting } from './columns.ts'
import { wrap } from './wrap.ts'

/** Columns of the table; a wider terminal shows more of long names. */
const COLUMNS = 80

/** The whole answer: what was counted, the table, its price, and what stands out. */
export function reportText(found: TrafficReport, terminal: Terminal): string {
  return [headText(found), tableText(found, terminal) + siteText(found), costText(found), remarksText(found, terminal)]
    .filter((part) => part !== '')
    .join('\n')
}

function headText({ requests, bytes, statuses, lines, files, ...found }: TrafficReport): string {
  const shares = statuses.map(({ status, requests: count }) => `${status} ${formatShare(count, requests)}`)
  const { unreadable } = lines
  const all = lines.requests + lines.notes + unreadable
  const read = `${plural(files, 'log')}, ${countOf(all, 'line')}`
  const not = unreadable === 0 ? '' : `, ${formatCount(unreadable)} of them unreadable`
  return [
    ...(requests === 0 ? [] : [periodText(found)]),
    `${countOf(requests, 'request')}, ${formatBytes(bytes)}  (${read}${not})`,
    ...(shares.length === 0 ? [] : [shares.join('  ')]),
    '',
  ].join('\n')
}

/** Names come last: they may be long, and wide. */
function tableText({ rows, bytes, costs, site }: TrafficReport, terminal: Terminal): string {
  const [first] = costs
  if (rows.length === 0 || first === undefined) return ''
  const { id, name } = first.tariff
  const cells = rows.map((row) => [
    formatCount(row.requests),
    formatBytes(row.bytes),
    formatShare(row.bytes, bytes),
    formatDollars(row.dollars[id] ?? 0),
    ...(site === undefined ? [] : [localText(row)]),
  ])
  const titles = site === undefined ? [] : ['in folder']
  const head = ['requests', 'bytes', 'share', shortened(printable(name), 12, terminal), ...titles]
  const widths = head.map((title, at) => Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)))
  const numbers = (row: readonly string[]): string => row.map((cell, at) => cell.padStart(widths[at] ?? 0)).join('  ')
  const room = Math.max(COLUMNS, terminal.columns) - numbers(head).length - 2
  const lines = rows.map(({ what, files }, at) => {
    const more = files === undefined ? '' : ` ${plural(files, 'file')}`
    return `${numbers(cells[at] ?? [])}  ${shortened(printable(what) + more, room, terminal)}\n`
  })
  return `${terminal.style('bold', `${numbers(head)}  what`)}\n${lines.join('')}`
}

/** `1.5 kB *`: its size there, and that it would move. */
function localText({ kind, file }: TrafficReport['rows'][number]): string {
  if (file !== undefined) return `${formatBytes(file.bytes)} ${file.moves ? '*' : ' '}`
  return kind === 'file' ? 'no  ' : ''
}

/** What of all that a store would serve instead. */
function siteText({ site, requests, bytes, costs }: TrafficReport): string {
  if (site === undefined || requests === 0) return ''
  const { files, found, moves, dollars, smaller } = site
  const share = (part: Traffic): string =>
    `${formatShare(part.requests, requests)} of the requests, ${formatShare(part.bytes, bytes)} of the bytes`
  const prices = costs.map(({ tariff: { id, name } }) => `${name} ${formatDollars(dollars[id] ?? 0)}`)
  const sent = plural(
    smaller.files,
    'file is smaller in the folder than it was sent',
    'files are smaller in the folder than they were sent',
  )
  const lines = [
    `${formatCount(found.files)} of the folder's ${plural(files, 'file')} ${found.files === 1 ? 'was' : 'were'} asked for: ${share(found)}`,
    `* of these, lading sync would move ${formatCount(moves.files)} to a store: ${share(moves)}, which are, at list prices, ` +
      prices.join(', '),
    ...(smaller.bytes === 0 ? [] : [`${sent}: ${formatBytes(smaller.bytes)} would have been saved`]),
  ]
  return `\n${lines.map((line) => indented(line, 2)).join('')}`
}

function costText({ costs, requests }: TrafficReport): string {
  if (requests === 0) return ''
  const width = Math.max(...costs.map(({ tariff }) => tariff.name.length))
  const lines = costs.map(({ tariff, list, due }) => {
    const less = due < list ? `, ${formatDollars(due)} after each month's free allowance` : ''
    return `  ${printable(tariff.name).padEnd(width)}  ${formatDollars(list)}${less}\n${indented(`${tariff.where}; ${tariff.date}, ${tariff.source}`, width + 4)}`
  })
  return `pay as you go, list prices\n${lines.join('')}`
}

/** Wrapped within 80 columns, so many of them blank. */
export const indented = (text: string, columns: number, wide = 0): string =>
  wrap(printable(text), COLUMNS - columns - wide)
    .trimEnd()
    .split('\n')
    .map((line) => `${' '.repeat(columns)}${line}\n`)
    .join('')

function remarksText({ remarks }: TrafficReport, terminal: Terminal): string {
  const { glyphs, style } = terminal
  return remarks
    .map(({ what, message, fix }) => {
      const name = what === undefined ? '' : `${shortened(printable(what), 60, terminal)} `
      // words are wrapped by their letters, of which some are two columns wide
      const said = indented(`${name}${message}.`, 4, columnsOf(name) - name.length).slice(4)
      return `  ${style('yellow', glyphs.warn)} ${said}${indented(fix, 4)}`
    })
    .join('')
}

/** The text in so many columns: its middle goes, for names differ at their ends. */
export function shortened(text: string, columns: number, { glyphs }: Terminal): string {
  if (columnsOf(text) <= columns) return text
  const chars = Array.from(text)
  const room = columns - glyphs.ellipsis.length
  const [head, tail] = [fitting(chars, Math.ceil(room / 2)), fitting(chars.toReversed(), Math.floor(room / 2))]
  return `${head.join('')}${glyphs.ellipsis}${tail.toReversed().join('')}`
}

/** How much has been read, on a terminal that can be drawn on; nothing elsewhere. */
export function logProgress(terminal: Terminal): { event(event: ProgressEvent): void; close(): void } {
  let shown = ''
  return {
    event({ files, bytes }) {
      if (!terminal.isLive) return
      const text = `read ${files.done} of ${plural(files.total, 'log')}, ${formatBytes(bytes.done)} of ${formatBytes(bytes.total)}`
      if (text !== shown) terminal.write(`\r${text}\x1b[K`)
      shown = text
    },
    close() {
      if (shown !== '') terminal.write('\r\x1b[K')
    },
  }
}
