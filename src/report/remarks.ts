import { formatBytes, plural } from '../words/units.ts'
import { labelOf } from './rows.ts'
import type { FileTraffic, Traffic, TrafficTable } from './table.ts'
import { formatCount, formatShare } from './words.ts'

/**
 *   icon         one of the icons that browsers ask for by themselves is a good part of all bytes
 *   few          a few files are half of all bytes
 *   uncached     the cache in front fetched a file again and again
 *   revalidated  browsers ask again and again whether their copy is still good
 *   missing-icon icons that are asked for and not there
 *   not-found    many requests for what is not there
 *   errors       many answers that say that the server failed
 */
export type RemarkKind = 'icon' | 'few' | 'uncached' | 'revalidated' | 'missing-icon' | 'not-found' | 'errors'

/** Something that the numbers say by themselves. */
export interface Remark {
  readonly kind: RemarkKind
  /** The file, where it is about one. */
  readonly what?: string | undefined
  /** A sentence; after the name of the file where it is about one. */
  readonly message: string
  readonly fix: string
}

/** Fewer requests than this say nothing about caching. */
const TELLING = 100
/** Files that a remark of one kind names, at most. */
const NAMED = 3

/** What stands out, by rules that are shares of what was counted. Nothing is guessed about visitors. */
export function remarksOn(table: TrafficTable): readonly Remark[] {
  return RULES.flatMap((rule) => rule(table))
}

const RULES: readonly ((table: TrafficTable) => readonly Remark[])[] = [
  ({ files, total }) =>
    files
      .filter(({ name, bytes }) => isIcon(name) && bytes >= 0.05 * total.bytes && bytes > 0)
      .slice(0, NAMED)
      .map((file) => ({
        kind: 'icon',
        what: labelOf(file),
        message: `is ${formatShare(file.bytes, total.bytes)} of all bytes${sizeOf(file)}`,
        fix: 'An icon of 1 to 2 kB that browsers keep for days is all that they need.',
      })),
  ({ files, total }) => {
    const half = total.bytes / 2
    let [count, bytes] = [0, 0]
    while (bytes < half && count < files.length) bytes += files[count++]?.bytes ?? 0
    // of a few files, few are always the most
    if (total.bytes === 0 || bytes < half || count > 10 || files.length < 4 * count) return []
    const message = `${plural(count, 'file')} of ${formatCount(files.length)} ${count === 1 ? 'is' : 'are'} ${formatShare(bytes, total.bytes)} of all bytes`
    return [{ kind: 'few', message, fix: 'Begin with these: smaller, elsewhere, or kept by browsers for longer.' }]
  },
  ({ files }) =>
    most(files, ({ misses }) => misses)
      .filter(({ hits, misses }) => misses >= TELLING && misses > hits)
      .slice(0, NAMED)
      .map((file) => ({
        kind: 'uncached',
        what: labelOf(file),
        message: `was not in the cache for ${formatShare(file.misses, file.hits + file.misses)} of ${formatCount(file.hits + file.misses)} requests`,
        fix: 'Send Cache-Control with a max-age; look whether cookies or query strings are part of the cache key.',
      })),
  ({ files }) =>
    most(files, ({ unchanged }) => unchanged)
      .filter(({ unchanged, requests, name }) => unchanged >= TELLING && unchanged > requests / 2 && !isPage(name))
      .slice(0, NAMED)
      .map((file) => ({
        kind: 'revalidated',
        what: labelOf(file),
        message: `was only asked about and not sent (304) for ${formatShare(file.unchanged, file.requests)} of ${formatCount(file.requests)} requests`,
        fix: 'A name with a hash and a year of caching is not asked for again: lading plan shows it.',
      })),
  ({ icons, total }) =>
    icons.requests === 0
      ? []
      : [
          {
            kind: 'missing-icon',
            message: `Icons that are not there were asked for ${formatCount(icons.requests)} times (${formatShare(icons.requests, total.requests)} of all requests, ${formatBytes(icons.bytes)})`,
            fix: 'Put a small favicon.ico and apple-touch-icon.png at the root of the site.',
          },
        ],
  ({ statuses, icons, total }) => {
    const requests = (statuses.get(4)?.requests ?? 0) - icons.requests
    const fix = 'The rows say which; lading verify --live finds what your own pages name.'
    return isMany(requests, total.requests)
      ? [{ kind: 'not-found', message: answers(requests, '4xx', total), fix }]
      : []
  },
  ({ statuses, total }) => {
    const requests = statuses.get(5)?.requests ?? 0
    const fix = 'Look into the error log of the server or of the origin.'
    return isMany(requests, total.requests) ? [{ kind: 'errors', message: answers(requests, '5xx', total), fix }] : []
  },
]

const isIcon = (name: string): boolean => /(?:\.ico|\/apple-touch-icon[^/]*\.png)$/i.test(name)

/** They are asked for again on purpose. */
const isPage = (name: string): boolean => /(?:\/[^./]*|\.html?)$/i.test(name)

const isMany = (requests: number, total: number): boolean => requests >= 10 && requests >= 0.01 * total

const answers = (requests: number, status: string, total: Traffic): string =>
  `${formatCount(requests)} answers (${formatShare(requests, total.requests)}) are ${status}`

const sizeOf = ({ largest, whole }: FileTraffic): string =>
  largest === 0 ? '' : `: ${formatBytes(largest)}, sent ${formatCount(whole)} times`

const most = (files: readonly FileTraffic[], by: (file: FileTraffic) => number): readonly FileTraffic[] =>
  [...files].sort((a, b) => by(b) - by(a))
