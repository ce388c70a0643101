import type { ReportOptions } from '../config/report.ts'
import type { Run } from '../line/run.ts'
import { fileOfRequest } from '../report/join.ts'
import type { LogBasis } from '../report/site-estimate.ts'
import type { Traffic } from '../report/table.ts'
import type { Emit } from '../words/events.ts'
import type { SitePath } from '../words/model.ts'
import type { EstimatedSite } from './estimated-site.ts'
import { readTraffic } from './traffic-report.ts'

const DAY_MS = 86_400_000
const MONTH_DAYS = 30

/** What logs say of the site's files, scaled to a month. @throws E_LOGS */
export async function readLoggedTraffic(
  logs: Pick<ReportOptions, 'files' | 'format'>,
  site: EstimatedSite,
  run: Run & { readonly emit: Emit },
): Promise<{ readonly byFile: ReadonlyMap<SitePath, Traffic>; readonly basis: LogBasis }> {
  const { counted } = await readTraffic(logs, run)
  const { firstMs, lastMs, total } = counted
  // a log of an hour says nothing of the night
  const days = firstMs > lastMs ? undefined : Math.max(1, (lastMs - firstMs) / DAY_MS)
  const factor = days === undefined ? 1 : MONTH_DAYS / days
  const stored = new Set(site.asked.map(({ path }) => path))
  const byFile = new Map<SitePath, Traffic>()
  const matched = { requests: 0, bytes: 0 }
  for (const { name, requests, bytes } of counted.files) {
    const path = fileOfRequest(name, site)
    if (path === undefined || !stored.has(path)) continue
    matched.requests += requests
    matched.bytes += bytes
    const before = byFile.get(path) ?? { requests: 0, bytes: 0 }
    byFile.set(path, { requests: before.requests + requests * factor, bytes: before.bytes + bytes * factor })
  }
  return { byFile, basis: { ...total, matched, days, factor } }
}
