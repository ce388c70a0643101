/** A price of a service that is paid for by use, in dollars. Data: a newer list is an edit here, or `--prices FILE`. */
export interface Tariff {
  /** `cloudfront`; how the tariff is named in records and by `--tariff`. */
  readonly id: string
  readonly name: string
  /** Where in the world, or on what terms, the price holds. */
  readonly where: string
  /** The page that the figures are from, and when they were compared with it. */
  readonly source: string
  readonly date: string
  /** What the figures leave out. */
  readonly note?: string | undefined
  /** Bytes of what the provider calls a GB. */
  readonly gigabyte: number
  readonly transfer: {
    /** Of each month. */
    readonly freeGigabytes: number
    /** The last tier has no end. */
    readonly tiers: readonly PriceTier[]
  }
  readonly requests: { readonly free: number; readonly dollarsPerMillion: number }
}

export interface PriceTier {
  /** Where the tier ends, in GB of a month counted from the first. */
  readonly upToGigabytes?: number | undefined
  /** Of each GB. */
  readonly dollars: number
}

export const GIBIBYTE: number = 2 ** 30
/** Amazon's TB. */
const TERABYTE = 1024

/** List prices. A provider whose price we are not sure of is not here. */
export const TARIFFS: readonly Tariff[] = [
  {
    id: 'cloudfront',
    name: 'CloudFront',
    where: 'visitors in North America, HTTPS',
    source: 'https://aws.amazon.com/cloudfront/pricing/',
    date: '2026-06',
    note: 'fetches from S3 cost no transfer; functions, logs and invalidations are left out',
    gigabyte: GIBIBYTE,
    transfer: {
      freeGigabytes: TERABYTE,
      tiers: [
        { upToGigabytes: 10 * TERABYTE, dollars: 0.085 },
        { upToGigabytes: 50 * TERABYTE, dollars: 0.08 },
        { upToGigabytes: 150 * TERABYTE, dollars: 0.06 },
        { upToGigabytes: 500 * TERABYTE, dollars: 0.04 },
        { upToGigabytes: 1024 * TERABYTE, dollars: 0.03 },
        { upToGigabytes: 5 * 1024 * TERABYTE, dollars: 0.025 },
        { dollars: 0.02 },
      ],
    },
    requests: { free: 10_000_000, dollarsPerMillion: 1 },
  },
  {
    id: 's3',
    name: 'S3 alone',
    where: 'us-east-1, to the internet',
    source: 'https://aws.amazon.com/s3/pricing/',
    date: '2026-06',
    note: 'each request counts as a GET; storage is left out',
    gigabyte: GIBIBYTE,
    transfer: {
      freeGigabytes: 100,
      tiers: [
        { upToGigabytes: 10 * TERABYTE, dollars: 0.09 },
        { upToGigabytes: 50 * TERABYTE, dollars: 0.085 },
        { upToGigabytes: 150 * TERABYTE, dollars: 0.07 },
        { dollars: 0.05 },
      ],
    },
    requests: { free: 0, dollarsPerMillion: 0.4 },
  },
  {
    id: 'r2',
    name: 'Cloudflare R2',
    where: 'Standard storage',
    source: 'https://developers.cloudflare.com/r2/pricing/',
    date: '2026-08',
    note: 'each request counts as a read of the bucket, those that a cache answers too; storage is left out',
    gigabyte: 1e9,
    transfer: { freeGigabytes: 0, tiers: [{ dollars: 0 }] },
    requests: { free: 10_000_000, dollarsPerMillion: 0.36 },
  },
]
