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

/** A page about a run, in GitHub's Markdown, which GitLab and Gitea read too. What others wrote stands in it as text. */
export function pageOf(record: RunRecord, { command, exit }: PageOptions): string {
  const { start, error, warnings, files, drifts, findings } = record
  return [
    `${PAGE_START}${headline(record, { command, exit })}`,
    start === undefined ? '' : table(rowsOf(record)),
    error === undefined ? '' : errorText(error),
    listed('change', files, ({ op, key, bytes, reason }) => [SIGNS[op], code(key), formatBytes(bytes), text(reason)]),
    listed('difference', drifts, ({ kind, key, detail }) => [text(kind), code(key), text(detail)]),
    listed('finding', findings, ({ kind, page, line, url, message }) => [
      ...[text(kind), code(url), text(message), code(line > 0 ? `${page}:${line}` : page)],
    ]),
    warnings.length === 0 ? '' : warningsText(warnings),
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

function listed<T>(name: string, { shown, count }: Listed<T>, cells: (item: T) => readonly string[]): string {
  if (count === 0) return ''
  const rows = shown.map((item) => `| ${cells(item).join(' | ')} |`)
  const width = shown[0] === undefined ? 0 : cells(shown[0]).length
  const more = count > shown.length ? ['', `and ${count - shown.length} more`] : []
  const head = [`|${' |'.repeat(width)}`, `|${' --- |'.repeat(width)}`]
  return folded(plural(count, name), [...head, ...rows, ...more].join('\n'))
}

function errorText({ message, subject, why, fix, details }: ErrorEvent): string {
  const fields = Object.entries({ on: subject, why, fix }).flatMap(([name, value]) =>
    value === undefined ? [] : [`- ${name}: ${name === 'on' ? code(value) : text(value)}`],
  )
  return [text(message), '', ...fields, ...itemLines(details)].join('\n')
}

function warningsText(warnings: readonly WarningEvent[]): string {
  const blocks = warnings.map(({ code: name, message, items, fix }) =>
    [
      ...[`- ${code(name)} ${text(message)}`, ...itemLines(items).map((line) => `  ${line}`)],
      ...(fix === undefined ? [] : [`  - fix: ${text(fix)}`]),
    ].join('\n'),
  )
  return folded(plural(warnings.length, 'warning'), blocks.join('\n'))
}

function itemLines(items: readonly string[]): string[] {
  const hidden = items.length - SHOWN_ITEMS
  const shown = items.slice(0, SHOWN_ITEMS).map((item) => `- ${code(item)}`)
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
