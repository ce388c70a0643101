import { requestsDue, tiered } from './cost.ts'
import type { RequestPrice, Tariff } from './prices.ts'

/** What a site uses in one month. */
export interface MonthUsage {
  /** On average over the month. */
  readonly storedBytes: number
  /** PUT, COPY and LIST. */
  readonly writes: number
  /** Objects that a CDN in front fetches, or asks about. */
  readonly reads: number
  /** Of visitors. */
  readonly requests: number
  readonly bytes: number
  /** Paths that a CDN is told to fetch anew. */
  readonly invalidations: number
}

export type BillPart = 'storage' | 'writes' | 'reads' | 'transfer' | 'requests' | 'invalidations'

/** One part of a bill, in dollars. */
export interface BillLine {
  readonly part: BillPart
  /** In GB as the provider counts them, requests or paths. */
  readonly quantity: number
  /** At list prices, nothing of it free. */
  readonly list: number
  /** What is left to pay when the month's free allowance is used for nothing else. */
  readonly due: number
}

export interface Bill {
  /** Parts that the provider takes money for. */
  readonly lines: readonly BillLine[]
  readonly list: number
  readonly due: number
}

/** What one month costs. Without prices of the store, its parts are not there. */
export function billOf(usage: MonthUsage, tariff: Tariff): Bill {
  const { store, transfer, requests, invalidations } = tariff
  const lines = [
    ...(store === undefined
      ? []
      : [
          gigabytes('storage', usage.storedBytes, { ...store.storage, tariff, isRounded: tariff.roundsUp === true }),
          counted('writes', usage.writes, { price: store.writes, tariff }),
          ...(store.reads === undefined ? [] : [counted('reads', usage.reads, { price: store.reads, tariff })]),
        ]),
    gigabytes('transfer', usage.bytes, { ...transfer, tariff, isRounded: false }),
    counted('requests', usage.requests, { price: requests, tariff }),
    ...(invalidations === undefined ? [] : [paths(usage.invalidations, invalidations)]),
  ]
  const sum = (of: (line: BillLine) => number): number => lines.reduce((all, line) => all + of(line), 0)
  return { lines, list: sum(({ list }) => list), due: sum(({ due }) => due) }
}

type Metered = Tariff['transfer'] & { readonly tariff: Tariff; readonly isRounded: boolean }

/** What is free are the first of the month, which are also the first of the first tier. */
function gigabytes(part: BillPart, bytes: number, { tariff, tiers, freeGigabytes, isRounded }: Metered): BillLine {
  const quantity = bytes / tariff.gigabyte
  const billed = isRounded ? Math.ceil(quantity) : quantity
  const due = tiered(billed, tiers) - tiered(Math.min(billed, freeGigabytes), tiers)
  return { part, quantity, list: tiered(quantity, tiers), due }
}

function counted(
  part: BillPart,
  quantity: number,
  { price, tariff }: { readonly price: RequestPrice; readonly tariff: Tariff },
): BillLine {
  return {
    part,
    quantity,
    list: (quantity / 1e6) * price.dollarsPerMillion,
    due: requestsDue(quantity, price, tariff),
  }
}

function paths(quantity: number, { free, dollars }: NonNullable<Tariff['invalidations']>): BillLine {
  return { part: 'invalidations', quantity, list: quantity * dollars, due: Math.max(0, quantity - free) * dollars }
}
