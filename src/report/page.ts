import { hash } from 'node:crypto'
import { dirname } from 'node:path'
import { LadingError } from '../errors.ts'
import type { SitePath } from '../model.ts'
import { credentialMask } from '../site/secrets/mask-text.ts'
import { codeOf } from '../system-error.ts'
import { bytesBody } from '../transfer/bytes-body.ts'
import { replaceFile } from '../transfer/replace-file.ts'
import { formatBytes, plural } from '../units.ts'
import { statOf } from './logs.ts'
import { STYLE } from './page-style.ts'
import type { PricedRow, TrafficSummary } from './summary.ts'
import { formatCount, formatDollars, formatShare, periodText } from './words.ts'

/** The page is smaller than this, in bytes, whatever the names are. */
const MAX_PAGE = 150_000
/** Left for what follows the rows, which is bounded. */
const AFTER_ROWS = 40_000
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
    throw unwritable(file, codeOf(cause), cause)
  }
}

/** @throws E_WRITE where the page could not lie */
export function assertPlace(file: string): void {
  if (statOf(dirname(file))?.isDirectory() !== true) throw unwritable(file, 'its folder is not there')
  if (statOf(file)?.isDirectory()) throw unwritable(file, 'it is a folder')
}

const unwritable = (file: string, why: string, cause?: unknown): LadingError =>
  new LadingError('E_WRITE', 'the page could not be written', {
    subject: file,
    why: why || undefined,
    cause,
    hint: 'Name a file in a folder that is there, in which this user may write.',
  })

/** Nothing in the page runs, and nothing is fetched; the only style is that of the page itself. */
const POLICY = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; base-uri 'none'; form-action 'none'`

/** A report as one HTML file that needs no network. Everything out of a log is text in it. */
export function reportPage(summary: TrafficSummary): string {
  const { requests, bytes, costs, remarks } = summary
  const [first] = costs
  const head = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${text(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Traffic ${text(periodText(summary))}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Traffic</h1>
<p class="period">${text(periodText(summary))}</p>
<dl class="sums">
<div><dt>Requests</dt><dd>${formatCount(requests)}</dd></div>
<div><dt>Bytes</dt><dd>${formatBytes(bytes)}</dd></div>
${first === undefined ? '' : `<div><dt>${text(first.tariff.name)}, list price</dt><dd>${formatDollars(first.list)}</dd></div>`}
${summary.statuses.map(({ status, requests: count }) => `<div><dt>${text(status)}</dt><dd>${formatShare(count, requests)}</dd></div>`).join('\n')}
</dl>
${remarks.length === 0 ? '' : `<h2>What stands out</h2>\n<ul class="remarks">${remarks.map(remarkItem).join('\n')}</ul>`}
<h2 id="kinds">By kind</h2>
${kindsTable(summary)}
<h2 id="files">By file</h2>
`
  const tail = `${costTable(summary)}
${unreadText(summary)}<p class="small">A file is a path without its query. Addresses of visitors and their user agents were not kept.</p>
</main>
</body>
</html>
`
  return head + filesTable(summary, MAX_PAGE - AFTER_ROWS - Buffer.byteLength(head)) + tail
}

function filesTable({ rows, bytes, costs }: TrafficSummary, room: number): string {
  const tariffs = costs.map(({ tariff }) => tariff)
  const titles = ['File', 'Requests', 'Bytes', 'Share', '', ...tariffs.map(({ name }) => name)]
  const lineOf = (row: PricedRow): string =>
    `<tr><th scope="row">${text(shortened(row.what))}${row.files === undefined ? '' : ` ${plural(row.files, 'file')}`}</th><td>${formatCount(row.requests)}</td><td>${formatBytes(row.bytes)}</td><td>${formatShare(row.bytes, bytes)}</td><td>${bar(row.share)}</td>${tariffs.map(({ id }) => `<td>${formatDollars(row.dollars[id] ?? 0)}</td>`).join('')}</tr>`
  const lines: string[] = []
  let left = room
  for (const row of rows) {
    const line = lineOf(row)
    left -= Buffer.byteLength(line) + 1
    if (left < 0) break
    lines.push(line)
  }
  const missing = rows.length - lines.length
  const note =
    missing > 0 ? `<p class="small">${missing} more rows have no room in this page: --json has them.</p>` : ''
  return region('files', table(titles, lines)) + note
}

function kindsTable({ kinds, bytes }: TrafficSummary): string {
  const lines = kinds.map(
    ({ kind, requests, bytes: of }) =>
      `<tr><th scope="row">${text(kind)}</th><td>${formatCount(requests)}</td><td>${formatBytes(of)}</td><td>${formatShare(of, bytes)}</td><td>${bar(bytes === 0 ? 0 : of / bytes)}</td></tr>`,
  )
  return region('kinds', table(['Kind', 'Requests', 'Bytes', 'Share', ''], lines))
}

function costTable({ costs }: TrafficSummary): string {
  const lines = costs.map(({ tariff, transfer, requests, list, due }) => {
    const { name, where, source, date, note } = tariff
    const cells = [transfer, requests, list, due].map((amount) => `<td>${formatDollars(amount)}</td>`).join('')
    const from = `<a href="${text(source)}" rel="noopener noreferrer">${text(date)}</a>`
    const more = note === undefined ? '' : `<br>${text(note)}`
    return `<tr><th scope="row">${text(name)}<br><span class="small">${text(where)}${more}</span></th>${cells}<td>${from}</td></tr>`
  })
  const titles = ['Service', 'Transfer', 'Requests', 'List price', 'After allowance', 'Prices of']
  return `<h2 id="costs">What it costs by use</h2>\n${region('costs', table(titles, lines))}`
}

/** It can be scrolled with the keys, where it is wider than the screen. */
const region = (id: string, content: string): string =>
  `<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">${content}</div>\n`

function table(titles: readonly string[], lines: readonly string[]): string {
  const head = titles.map((title) => (title === '' ? '<td></td>' : `<th scope="col">${text(title)}</th>`)).join('')
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${lines.join('\n')}\n</tbody>\n</table>`
}

const unreadText = ({ lines: { unreadable } }: TrafficSummary): string =>
  unreadable === 0 ? '' : `<p class="small">Not counted: ${plural(unreadable, 'line')} that could not be read.</p>\n`

/** Drawn, since the policy allows no style of single elements. The number beside it says the same. */
const bar = (share: number): string =>
  `<svg width="100" height="8" aria-hidden="true"><rect class="rail" width="100" height="8"/><rect width="${(100 * share).toFixed(1)}" height="8"/></svg>`

const remarkItem = ({ what, message, fix }: TrafficSummary['remarks'][number]): string =>
  `<li>${what === undefined ? '' : `<b>${text(shortened(what))}</b> `}${text(message)}.<br><span class="small">${text(fix)}</span></li>`

function shortened(name: string): string {
  const chars = Array.from(name)
  if (chars.length <= MAX_NAME) return name
  const half = MAX_NAME / 2
  return `${chars.slice(0, half).join('')}…${chars.slice(-half + 1).join('')}`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const text = (value: string): string => value.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign)
