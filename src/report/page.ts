import { hash } from 'node:crypto'
import { credentialMask } from '../site/secrets/mask-text.ts'
import { bytesBody } from '../transfer/bytes-body.ts'
import { replaceFile } from '../transfer/replace-file.ts'
import { LadingError } from '../words/errors.ts'
import { htmlText } from '../words/html-text.ts'
import type { SitePath } from '../words/model.ts'
import { codeOf } from '../words/system-error.ts'
import { formatBytes, plural } from '../words/units.ts'
import { PAGE_START, unwritable } from './page-place.ts'
import { STYLE } from './page-style.ts'
import type { PricedRow, TrafficSummary } from './summary.ts'
import type { Traffic } from './table.ts'
import { formatCount, formatDollars, formatShare, periodText } from './words.ts'

/** The page is smaller than this, in bytes, whatever the names are. */
const MAX_PAGE = 150_000
/** Left for the head of the table and for the line that says how many rows have no room, in bytes. */
const AROUND_ROWS = 5000
/** Names are cut in their middle beyond this, in characters. */
const MAX_NAME = 160

interface PageContext {
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  readonly signal?: AbortSignal | undefined
}

/** Writes the page as a whole: who has it open sees the old one or the new one. @throws E_WRITE */
export async function writePage(file: string, summary: TrafficSummary, { env, signal }: PageContext): Promise<void> {
  const page = credentialMask(env ?? process.env)(reportPage(summary))
  try {
    const path: SitePath = file
    await replaceFile(file, { path, body: bytesBody(Buffer.from(page)) }, signal)
  } catch (cause) {
    signal?.throwIfAborted()
    throw cause instanceof LadingError ? cause : unwritable(file, codeOf(cause), { cause })
  }
}

/** Nothing in the page runs, and nothing is fetched; the only style is that of the page itself. */
const POLICY = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; base-uri 'none'; form-action 'none'`

/** A report as one HTML file that needs no network. Everything out of a log is text in it. */
export function reportPage(summary: TrafficSummary): string {
  const before = `${headOf(summary)}<body>
<main>
<h1>Traffic</h1>
<p class="period">${htmlText(periodText(summary))}</p>
${sumsOf(summary)}${remarksOf(summary)}<h2 id="kinds">By kind</h2>
${kindsTable(summary)}<h2 id="files">By file</h2>
`
  const after = `${costTable(summary)}${unreadText(summary)}<p class="small">A file is a path without its query. Addresses of visitors and their user agents were not kept.</p>
</main>
</body>
</html>
`
  const room = MAX_PAGE - AROUND_ROWS - Buffer.byteLength(before) - Buffer.byteLength(after)
  return before + filesTable(summary, room) + after
}

const headOf = (
  summary: TrafficSummary,
): string => `${PAGE_START}<meta http-equiv="Content-Security-Policy" content="${htmlText(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Traffic ${htmlText(periodText(summary))}</title>
<style>${STYLE}</style>
</head>
`

function sumsOf({ requests, bytes, costs, statuses }: TrafficSummary): string {
  const sums: readonly (readonly [string, string])[] = [
    ['Requests', formatCount(requests)],
    ['Bytes', formatBytes(bytes)],
    ...costs.slice(0, 1).map(({ tariff, list }) => [`${tariff.name}, list price`, formatDollars(list)] as const),
    ...statuses.map(({ status, requests: count }) => [status, formatShare(count, requests)] as const),
  ]
  const items = sums.map(([name, sum]) => `<div><dt>${htmlText(name)}</dt><dd>${htmlText(sum)}</dd></div>`)
  return `<dl class="sums">\n${items.join('\n')}\n</dl>\n`
}

function remarksOf({ remarks }: TrafficSummary): string {
  if (remarks.length === 0) return ''
  const items = remarks.map(({ what, message, fix }) => {
    const name = what === undefined ? '' : `<b>${htmlText(shortened(what))}</b> `
    return `<li>${name}${htmlText(message)}.<br><span class="small">${htmlText(fix)}</span></li>`
  })
  return `<h2>What stands out</h2>\n<ul class="remarks">\n${items.join('\n')}\n</ul>\n`
}

/** Rows of files go as far as there is room; the sums below them always have it. */
function filesTable(summary: TrafficSummary, room: number): string {
  const { rows, costs } = summary
  const tariffs = costs.map(({ tariff }) => tariff)
  const titles = ['File', 'Requests', 'Bytes', 'Share', '', ...tariffs.map(({ name }) => name)]
  const lineOf = (row: PricedRow): string => {
    const { what, files, dollars } = row
    const name = htmlText(shortened(what)) + (files === undefined ? '' : ` ${plural(files, 'file')}`)
    const prices = tariffs.map(({ id }) => htmlText(formatDollars(dollars[id] ?? 0)))
    return rowOf(name, [...cellsOf(row, summary), ...prices])
  }
  const files = rows.filter(({ kind }) => kind === 'file').map(lineOf)
  const sums = rows.filter(({ kind }) => kind !== 'file').map(lineOf)
  let left = room - Buffer.byteLength(sums.join('\n'))
  const end = files.findIndex((line) => {
    left -= Buffer.byteLength(line) + 1
    return left < 0
  })
  const shown = end === -1 ? files : files.slice(0, end)
  const missing = files.length - shown.length
  const note =
    missing === 0 ? '' : `<p class="small">${missing} more rows have no room in this page: --json has them.</p>\n`
  return region('files', table(titles, [...shown, ...sums])) + note
}

/** Name and cells are HTML. */
const rowOf = (name: string, cells: readonly string[]): string =>
  `<tr><th scope="row">${name}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`

/** What all traffic is told in: requests, bytes, their share, and that drawn. */
function cellsOf({ requests, bytes }: Traffic, all: Pick<Traffic, 'bytes'>): readonly string[] {
  const numbers = [formatCount(requests), formatBytes(bytes), formatShare(bytes, all.bytes)]
  return [...numbers.map(htmlText), bar(all.bytes === 0 ? 0 : bytes / all.bytes)]
}

function kindsTable(summary: TrafficSummary): string {
  const lines = summary.kinds.map((of) => rowOf(htmlText(of.kind), cellsOf(of, summary)))
  return region('kinds', table(['Kind', 'Requests', 'Bytes', 'Share', ''], lines))
}

function costTable({ costs }: TrafficSummary): string {
  const lines = costs.map(({ tariff, transfer, requests, list, due }) => {
    const { name, where, source, date, note } = tariff
    const amounts = [transfer, requests, list, due].map((amount) => htmlText(formatDollars(amount)))
    const from = `<a href="${htmlText(source)}" rel="noopener noreferrer">${htmlText(date)}</a>`
    const more = note === undefined ? '' : `<br>${htmlText(note)}`
    return rowOf(`${htmlText(name)}<br><span class="small">${htmlText(where)}${more}</span>`, [...amounts, from])
  })
  const titles = ['Service', 'Transfer', 'Requests', 'List price', 'After allowance', 'Prices of']
  return `<h2 id="costs">What it costs by use</h2>\n${region('costs', table(titles, lines))}`
}

/** It can be scrolled with the keys, where it is wider than the screen. */
const region = (id: string, content: string): string =>
  `<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">${content}</div>\n`

function table(titles: readonly string[], lines: readonly string[]): string {
  const head = titles.map((title) => (title === '' ? '<td></td>' : `<th scope="col">${htmlText(title)}</th>`)).join('')
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${lines.join('\n')}\n</tbody>\n</table>`
}

const unreadText = ({ lines: { unreadable } }: TrafficSummary): string =>
  unreadable === 0 ? '' : `<p class="small">Not counted: ${plural(unreadable, 'line')} that could not be read.</p>\n`

/** Drawn, since the policy allows no style of single elements. The number beside it says the same. */
const bar = (share: number): string =>
  `<svg width="100" height="8" aria-hidden="true"><rect class="rail" width="100" height="8"/><rect width="${(100 * share).toFixed(1)}" height="8"/></svg>`

function shortened(name: string): string {
  const chars = Array.from(name)
  if (chars.length <= MAX_NAME) return name
  const half = MAX_NAME / 2
  return `${chars.slice(0, half).join('')}…${chars.slice(-half + 1).join('')}`
}
