import { resolve } from 'node:path'
import type { LogFormat } from '../report/entry.ts'
import { LadingError } from '../words/errors.ts'
import type { ResolveContext } from './asked.ts'
import type { LadingConfig, SyncOptions } from './interface.ts'
import { formatFrom } from './report.ts'
import { NOWHERE, resolveConfig } from './resolve.ts'

/** What is assumed about visitors and deploys, as a person writes it. */
export interface EstimateAsked {
  /** Views of pages in a month. @default 10_000, or one for each visit */
  readonly views?: unknown
  /** Visits in a month. @default one for each view */
  readonly visits?: unknown
  /** Access logs instead, and folders of logs. */
  readonly traffic?: readonly string[] | undefined
  /** Of the logs. @default told from each file */
  readonly format?: unknown
  /** Share of the visits by browsers that were there before: `0.3`, `30%`. @default 0.3 */
  readonly returning?: unknown
  /** Deploys in a month. @default 4 */
  readonly deploys?: unknown
  /** Share of the files that a deploy changes: `10%`. @default 0.1 */
  readonly changed?: unknown
  /** `100Mbit`, `1Gbit`. @default 100Mbit */
  readonly uplink?: unknown
  /** Tariffs, by their ids. @default all */
  readonly providers?: readonly string[] | undefined
  /** A file of prices instead of those that come with Lading. */
  readonly prices?: string | undefined
}

/** What an estimate needs. Paths are absolute. */
export interface EstimateOptions {
  readonly site: SyncOptions
  /** Whether the store is a real one, and not only assumed. */
  readonly hasStore: boolean
  readonly visits: { readonly visits: number; readonly views: number; readonly returning: number }
  readonly traffic: readonly string[] | undefined
  readonly format: LogFormat | undefined
  readonly deploys: number
  readonly changed: number
  readonly uplinkBitsPerSecond: number
  readonly providers: readonly string[]
  readonly prices: string | undefined
}

const VIEWS = 10_000
const RETURNING = 0.3
const DEPLOYS = 4
const CHANGED = 0.1
const UPLINK = '100Mbit'
const MOST = 1e12

/** @throws E_USAGE, and what {@link resolveConfig} throws */
export function resolveEstimate(input: LadingConfig, asked: EstimateAsked, context: ResolveContext): EstimateOptions {
  const { url, host, out, inPlace } = input
  // nothing is written, so that nobody has to say yet where pages will go
  const isOpen = url !== undefined && !host && out === undefined && !inPlace
  const config = { ...input, to: input.to ?? NOWHERE, ...(isOpen && { inPlace: true }) }
  const path = (file: string): string => resolve(context.cwd, file)
  return {
    site: resolveConfig(config, context),
    hasStore: input.to !== undefined,
    visits: { ...visitsFrom(asked), returning: shareFrom(asked.returning ?? RETURNING, '--returning 30%') },
    traffic: asked.traffic?.map(path),
    format: formatFrom(asked.format),
    deploys: countFrom(asked.deploys ?? DEPLOYS, '--deploys 4', 10_000),
    changed: shareFrom(asked.changed ?? CHANGED, '--changed 10%'),
    uplinkBitsPerSecond: uplinkFrom(asked.uplink ?? UPLINK),
    providers: asked.providers ?? [],
    prices: asked.prices === undefined ? undefined : path(asked.prices),
  }
}

function visitsFrom({ views, visits, traffic }: EstimateAsked): { readonly visits: number; readonly views: number } {
  if (traffic !== undefined && (views ?? visits) !== undefined) {
    throw new LadingError('E_USAGE', '--traffic and a number of visitors exclude each other', {
      why: 'Logs say how many requests there were.',
      hint: `Leave --${views === undefined ? 'visits' : 'views'} out.`,
    })
  }
  const asViews = views === undefined ? undefined : countFrom(views, '--views 10000', MOST)
  const asVisits = visits === undefined ? undefined : countFrom(visits, '--visits 10000', MOST)
  const both = { views: asViews ?? asVisits ?? VIEWS, visits: asVisits ?? asViews ?? VIEWS }
  if (both.views >= both.visits && (both.visits > 0 || both.views === 0)) return both
  throw new LadingError('E_USAGE', 'there are fewer views of pages than visits, or no visits for them', {
    subject: `--views ${both.views} --visits ${both.visits}`,
    hint: 'Each visit is a view at least; leave one of the two out.',
  })
}

function countFrom(value: unknown, example: string, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value
  throw unreadable(value, example, `It must be a whole number from 0 to ${most}.`)
}

/** `0.3` and `30%`. */
function shareFrom(value: unknown, example: string): number {
  const [, number, percent] = /^(\d{1,3}(?:\.\d{1,9})?)(%?)$/.exec(String(value)) ?? []
  const share = Number(number) / (percent === '%' ? 100 : 1)
  if (number !== undefined && share <= 1) return share
  throw unreadable(value, example, 'It must be a share: 0.3 or 30%, 100% at most.')
}

const UNITS: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9 }

/** `100Mbit`, `1.5 Gbit/s`. */
function uplinkFrom(value: unknown): number {
  const [, number, unit = ''] = /^(\d{1,6}(?:\.\d{1,6})?) ?([kmg])bit(?:\/s)?$/i.exec(String(value)) ?? []
  const bits = Number(number) * (UNITS[unit.toLowerCase()] ?? 0)
  if (bits > 0) return bits
  throw unreadable(value, '--uplink 100Mbit', 'It must be a number of kbit, Mbit or Gbit in a second.')
}

const unreadable = (value: unknown, example: string, why: string): LadingError =>
  new LadingError('E_USAGE', `${example.split(' ')[0]} cannot be read`, {
    subject: String(value),
    why,
    hint: `Write ${example}.`,
  })
