import { type Cost, costOf, partOf } from './cost.ts'
import type { TrafficKind } from './kinds.ts'
import type { Tariff } from './prices.ts'
import { type Remark, remarksOn } from './remarks.ts'
import { rowsOf, type TrafficRow } from './rows.ts'
import { joinSite, type SiteFiles, type SiteJoin } from './site-join.ts'
import type { Traffic, TrafficTable } from './table.ts'

/** A row with what it costs. */
export interface PricedRow extends TrafficRow {
  /** Of all bytes, 0 to 1. */
  readonly share: number
  /** Its part of the list price by each tariff, in dollars. */
  readonly dollars: Readonly<Record<string, number>>
}

/** Lines of logs: requests, lines that are none by their format, and lines that could not be read. */
export interface LineCounts {
  readonly requests: number
  readonly notes: number
  readonly unreadable: number
}

/** A tariff with what all the traffic costs by it. */
export interface TariffCost extends Cost {
  readonly tariff: Tariff
}

/** What the requests of some logs came to. The JSON form is a contract: fields are added, never renamed. */
export interface TrafficSummary {
  /** Logs that were read. */
  readonly files: number
  readonly lines: LineCounts
  /** From the first request to the last, in UTC; absent where no line names a time. */
  readonly period?: { readonly first: string; readonly last: string } | undefined
  readonly requests: number
  readonly bytes: number
  /** By class, `2xx`; `other` are visitors who left before the answer. */
  readonly statuses: readonly ({ readonly status: string } & Traffic)[]
  /** By what the files are for, most bytes first. */
  readonly kinds: readonly ({ readonly kind: TrafficKind } & Traffic)[]
  /** Most bytes first; the sums that are no single file come last. */
  readonly rows: readonly PricedRow[]
  readonly remarks: readonly Remark[]
  /** The first one is that of the table. */
  readonly costs: readonly TariffCost[]
  /** Where a folder was given. */
  readonly site?: SiteJoin | undefined
}

export interface SummaryOptions extends Pick<TrafficSummary, 'files' | 'lines'> {
  readonly tariffs: readonly Tariff[]
  /** Rows of single files. */
  readonly top: number
  readonly site?: SiteFiles | undefined
}

export function summarize(table: TrafficTable, { tariffs, top, files, lines, site }: SummaryOptions): TrafficSummary {
  const { total, kinds } = table
  const costs = tariffs.map((tariff) => ({ tariff, ...costOf(table.months.values(), tariff) }))
  return {
    files,
    lines,
    period: periodOf(table),
    ...total,
    statuses: statusesOf(table),
    kinds: [...kinds]
      .map(([kind, traffic]) => ({ kind, ...traffic }))
      .sort((a, b) => b.bytes - a.bytes || b.requests - a.requests),
    rows: rowsOf(table, top, site).map((row) => pricedBy(costs, row, total)),
    remarks: remarksOn(table),
    costs,
    ...(site !== undefined && { site: joinSite(table, site, costs) }),
  }
}

function periodOf({ firstMs, lastMs }: TrafficTable): TrafficSummary['period'] {
  if (firstMs > lastMs) return undefined
  return { first: new Date(firstMs).toISOString(), last: new Date(lastMs).toISOString() }
}

function statusesOf({ statuses }: TrafficTable): TrafficSummary['statuses'] {
  const nameOf = (digit: number): string => (digit >= 1 && digit <= 5 ? `${digit}xx` : 'other')
  return [...statuses].sort(([a], [b]) => a - b).map(([digit, traffic]) => ({ status: nameOf(digit), ...traffic }))
}

function pricedBy(costs: readonly TariffCost[], row: TrafficRow, total: Traffic): PricedRow {
  return {
    ...row,
    share: total.bytes === 0 ? 0 : row.bytes / total.bytes,
    dollars: Object.fromEntries(costs.map(({ tariff, ...cost }) => [tariff.id, partOf(cost, row, total)])),
  }
}
