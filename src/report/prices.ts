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
  /** What a report by these figures leaves out. */
  readonly note?: string | undefined
  /** Bytes of what the provider calls a GB. */
  readonly gigabyte: number
  readonly transfer: {
    /** Of each month. */
    readonly freeGigabytes: number
    /** The last tier has no end. */
    readonly tiers: readonly PriceTier[]
  }
  readonly requests: RequestPrice
  /** The store behind it. @default not known: an estimate leaves it out, and says so */
  readonly store?: StorePrices | undefined
  /** Names that the CDN is told to fetch anew. @default they cost nothing */
  readonly invalidations?: { readonly free: number; readonly dollars: number } | undefined
  /** A part of a million requests, or of a GB stored for a month, is billed as a whole one. @default false */
  readonly roundsUp?: boolean | undefined
}

export interface RequestPrice {
  /** Of each month. */
  readonly free: number
  readonly dollarsPerMillion: number
}

/** What a store costs beside what visitors ask for. */
export interface StorePrices {
  readonly source: string
  /** A GB for a month. */
  readonly storage: { readonly freeGigabytes: number; readonly tiers: readonly PriceTier[] }
  /** PUT, COPY and LIST. */
  readonly writes: RequestPrice
  /** Reads by a CDN in front. @default none: each request of a visitor is one, and paid for as that */
  readonly reads?: RequestPrice | undefined
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

const R2_PRICING = 'https://developers.cloudflare.com/r2/pricing/'
const S3_PRICING = 'https://aws.amazon.com/s3/pricing/'

/** S3 Standard in us-east-1. */
const S3: StorePrices = {
  source: S3_PRICING,
  storage: {
    freeGigabytes: 0,
    tiers: [
      { upToGigabytes: 50 * TERABYTE, dollars: 0.023 },
      { upToGigabytes: 500 * TERABYTE, dollars: 0.022 },
      { dollars: 0.021 },
    ],
  },
  writes: { free: 0, dollarsPerMillion: 5 },
}

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
    store: { ...S3, reads: { free: 0, dollarsPerMillion: 0.4 } },
    invalidations: { free: 1000, dollars: 0.005 },
  },
  {
    id: 's3',
    name: 'S3 alone',
    where: 'us-east-1, to the internet',
    source: S3_PRICING,
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
    store: S3,
  },
  {
    id: 'r2',
    name: 'Cloudflare R2',
    where: 'Standard storage',
    source: R2_PRICING,
    date: '2026-08',
    note: 'each request counts as a read of the bucket, those that a cache answers too; storage is left out',
    gigabyte: 1e9,
    transfer: { freeGigabytes: 0, tiers: [{ dollars: 0 }] },
    requests: { free: 10_000_000, dollarsPerMillion: 0.36 },
    store: {
      source: R2_PRICING,
      storage: { freeGigabytes: 10, tiers: [{ dollars: 0.015 }] },
      writes: { free: 1_000_000, dollarsPerMillion: 4.5 },
    },
    roundsUp: true,
  },
]
