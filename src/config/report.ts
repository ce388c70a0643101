import { resolve } from 'node:path'
import { LOG_FORMATS, type LogFormat } from '../report/entry.ts'
import { LadingError } from '../words/errors.ts'
import type { ResolveContext } from './asked.ts'
import type { LadingConfig, SyncOptions } from './interface.ts'
import { NOWHERE, resolveConfig } from './resolve.ts'

/** What is asked for, as a person writes it. */
export interface ReportAsked {
  /** Logs, and folders of logs. */
  readonly files: readonly string[]
  /** @default told from each file */
  readonly format?: unknown
  /** Rows of single files. @default 20 */
  readonly top?: unknown
  /** A file of prices instead of those that come with Lading. */
  readonly prices?: string | undefined
  /** The tariff of the table, by its id. @default the first one of the list */
  readonly tariff?: string | undefined
  /** Where a page with the report is written. */
  readonly html?: string | undefined
  /** The configuration of a site, whose files are looked for in the logs. */
  readonly site?: LadingConfig | undefined
}

/** What reading access logs needs. Paths are absolute. */
export interface ReportOptions {
  readonly files: readonly string[]
  readonly format?: LogFormat | undefined
  readonly top: number
  readonly prices?: string | undefined
  readonly tariff?: string | undefined
  readonly html?: string | undefined
  /** The site as it would be put up with its pages at their own server. */
  readonly site?: SyncOptions | undefined
  /** Files that are counted one by one. @default 50_000 */
  readonly maxFiles?: number | undefined
}

const TOP = 20
const MOST_ROWS = 50_000

/** @throws E_USAGE */
export function resolveReport(
  asked: ReportAsked,
  context: Pick<ResolveContext, 'cwd'> & Partial<ResolveContext>,
): ReportOptions {
  const { files, format, top = TOP, prices, tariff, html, site } = asked
  const { cwd } = context
  const path = (given: string | undefined): string | undefined =>
    given === undefined ? undefined : resolve(cwd, given)
  const options = { files: files.map((file) => resolve(cwd, file)), tariff, prices: path(prices), html: path(html) }
  if (files.length === 0) throw new LadingError('E_USAGE', 'report needs a log', { hint: 'lading report access.log' })
  if (options.html !== undefined && [...options.files, options.prices].includes(options.html)) {
    throw new LadingError('E_USAGE', 'the page would replace what it is made from', {
      subject: html,
      hint: 'Write --html report.html.',
    })
  }
  if (typeof top !== 'number' || !Number.isInteger(top) || top < 1 || top > MOST_ROWS) {
    throw new LadingError('E_USAGE', '--top is no number of rows', {
      subject: String(top),
      hint: `Write a whole number from 1 to ${MOST_ROWS}; leave it out for ${TOP}.`,
    })
  }
  const offloaded = site === undefined ? undefined : resolveOffload(site, { env: {}, ...context })
  return { ...options, top, format: formatFrom(format), site: offloaded }
}

/** Some host that is not the site's own: which files may move does not depend on its name. */
const ANYWHERE = 'https://cdn.invalid/'

/** Nothing is written, so that nobody has to say where. */
const resolveOffload = ({ host: _, out: __, ...site }: LadingConfig, context: ResolveContext): SyncOptions =>
  resolveConfig({ ...site, to: NOWHERE, state: undefined, url: site.url ?? ANYWHERE, inPlace: true }, context)

export function formatFrom(format: unknown): LogFormat | undefined {
  if (format === undefined) return undefined
  const known = LOG_FORMATS.find((name) => name === format)
  if (known !== undefined) return known
  throw new LadingError('E_USAGE', 'there is no such format of logs', {
    subject: String(format),
    hint: `Write ${LOG_FORMATS.join(', ')}; leave it out to have it told from each file.`,
  })
}
