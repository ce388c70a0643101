import type { EstimateOptions } from '../config/estimate.ts'
import type { SyncOptions } from '../config/interface.ts'
import type { Run } from '../line/run.ts'
import { billOf } from '../report/bill.ts'
import { monthsOf, uploadSeconds } from '../report/month.ts'
import type { Tariff } from '../report/prices.ts'
import type { Assumed, FirstViewFile, IconEstimate, Range, SiteEstimate } from '../report/site-estimate.ts'
import { type AskedFile, type SiteTraffic, sumOf, trafficOfVisits } from '../report/site-traffic.ts'
import { changedShare, type Visits } from '../report/visits.ts'
import type { PageTally } from '../site/needs/needs.ts'
import { DEFAULT_ICON, tallyPages } from '../site/needs/page-needs.ts'
import { EXIT, LadingError } from '../words/errors.ts'
import type { Emit } from '../words/events.ts'
import type { SitePath } from '../words/model.ts'
import { type EstimatedSite, lookAtSite } from './estimated-site.ts'
import { loadTariffs } from './traffic-report.ts'

/** Files of the first view that are named. */
const HEAVIEST = 5

/**
 * What the folder would cost at each provider, as `sync` would put it up. Reads the folder, asks no network, and writes
 * nothing but caches.
 * @throws E_USAGE for a tariff that is not there, E_PRICES, E_LOGS, and what `plan` throws of a site
 */
export async function estimateSite(options: EstimateOptions, run: Run = {}): Promise<SiteEstimate> {
  const started = performance.now()
  const { site, deploys, changed } = options
  const { emit = () => {} } = run
  const tariffs = await tariffsFor(options)
  const found = await lookAtSite(site, run)
  const { stored } = found
  const tally = await tallyPages({ ...site, ...found, signal: run.signal })
  tellUnread(tally, emit)
  const traffic = await trafficFor(options, { found, tally, run: { ...run, emit } })
  const plan = { deploys, changed, keepReleases: site.keepReleases, keepDays: site.keepDays, budget: budgetOf(site) }
  const { concurrency: requestsAtOnce } = site
  const { uplinkBitsPerSecond } = options
  const [low, high] = [monthsOf(stored, traffic.low, plan), monthsOf(stored, traffic.high, plan)]
  const { budget: _, ...assumed } = plan
  return {
    ok: true,
    exit: EXIT.ok,
    mode: site.delivery.mode,
    ...found.totals,
    pages: tally.pages,
    stored,
    ...viewsOf(found, tally),
    requests: rangeOf(traffic.low.requests, traffic.high.requests),
    transfer: rangeOf(traffic.low.bytes, traffic.high.bytes),
    icon: iconOf(tally, { found, traffic, tariffs: tariffs.map(({ tariff }) => tariff) }),
    upload: {
      bytes: stored.bytes,
      requests: stored.writes,
      seconds: uploadSeconds(stored, { bitsPerSecond: uplinkBitsPerSecond, atOnce: requestsAtOnce }),
    },
    bills: tariffs.map(({ tariff, isOwn }) => ({
      tariff,
      isOwn,
      first: billOf(high.first, tariff),
      later: billOf(high.later, tariff),
      leastDue: Math.min(billOf(low.later, tariff).due, billOf(high.later, tariff).due),
    })),
    assumed: { ...traffic.basis, ...assumed, uplinkBitsPerSecond, requestsAtOnce },
    ms: Math.round(performance.now() - started),
  }
}

function tellUnread({ unread }: PageTally, emit: Emit): void {
  if (unread.length === 0) return
  const message = 'what these pages load is not counted: their encoding is not supported'
  emit({ type: 'warning', code: 'W_ENCODING_SKIPPED', message, items: unread })
}

/** Large files that few pages need may make the lower end the dearer one. */
const rangeOf = (a: number, b: number): Range => ({ low: Math.min(a, b), high: Math.max(a, b) })

interface Chosen {
  readonly tariff: Tariff
  readonly isOwn: boolean
}

async function tariffsFor({ site, hasStore, providers, prices }: EstimateOptions): Promise<readonly Chosen[]> {
  const all = await loadTariffs(prices)
  const unknown = providers.find((id) => all.every((tariff) => tariff.id !== id))
  if (unknown !== undefined) {
    throw new LadingError('E_USAGE', 'no price of this provider is known', {
      subject: unknown,
      hint: `Write --provider ${all.map(({ id }) => id).join(', or --provider ')}; --prices FILE adds your own.`,
    })
  }
  const own = hasStore ? await ownTariffs(site) : []
  const chosen = providers.length === 0 ? all : all.filter(({ id }) => providers.includes(id))
  return chosen
    .map((tariff) => ({ tariff, isOwn: own.includes(tariff.id) }))
    .sort((a, b) => Number(b.isOwn) - Number(a.isOwn))
}

/** Tariffs of the configured store. */
async function ownTariffs({ target }: SyncOptions): Promise<readonly string[]> {
  if (target.kind !== 's3') return []
  const { profileOf } = await import('../store/s3/profiles.ts')
  const { tools } = profileOf(target.endpoint === undefined ? undefined : new URL(target.endpoint))
  return tools === 'aws' ? ['cloudfront', 's3'] : tools === undefined ? [] : [tools]
}

/** Where no CDN is configured, what one of CloudFront would have by default. */
const BUDGET = 100
const budgetOf = ({ cdn }: SyncOptions): number => (cdn?.kind === 'cloudfront' ? cdn.budget : BUDGET)

interface Traffics {
  readonly low: SiteTraffic
  readonly high: SiteTraffic
  readonly basis: Pick<Assumed, 'visits' | 'logs'>
}

interface Known {
  readonly found: EstimatedSite
  readonly tally: PageTally
}

async function trafficFor(
  options: EstimateOptions,
  { found, tally, run }: Known & { readonly run: Run & { readonly emit: Emit } },
): Promise<Traffics> {
  if (options.traffic !== undefined) {
    const { readLoggedTraffic } = await import('./logged-traffic.ts')
    const { byFile, basis } = await readLoggedTraffic({ files: options.traffic, format: options.format }, found, run)
    const all = sumOf(found.asked, byFile)
    return { low: all, high: all, basis: { logs: basis } }
  }
  const files = [...askedFiles(found, tally), ...missingIcon(options.site, tally)]
  const visits: Visits = { ...options.visits, changed: changedShare(options.changed, options.deploys) }
  const of = (kind: 'sure' | 'all'): SiteTraffic => trafficOfVisits(files, { visits, pages: tally.pages, kind })
  return { low: of('sure'), high: of('all'), basis: { visits } }
}

const askedFiles = ({ asked }: EstimatedSite, { sure, all }: PageTally): readonly AskedFile[] =>
  asked.map((file) => ({ ...file, sure: sure.get(file.path) ?? 0, all: all.get(file.path) ?? 0 }))

/** Browsers ask the host's root for an icon that no page names, once in a visit, and get a page of an error. */
const missingIcon = ({ delivery, base }: SyncOptions, { withoutIcon }: PageTally): readonly AskedFile[] =>
  delivery.mode === 'offload' || base !== '/' || withoutIcon === 0
    ? []
    : [{ path: DEFAULT_ICON, bytes: 0, keeping: 'passing', sharedSeconds: 0, sure: withoutIcon, all: withoutIcon }]

function viewsOf({ sizeOf, isPlainText }: EstimatedSite, tally: PageTally): Pick<SiteEstimate, 'view' | 'firstView'> {
  const { pages, first } = tally
  const mean = (counts: ReadonlyMap<SitePath, number>): number =>
    pages === 0 ? 0 : [...counts].reduce((sum, [path, count]) => sum + (sizeOf(path) ?? 0) * count, 0) / pages
  const view = rangeOf(Math.round(mean(tally.sure)), Math.round(mean(tally.all)))
  if (first === undefined) return { view }
  const { sure, all } = first.needs
  const files = [...new Set([...all, ...sure])]
    .map((path): FirstViewFile => ({ path, bytes: sizeOf(path) ?? 0, isSure: sure.has(path) }))
    .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
  const bytesOf = (paths: Iterable<SitePath>): number => [...paths].reduce((sum, path) => sum + (sizeOf(path) ?? 0), 0)
  return {
    view,
    firstView: {
      page: first.path,
      bytes: rangeOf(bytesOf(sure), bytesOf(all)),
      files: rangeOf(sure.size, all.size),
      heaviest: files.slice(0, HEAVIEST),
      plainTextBytes: bytesOf([...all].filter(isPlainText)),
    },
  }
}

function iconOf(
  { icons }: PageTally,
  {
    found,
    traffic,
    tariffs,
  }: { readonly found: EstimatedSite; readonly traffic: Traffics; readonly tariffs: readonly Tariff[] },
): IconEstimate {
  const files = [...icons]
    .map((path) => ({ path, bytes: found.sizeOf(path) ?? 0 }))
    .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
  let [requests, bytes] = [0, 0]
  for (const path of icons.size === 0 ? [DEFAULT_ICON] : icons) {
    const asked = traffic.high.byFile.get(path)
    requests += asked?.requests ?? 0
    bytes += asked?.bytes ?? 0
  }
  const usage = { requests: Math.round(requests), bytes: Math.round(bytes) }
  const nothing = { storedBytes: 0, writes: 0, reads: 0, invalidations: 0 }
  const dollars = tariffs.map((tariff) => [tariff.id, billOf({ ...nothing, ...usage }, tariff).list])
  return { files, ...usage, dollars: Object.fromEntries(dollars) }
}
