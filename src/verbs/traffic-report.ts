import { readFileSync } from 'node:fs'
import type { SyncOptions } from '../config/interface.ts'
import type { ReportOptions } from '../config/report.ts'
import type { Run } from '../line/run.ts'
import { fileOfRequest } from '../report/join.ts'
import { isRead, refuseNothing, warningsOn } from '../report/log-warnings.ts'
import { findLogs, type LogFacts, readLog } from '../report/logs.ts'
import { assertPlace } from '../report/page-place.ts'
import { TARIFFS, type Tariff } from '../report/prices.ts'
import type { SiteFiles } from '../report/site-join.ts'
import { summarize, type TrafficSummary } from '../report/summary.ts'
import { createTable, type TrafficTable } from '../report/table.ts'
import { EXIT, LadingError } from '../words/errors.ts'
import type { Emit } from '../words/events.ts'

/** What reading access logs came to. The JSON form is a contract: fields are added, never renamed. */
export interface TrafficReport extends TrafficSummary {
  readonly ok: boolean
  readonly exit: number
  /** The page that was written; absolute. */
  readonly html?: string | undefined
  readonly ms: number
}

/**
 * Reads access logs in bounded memory and adds up what each file was asked for, and what that costs. Keeps neither
 * addresses of visitors nor their user agents. Emits `progress`, and a `warning` for whatever could not be read.
 *
 * @throws E_LOGS when nothing could be read, E_PRICES, E_USAGE for a tariff that is not there, E_WRITE for the page
 */
export async function trafficReport(options: ReportOptions, run: Run = {}): Promise<TrafficReport> {
  const started = performance.now()
  const { emit = () => {} } = run
  const { top, html } = options
  const tariffs = await tariffsFor(options)
  if (html !== undefined) assertPlace(html, options.site?.root) // logs may take an hour
  const site = options.site && (await siteFilesOf(options.site, run))
  const { counted, logs } = await readTraffic(options, { ...run, emit })
  const summary = summarize(counted, { tariffs, top, site, ...countsOf(logs) })
  if (html !== undefined) await (await import('../report/page.ts')).writePage(html, summary, run)
  return { ok: true, exit: EXIT.ok, ...summary, html, ms: Math.round(performance.now() - started) }
}

/** What of the logs is in the folder, and what of it would move. */
async function siteFilesOf(options: SyncOptions, run: Run): Promise<SiteFiles> {
  const { lookAtSite } = await import('./estimated-site.ts')
  const site = await lookAtSite(options, run)
  const stored = new Set(site.asked.map(({ path }) => path))
  const sizes = new Map(site.survey.files.map(({ path, size }) => [path, size]))
  return {
    files: site.totals.files,
    fileOf(name) {
      const path = fileOfRequest(name, site)
      return path === undefined ? undefined : { path, bytes: sizes.get(path) ?? 0, moves: stored.has(path) }
    },
  }
}

type LogOptions = Pick<ReportOptions, 'files' | 'format' | 'html' | 'maxFiles'>

/** What the logs say, file by file. @throws E_LOGS */
export async function readTraffic(
  { maxFiles, ...options }: LogOptions,
  run: Run & { readonly emit: Emit },
): Promise<{ readonly counted: TrafficTable; readonly logs: readonly LogFacts[] }> {
  const table = createTable({ maxFiles })
  const logs = await readAll(options, table.add, run)
  const counted = table.finish()
  refuseNothing(logs)
  for (const warning of warningsOn(logs, counted)) run.emit({ type: 'warning', ...warning })
  return { counted, logs }
}

function countsOf(logs: readonly LogFacts[]): Pick<TrafficSummary, 'files' | 'lines'> {
  const sum = (of: (log: LogFacts) => number): number => logs.reduce((all, log) => all + of(log), 0)
  return {
    files: logs.filter(isRead).length,
    lines: {
      requests: sum(({ requests }) => requests),
      notes: sum(({ notes }) => notes),
      unreadable: sum(({ unreadable }) => unreadable),
    },
  }
}

async function tariffsFor({ prices, tariff }: ReportOptions): Promise<readonly Tariff[]> {
  const all = await loadTariffs(prices)
  const first = tariff === undefined ? all[0] : all.find(({ id }) => id === tariff)
  if (first === undefined) {
    throw new LadingError('E_USAGE', 'there is no such tariff', {
      subject: tariff,
      hint: `Write --tariff ${all.map(({ id }) => id).join(', or --tariff ')}.`,
    })
  }
  return [first, ...all.filter((other) => other !== first)]
}

/** The prices that come with Lading, or those of a file. @throws E_PRICES */
export async function loadTariffs(file: string | undefined): Promise<readonly Tariff[]> {
  if (file === undefined) return TARIFFS
  const { parsePrices } = await import('../report/price-file.ts')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new LadingError('E_PRICES', 'the price list cannot be read', {
      subject: file,
      cause,
      hint: 'Check --prices.',
    })
  }
  return parsePrices(text, file)
}

/** Progress is told each time that so many bytes have been read. */
const TOLD_BYTES = 8 << 20

/** One after the other: what takes time is reading the lines. */
async function readAll(
  { files, format, html }: LogOptions,
  add: ReturnType<typeof createTable>['add'],
  { emit, signal }: Run & { readonly emit: Emit },
): Promise<readonly LogFacts[]> {
  const found = findLogs(files, html)
  const total = { files: found.length, bytes: found.reduce((sum, { bytes }) => sum + bytes, 0) }
  const logs: LogFacts[] = []
  let [done, told] = [0, 0]
  for (const { path } of found) {
    const onBytes = (more: number): void => {
      done += more
      if (done - told >= TOLD_BYTES) tell()
    }
    logs.push(await readLog(path, { format, add, onBytes, signal }))
  }
  tell()
  return logs

  function tell(): void {
    told = done
    emit({
      type: 'progress',
      files: { done: logs.length, total: total.files },
      bytes: { done, total: Math.max(done, total.bytes) }, // of a pipe, no size is known before
      retries: 0,
    })
  }
}
