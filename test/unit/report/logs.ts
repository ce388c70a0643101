import {
  type ReportAsked,
  resolveReport,
  type TrafficReport,
  trafficReport,
  type WarningEvent,
} from '../../../src/index.ts'
import { folderWith } from '../config/folder.ts'

/** A visitor whom no output may name. */
export const VISITOR = { address: '198.51.100.77', agent: 'Mozilla/5.0 (Canary)', user: 'canary-user' }

export interface Hit {
  readonly path?: string
  readonly status?: number
  readonly bytes?: number
  /** `10/Oct/2026:13:55:36 +0000`. */
  readonly time?: string
  readonly request?: string
  readonly times?: number
}

/** Lines of Apache's combined format. */
export const combined = (...hits: readonly Hit[]): string =>
  hits
    .flatMap(({ path = '/', status = 200, bytes = 100, time = '10/Oct/2026:13:55:36 +0000', request, times = 1 }) => {
      const { address, user, agent } = VISITOR
      const asked = request ?? `GET ${path} HTTP/1.1`
      return Array(times).fill(`${address} - ${user} [${time}] "${asked}" ${status} ${bytes} "-" "${agent}"\n`)
    })
    .join('')

export interface Told {
  readonly report: TrafficReport
  readonly warnings: readonly WarningEvent[]
}

/** Reports on files of these contents, whose folder is named. */
export async function reportOn(
  files: Readonly<Record<string, string | Buffer>>,
  asked: Partial<ReportAsked> = {},
  more: { readonly maxFiles?: number } = {},
): Promise<Told> {
  const cwd = folderWith(files)
  const warnings: WarningEvent[] = []
  const options = { ...resolveReport({ files: ['.'], ...asked }, { cwd }), ...more }
  const report = await trafficReport(options, {
    env: {},
    emit: (event) => {
      if (event.type === 'warning') {
        warnings.push({ ...event, items: event.items.map((item) => item.replace(`${cwd}/`, '')) })
      }
    },
  })
  return { report, warnings }
}

/** `/logo.png 3 300`, row by row. */
export const lines = ({ rows }: TrafficReport): string[] =>
  rows.map(({ what, requests, bytes }) => `${what} ${requests} ${bytes}`)
