import type { PriceTier, RequestPrice, Tariff } from './prices.ts'
import type { Traffic } from './table.ts'

/** What traffic costs by a tariff, in dollars. */
export interface Cost {
  /** At list prices, nothing of it free. */
  readonly transfer: number
  readonly requests: number
  readonly list: number
  /** What is left to pay when each month's free allowance is used for nothing else. */
  readonly due: number
}

/** Tiers and allowances are those of one month: each is billed by itself. */
export function costOf(months: Iterable<Traffic>, tariff: Tariff): Cost {
  const { gigabyte, transfer, requests } = tariff
  const { tiers, freeGigabytes } = transfer
  const cost = { transfer: 0, requests: 0, due: 0 }
  for (const month of months) {
    const gigabytes = month.bytes / gigabyte
    const moved = tiered(gigabytes, tiers)
    const asked = (month.requests / 1e6) * requests.dollarsPerMillion
    cost.transfer += moved
    cost.requests += asked
    // what is free are the first of the month, which are also the first of the first tier
    cost.due += moved - tiered(Math.min(gigabytes, freeGigabytes), tiers)
    cost.due += requestsDue(month.requests, requests, tariff)
  }
  return { ...cost, list: cost.transfer + cost.requests }
}

/** What is left to pay of a month's requests. */
export function requestsDue(
  count: number,
  price: RequestPrice,
  { roundsUp = false }: Pick<Tariff, 'roundsUp'>,
): number {
  const millions = roundsUp ? Math.ceil(count / 1e6) : count / 1e6
  return Math.max(0, millions - price.free / 1e6) * price.dollarsPerMillion
}

/** Each part of the amount at the price of the tier that it lies in. */
export function tiered(gigabytes: number, tiers: readonly PriceTier[]): number {
  let [dollars, from] = [0, 0]
  for (const { upToGigabytes = Number.POSITIVE_INFINITY, dollars: price } of tiers) {
    if (gigabytes <= from) break
    dollars += (Math.min(gigabytes, upToGigabytes) - from) * price
    from = upToGigabytes
  }
  return dollars
}

/** The share of the list price that falls to a part of the traffic. The parts add up to the whole. */
export function partOf({ transfer, requests }: Cost, part: Traffic, total: Traffic): number {
  const share = (amount: number, whole: number): number => (whole === 0 ? 0 : amount / whole)
  return transfer * share(part.bytes, total.bytes) + requests * share(part.requests, total.requests)
}
