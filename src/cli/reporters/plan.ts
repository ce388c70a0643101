import {
  type FileEvent,
  type FileOp,
  formatBytes,
  plural,
  printable,
  type Summary,
  type SummaryEvent,
  type WarningEvent,
} from '../../index.ts'
import type { Terminal } from '../terminal.ts'
import { fileLine, hasChanges, originFilesText, referenceLine, referencesLine, SIGNS, startLine } from './lines.ts'
import { dispatch, type Reporter } from './reporter.ts'
import { renderWarnings } from './warnings.ts'
import { hanging } from './wrap.ts'

/** Files of one operation shown without `--verbose`. */
const SHOWN_FILES = 20

/** Keys longer than this do not widen the column. */
const WIDEST_KEY = 60

/** Operations in the order they are shown; what stays as it is is always one line per reason. */
const ORDER: readonly FileOp[] = ['add', 'change', 'adopt', 'headers', 'page', 'keep', 'expire', 'remove']

export interface PlanReportOptions {
  readonly terminal: Terminal
  readonly isVerbose: boolean
  /** Paths are shown relative to it; absolute. */
  readonly cwd: string
  /** The command that carries the plan out. */
  readonly next: string
}

/** The plan as data for stdout: it appears as a whole when the run has ended. */
export function createPlanReport({ terminal, isVerbose, cwd, next }: PlanReportOptions): Reporter {
  const files = new Map<FileOp, FileEvent[]>(ORDER.map((op) => [op, []]))
  const warnings: WarningEvent[] = []
  const stays: string[] = []
  const write = (...lines: readonly string[]): void => terminal.write(lines.map((line) => `${line}\n`).join(''))

  const summary = (event: SummaryEvent): void => {
    const rows = fileRows(files, isVerbose)
    if (rows.length > 0)
      write('  + add  ~ change  = keep  - expire later', '', ...rows.map((row) => hanging(`  ${row}`, 4, terminal)), '')
    if (event.notUploaded > 0) write(`  not uploaded: ${plural(event.notUploaded, 'file')}`)
    const references = referencesLine(event)
    if (references !== '') write(`  ${references}`)
    write(...stays)
    terminal.write(renderWarnings(warnings, terminal, { isVerbose }))
    write(hanging(planLine(event), 2, terminal))
    if (hasChanges(event)) write('', `Next: ${next}`)
  }

  const event = dispatch({
    start: (event) => write(startLine(event, terminal, cwd), ''),
    file: (event) => files.get(event.op)?.push(event),
    warning: (event) => warnings.push(event),
    ...(isVerbose && { reference: (event) => stays.push(`      ${referenceLine(event)}`) }),
    summary,
  })
  return { event, close: () => undefined }
}

function fileRows(files: ReadonlyMap<FileOp, readonly FileEvent[]>, isVerbose: boolean): string[] {
  const visible = (op: FileOp): readonly FileEvent[] => {
    const all = files.get(op) ?? []
    if (isVerbose) return all
    return op === 'keep' ? [] : all.slice(0, SHOWN_FILES)
  }
  const lengths = ORDER.flatMap((op) => visible(op).map((event) => printable(event.key).length))
  const width = Math.min(WIDEST_KEY, Math.max(0, ...lengths))
  return ORDER.flatMap((op) => {
    const shown = visible(op)
    const hidden = (files.get(op) ?? []).slice(shown.length)
    return [
      ...shown.map((event) => fileLine(event, width)),
      ...collapsed(op, hidden, { width, isMore: shown.length > 0 }),
    ]
  })
}

/** `= 412 files  18.7 MB  unchanged`, one line per reason. */
function collapsed(op: FileOp, hidden: readonly FileEvent[], look: { width: number; isMore: boolean }): string[] {
  const byReason = new Map<string, FileEvent[]>()
  for (const event of hidden) byReason.set(event.reason, [...(byReason.get(event.reason) ?? []), event])
  return [...byReason].map(([reason, events]) => {
    const bytes = formatBytes(events.reduce((sum, event) => sum + event.bytes, 0))
    const count = look.isMore ? `${events.length} more` : plural(events.length, 'file')
    return `${SIGNS[op]} ${count.padEnd(look.width)}  ${bytes.padStart(9)}  ${printable(reason)}`
  })
}

function planLine(summary: Summary): string {
  if (!hasChanges(summary)) return 'No changes.'
  const { added, changed, reheadered, expired, pages, bytes } = summary
  const counts = [
    `${added} to add`,
    `${changed} to change`,
    ...(reheadered > 0 ? [`headers of ${reheadered} to change`] : []),
    `${expired} to expire`,
    ...(summary.removed > 0 ? [`${plural(summary.removed, 'page')} to remove from the store`] : []),
    ...(pages.written > 0 ? [`${plural(pages.written, 'page')} to write`] : []),
    ...(pages.removed > 0 ? [`${plural(pages.removed, 'page')} to remove`] : []),
    ...originFilesText(summary, ['to write', 'to remove']),
  ]
  return `Plan: ${counts.join(', ')}.  Upload ${formatBytes(bytes)}.`
}
