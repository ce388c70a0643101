import { LadingError } from '../words/errors.ts'
import type { Warning } from '../words/events.ts'
import { formatBytes, plural } from '../words/units.ts'
import type { LogFacts } from './logs.ts'
import type { TrafficTable } from './table.ts'

/** An empty log is one that can be read; one of headers and unreadable lines is not. */
export const isRead = ({ requests, unreadable, trouble }: LogFacts): boolean =>
  requests > 0 || (unreadable === 0 && trouble === undefined)

/** @throws E_LOGS */
export function refuseNothing(logs: readonly LogFacts[]): void {
  if (logs.some(isRead)) return
  throw new LadingError('E_LOGS', logs.length === 0 ? 'there are no logs' : 'none of the logs could be read', {
    details: logs.map(
      (log) =>
        `${log.path}: ${log.trouble ?? `no line is of a format that is read (${plural(log.unreadable, 'line')})`}`,
    ),
    why: 'The formats that are read: Apache and nginx (common, combined), CloudFront (standard logs, also JSON), S3, Application Load Balancers and Cloudflare (Logpush).',
    hint: 'Check the paths; --format says what the files are, if they are one of these.',
  })
}

/** `line 501`, `lines 1, 2, 3, ... (1200)`. */
function numbersOf({ unreadable, unreadableAt }: LogFacts): string {
  const numbers = unreadableAt.join(', ')
  if (unreadable === unreadableAt.length) return `${unreadable === 1 ? 'line' : 'lines'} ${numbers}`
  return `lines ${numbers}, ... (${unreadable})`
}

export function warningsOn(
  logs: readonly LogFacts[],
  { merged, missingBytes, others }: TrafficTable,
): readonly Warning[] {
  const troubled = logs.filter(({ trouble }) => trouble !== undefined)
  const partly = logs.filter(({ unreadable }) => unreadable > 0)
  const lines = partly.reduce((sum, { unreadable }) => sum + unreadable, 0)
  const warnings: Warning[] = []
  if (troubled.length > 0) {
    warnings.push({
      code: 'W_LOG_FILE',
      message: `${plural(troubled.length, 'log')} could not be read, or not to the end`,
      items: troubled.map(({ path, trouble }) => `${path}: ${trouble}`),
      fix: 'What was read of them is counted; unpack them, or fetch them again, then run the same command.',
    })
  }
  if (lines > 0) {
    warnings.push({
      code: 'W_LOG_LINES',
      message: `${plural(lines, 'line')} could not be read and ${lines === 1 ? 'is' : 'are'} not counted`,
      items: partly.map((log) => `${log.path}: ${numbersOf(log)}`),
      fix: 'Look at those lines; --format says what the files are where it was not told from them.',
    })
  }
  if (merged > 0) {
    const lacking = missingBytes > 0 ? `; no row lacks more than ${formatBytes(missingBytes)}` : ''
    warnings.push({
      code: 'W_LOG_NAMES',
      message: `there are too many different files: the smallest are added up (${formatBytes(others.bytes)})${lacking}`,
      items: [],
    })
  }
  return warnings
}
