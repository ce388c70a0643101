import { formatBytes, formatShare, type LogBasis, plural, type SiteEstimate } from '../../index.ts'
import { moneyText } from './money.ts'
import { indented } from './traffic.ts'

/** What the numbers rest on, and what is not in them. */
export function assumedText(found: SiteEstimate): string {
  const lines = [...visitors(found), ...deploys(found), ...limits(found)]
  return `assumed\n${lines.map((line) => `  -${indented(line, 4).slice(3)}`).join('')}`
}

function visitors({ assumed, bills, requests, transfer, pages }: SiteEstimate): readonly string[] {
  const { visits, logs } = assumed
  if (logs !== undefined) return logLines(logs)
  if (visits === undefined) return []
  if (pages === 0)
    return ['There is no page: what visitors load is not known. --traffic LOGS reads it from access logs.']
  const { returning, changed } = visits
  const least = bills.map(({ tariff: { name }, leastDue }) => `${name} ${moneyText(leastDue)}`)
  const isRange = requests.low !== requests.high || transfer.low !== transfer.high
  return [
    'Each page is viewed as often as every other.',
    `${formatShare(returning, 1)} of the visits are by browsers that were there a month ago and have kept what ` +
      `Cache-Control lets them keep; ${formatShare(changed, 1)} of the files have changed since.`,
    ...(isRange
      ? [
          'Where browsers choose (srcset, lazy images, media, fonts, backgrounds, icons), the table counts the ' +
            `largest and all of them. With the smallest, and without what may not be loaded: ${least.join(', ')}.`,
        ]
      : []),
  ]
}

function logLines({ requests, bytes, matched, days, factor }: LogBasis): readonly string[] {
  const span =
    days === undefined
      ? 'The logs name no times: they are taken for one month.'
      : `The logs cover ${plural(Number(days.toFixed(1)), 'day')}; a month is ${Number(factor.toPrecision(3))} times that.`
  return [
    span,
    `${formatShare(matched.requests, requests)} of their requests and ${formatShare(matched.bytes, bytes)} of their ` +
      'bytes are for files that the store would have, by their paths; the others are not counted.',
    'Bytes are those of the logs, also where the file in the folder has another size by now.',
  ]
}

function deploys({ assumed, mode }: SiteEstimate): readonly string[] {
  const { deploys: count, changed, keepDays, keepReleases } = assumed
  const kept = `former contents stay for ${plural(keepDays, 'day')} and ${plural(keepReleases, 'release')}, if lading prune is run`
  const pages =
    mode === 'offload' ? ['Pages, and what stays beside them, come from your own server: it has no price here.'] : []
  return [
    count === 0
      ? 'The site is put up once and does not change.'
      : `${plural(count, 'deploy')} a month, each changing ${formatShare(changed, 1)} of the files; ${kept}.`,
    ...pages,
  ]
}

/** Texts of less are not worth a line. */
const TOLD_BYTES = 1000

function limits({ firstView }: SiteEstimate): readonly string[] {
  const text = firstView?.plainTextBytes ?? 0
  return [
    ...(text >= TOLD_BYTES
      ? [
          `A view has the bytes that are stored. ${formatBytes(text)} of the first one are texts that are not compressed ` +
            'there: a CDN that compresses sends much less of them.',
        ]
      : []),
    'One cache of a CDN asks the store when Cache-Control says so: each time for what has max-age=0, as pages have. ' +
      'Caches in several places ask more often.',
    'Free allowances are used by nothing else. Headers, what scripts load by themselves, robots, taxes, discounts and ' +
      'plans at a flat rate are left out.',
  ]
}
