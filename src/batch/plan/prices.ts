/** What the parts of a batch cost, in dollars, with where each figure is from. Data: a newer list is an edit here. */
export interface Prices {
  /** One core for an hour, on spot and on demand. */
  readonly coreHour: { readonly spot: number; readonly onDemand: number }
  readonly storePut: number
  readonly storeGet: number
  readonly queueRequest: number
  /** A public IPv4 address for an hour. */
  readonly addressHour: number
}

export interface PriceSource {
  readonly what: keyof Prices
  readonly source: string
  /** When it was read. */
  readonly date: string
}

/** us-east-1. Spot moves with the market: c8g.xlarge at two fifths of its price on demand. */
export const PRICES: Prices = {
  coreHour: { spot: 0.016, onDemand: 0.0399 },
  storePut: 5e-6,
  storeGet: 0.4e-6,
  queueRequest: 0.4e-6,
  addressHour: 0.005,
}

/** An instance of the group, as `stack` makes it: its cores, and an hour of it in dollars. */
export const GROUP_INSTANCE: { readonly slots: number; readonly hourDollars: number } = {
  slots: 4,
  hourDollars: 4 * PRICES.coreHour.spot,
}

export const PRICE_SOURCES: readonly PriceSource[] = [
  {
    what: 'coreHour',
    source: 'https://instances.vantage.sh/aws/ec2/c8g.8xlarge, spot taken as 40 % of it',
    date: '2026-11-20',
  },
  { what: 'storePut', source: 'https://aws.amazon.com/s3/pricing/', date: '2026-11-20' },
  { what: 'storeGet', source: 'https://aws.amazon.com/s3/pricing/', date: '2026-11-20' },
  { what: 'queueRequest', source: 'https://aws.amazon.com/sqs/pricing/', date: '2026-11-20' },
  { what: 'addressHour', source: 'https://aws.amazon.com/vpc/pricing/', date: '2026-11-20' },
]
