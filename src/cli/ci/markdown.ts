import {
  type ErrorEvent,
  formatBytes,
  formatDuration,
  plural,
  printable,
  type Summary,
  type WarningEvent,
} from '../../index.ts'
import { hasChanges, SIGNS } from '../reporters/lines.ts'
import type { Listed, RunRecord } from './record.ts'

/** Items of one warning or error on the page. */
const SHOWN_ITEMS = 50

/** How every page begins. */
export const PAGE_START = '### `lading '

export interface PageOptions {
  /** `sync`. */
  readonly command: string
  readonly exit: number
}

/** GitHub refuses the pages of a step beyond 1 MiB together; others write there too. In bytes. */
const MOST = 512 * 1024

/** Rows of each list, the longest page that fits is taken. */
const LENGTHS = [Number.POSITIVE_INFINITY, 50, 10, 0]

/**
 * A page about a run, in GitHub's Markdown, which GitLab and Gitea read too. What others wrote stands in it as text.
 * Where it would be too long its lists are cut, and say how much they leave out; figures and failure stay.
 */
export function pageOf(record: RunRecord, options: PageOptions): string {
  let page = ''
  for (const most of LENGTHS) {
    page = pageWith(record, { ...options, most })
    if (Buffer.byteLength(page) <= MOST) return page
  }
  return `${page.slice(0, page.indexOf('\n'))}\n\nToo long to be shown here.\n`
}

function pageWith(record: RunRecord, { command, exit, most }: PageOptions & { readonly most: number }): string {
  const { start, error, warnings, files, drifts, findings } = record
  return [
    `${PAGE_START}${headline(record, { command, exit })}`,
    start === undefined ? '' : table(rowsOf(record)),
    error === undefined ? '' : errorText(error, most),
    listed(['change', files], most, ({ op, key, bytes, reason }) => [
      ...[SIGNS[op], code(key), formatBytes(bytes), text(reason)],
    ]),
    listed(['difference', drifts], most, ({ kind, key, detail }) => [text(kind), code(key), text(detail)]),
    listed(['finding', findings], most, ({ kind, page, line, url, message }) => [
      ...[text(kind), code(url), text(message), code(line > 0 ? `${page}:${line}` : page)],
    ]),
    warnings.length === 0 ? '' : warningsText(warnings, most),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

function headline({ start, summary, error, drifts, findings }: RunRecord, { command, exit }: PageOptions): string {
  const name = `${command}\``
  const where = start === undefined ? '' : ` ${code(start.target)}`
  if (error !== undefined) return `${name} failed: ${code(error.code)}`
  if (drifts.count + findings.count > 0) return `${name}: ${plural(drifts.count + findings.count, 'finding')}`
  if (summary === undefined && exit === 0) return command === 'verify' ? `${name}: no findings` : name
  if (summary === undefined) return `${name} ended with ${exit}`
  if (!hasChanges(summary)) return `${name}: no changes to${where}`
  return summary.dryRun ? `${name}: what would change in${where}` : `${name}: deployed to${where}`
}

type Row = readonly [string, string]

function rowsOf({ start, summary }: RunRecord): Row[] {
  const rows: (Row | false)[] = [
    start !== undefined && ['channel', code(start.channel)],
    start?.url !== undefined && ['address', code(start.url)],
    start !== undefined && ['mode', start.mode],
  ]
  if (summary !== undefined) rows.push(...countsOf(summary))
  return rows.filter((row) => row !== false)
}

function countsOf(summary: Summary): (Row | false)[] {
  const { added, changed, reheadered, kept, expired, removed, pages, bytes, references, dryRun } = summary
  const [sent, written, gone] = dryRun ? ['to send', 'to write', 'to remove'] : ['sent', 'written', 'removed']
  return [
    summary.release !== undefined && ['release', code(summary.release)],
    summary.previous !== undefined && ['before', code(summary.previous)],
    [sent, `${plural(added + changed, 'file')}, ${formatBytes(bytes)} (${added} new, ${changed} changed)`],
    reheadered > 0 && ['headers alone', String(reheadered)],
    ['as they were', String(kept)],
    expired > 0 && ['no longer named', String(expired)],
    pages.written + pages.removed > 0 && [
      'pages at the origin',
      `${pages.written} ${written}, ${pages.removed} ${gone}`,
    ],
    removed > 0 && [`pages in the store ${gone}`, String(removed)],
    references.missing > 0 && ['references to nothing', String(references.missing)],
    ['time', formatDuration(summary.ms)],
  ]
}

const table = (rows: readonly Row[]): string =>
  rows.length === 0
    ? ''
    : ['| | |', '| --- | --- |', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n')

function listed<T>(
  [name, { shown, count }]: readonly [string, Listed<T>],
  most: number,
  cells: (item: T) => readonly string[],
): string {
  if (count === 0) return ''
  const rows = shown.slice(0, most).map(cells)
  const width = rows[0]?.length ?? 0
  const head = width === 0 ? [] : [`|${' |'.repeat(width)}`, `|${' --- |'.repeat(width)}`]
  const more = count > rows.length ? ['', `and ${count - rows.length} more`] : []
  return folded(plural(count, name), [...head, ...rows.map((row) => `| ${row.join(' | ')} |`), ...more].join('\n'))
}

function errorText({ message, subject, why, fix, details }: ErrorEvent, most: number): string {
  const fields = Object.entries({ on: subject, why, fix }).flatMap(([name, value]) =>
    value === undefined ? [] : [`- ${name}: ${name === 'on' ? code(value) : text(value)}`],
  )
  return [text(message), '', ...fields, ...itemLines(details, most)].join('\n')
}

function warningsText(warnings: readonly WarningEvent[], most: number): string {
  const blocks = warnings.map(({ code: name, message, items, fix }) =>
    [
      ...[`- ${code(name)} ${text(message)}`, ...itemLines(items, most).map((line) => `  ${line}`)],
      ...(fix === undefined ? [] : [`  - fix: ${text(fix)}`]),
    ].join('\n'),
  )
  return folded(plural(warnings.length, 'warning'), blocks.join('\n'))
}

function itemLines(items: readonly string[], most: number): string[] {
  const shown = items.slice(0, Math.min(SHOWN_ITEMS, most)).map((item) => `- ${code(item)}`)
  const hidden = items.length - shown.length
  return hidden > 0 ? [...shown, `- and ${hidden} more`] : shown
}

const folded = (title: string, inner: string): string =>
  `<details><summary>${title}</summary>\n\n${inner}\n\n</details>`

/** What means something in Markdown or HTML, what GitHub makes links of, and what begins a command of GitLab's. */
const MARKS = /^[-+=/]|[\\`*_{}[\]<>()#!|~&@$]|:(?=\/\/)|(?<=\bwww)\./gi

/** Text as it is, on one line. No entity is structure, so nothing in it is markup, a link or the end of a table's cell. */
const plain = (given: string): string =>
  printable(given.replace(/\s+/g, ' ')).replace(MARKS, (mark) => `&#${mark.charCodeAt(0)};`)

/** A sentence, which may quote others: a name after `@` calls nobody, a number after `#` or `!` is no issue's. */
const text = (given: string): string => plain(given).replace(/&#(?:33|35|64);/g, '$&&#8203;')

/** A name: people and issues that it seems to name are not looked for inside of code. */
const code = (given: string): string => `<code>${plain(given)}</code>`
