import {
  type Bill,
  type BillPart,
  countOf,
  type FirstView,
  formatBytes,
  formatCount,
  formatDollars,
  formatDuration,
  type ProviderBills,
  plural,
  printable,
  type Range,
  type SiteEstimate,
} from '../../index.ts'
import type { Terminal } from '../terminal.ts'
import { assumedText } from './assumed.ts'
import { moneyText } from './money.ts'
import { indented, shortened } from './traffic.ts'

/** What is put up, what a view weighs, a month of visitors, the bills, and what all of it rests on. */
export function estimateText(found: SiteEstimate, terminal: Terminal): string {
  return [
    headText(found),
    viewText(found, terminal),
    monthText(found),
    tableText(found, terminal),
    sourcesText(found),
    assumedText(found),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function headText({ files, bytes, pages, stored, mode, upload, assumed }: SiteEstimate): string {
  const { uplinkBitsPerSecond: rate, requestsAtOnce } = assumed
  const sent = `${formatDuration(upload.seconds * 1000)} at ${formatCount(rate / 1e6)} Mbit/s`
  return [
    `${plural(files, 'file')}, ${formatBytes(bytes)}, ${plural(pages, 'page')}  (${mode})`,
    `the store gets ${plural(stored.objects, 'object')}, ${formatBytes(stored.bytes)}: ${sent}, ${requestsAtOnce} at once`,
    '',
  ].join('\n')
}

/** `1.2 kB to 3.4 MB`; one number where both ends read the same. */
function rangeText({ low, high }: Range, format: (value: number) => string): string {
  const [from, to] = [format(low), format(high)]
  return from === to ? to : `${from} to ${to}`
}

function viewText({ view, firstView, pages }: SiteEstimate, terminal: Terminal): string {
  if (firstView === undefined) return ''
  const mean = pages > 1 ? `a view of a page loads ${rangeText(view, formatBytes)} on average\n` : ''
  return mean + firstText(firstView, terminal)
}

function firstText({ page, bytes, files, heaviest }: FirstView, terminal: Terminal): string {
  const rows = heaviest.map(({ path, bytes: size, isSure }) => {
    const note = isSure ? '' : '  (not by every browser)'
    return `  ${formatBytes(size).padStart(8)}  ${shortened(printable(path), 78 - 10 - note.length, terminal)}${note}\n`
  })
  const name = shortened(printable(page), 30, terminal)
  const count = `${rangeText(files, String)} ${files.high === 1 ? 'file' : 'files'}`
  return `${name} loads ${rangeText(bytes, formatBytes)} in ${count}:\n${rows.join('')}`
}

function monthText({ requests, transfer, assumed, ...found }: SiteEstimate): string {
  const { visits } = assumed
  const who =
    visits === undefined
      ? 'a month of 30 days as in the logs'
      : `a month of ${countOf(visits.visits, 'visit')}, ${countOf(visits.views, 'view')} of pages`
  const what = `${rangeText(requests, formatCount)} ${requests.high === 1 ? 'request' : 'requests'}, ${rangeText(transfer, formatBytes)}`
  return `${who}:\n  ${what}\n${iconText(found)}`
}

function iconText({ icon, bills }: Pick<SiteEstimate, 'icon' | 'bills'>): string {
  const { files, requests, bytes, dollars } = icon
  if (requests === 0) return ''
  const prices = bills.map(({ tariff: { id, name } }) => `${name} ${formatDollars(dollars[id] ?? 0)}`)
  const [largest] = files
  const rest = files.length > 1 ? ` and ${files.length - 1} more` : ''
  const which =
    largest === undefined
      ? 'none, which browsers ask for all the same'
      : `${largest.path}, ${formatBytes(largest.bytes)}${rest}`
  return indented(
    `icon: ${which}: ${countOf(requests, 'request')}, ${formatBytes(bytes)}; at list prices ${prices.join(', ')}`,
    2,
  )
}

interface Column {
  readonly title: string
  readonly parts: readonly BillPart[]
}

const COLUMNS: readonly Column[] = [
  { title: 'storage', parts: ['storage'] },
  { title: 'uploads', parts: ['writes'] },
  { title: 'requests', parts: ['requests', 'reads'] },
  { title: 'transfer', parts: ['transfer'] },
  { title: 'paths', parts: ['invalidations'] },
]

/** With seven columns, five of seven letters and two of eight, it makes 80. */
const NAME_WIDTH = 15

/** Two rows for each provider: what is left to pay, and what it would be if nothing were free. */
function tableText({ bills }: SiteEstimate, terminal: Terminal): string {
  const rows = bills.flatMap((bill) => billRows(bill, terminal))
  const head = ['dollars', ...COLUMNS.map(({ title }) => title), 'a month', 'first']
  const widths = head.map((title, at) =>
    at === 0 ? NAME_WIDTH : Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)),
  )
  const [title = '', ...lines] = [head, ...rows].map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(NAME_WIDTH) : cell.padStart(widths[at] ?? 0))).join('  '),
  )
  return `${terminal.style('bold', title)}\n${lines.map((line) => `${line}\n`).join('')}`
}

function billRows({ tariff, first, later }: ProviderBills, terminal: Terminal): readonly (readonly string[])[] {
  const cells = (of: 'due' | 'list'): string[] => [
    ...COLUMNS.map(({ parts }) => partText(later, parts, of)),
    moneyText(later[of]),
    moneyText(first[of]),
  ]
  return [
    [shortened(printable(tariff.name), NAME_WIDTH, terminal), ...cells('due')],
    ['  nothing free', ...cells('list')],
  ]
}

/** `-` where the provider takes nothing for it, or its price is not known. */
function partText({ lines }: Bill, parts: readonly BillPart[], of: 'due' | 'list'): string {
  const found = lines.filter(({ part }) => parts.includes(part))
  return found.length === 0 ? '-' : moneyText(found.reduce((sum, line) => sum + line[of], 0))
}

function sourcesText({ bills }: SiteEstimate): string {
  const lines = bills.map(({ tariff, isOwn }) => {
    const { name, where, date, source, store } = tariff
    const also =
      store === undefined ? '; storage and uploads: not known' : store.source === source ? '' : `, ${store.source}`
    return indented(`${name}${isOwn ? ' (your store)' : ''}: ${where}; ${date}, ${source}${also}`, 2)
  })
  return `list prices\n${lines.join('')}`
}
