import type { Mode, SitePath } from '../words/model.ts'
import type { Bill } from './bill.ts'
import type { Stored } from './month.ts'
import type { Tariff } from './prices.ts'
import type { Traffic } from './table.ts'
import type { Visits } from './visits.ts'

/** From the smallest files that a browser may choose, without what may not be loaded, to the largest, with all. */
export interface Range {
  readonly low: number
  readonly high: number
}

/** One provider's bills. */
export interface ProviderBills {
  readonly tariff: Tariff
  /** The store of the configuration is of this provider. */
  readonly isOwn: boolean
  /** The month of the first upload, and each one after it; by the higher end of what visitors load. */
  readonly first: Bill
  readonly later: Bill
  /** What each later month leaves to pay by the lower end. */
  readonly leastDue: number
}

/** A file of the page that a visit begins with. */
export interface FirstViewFile {
  readonly path: SitePath
  readonly bytes: number
  /** Loaded by every browser that has not kept it. */
  readonly isSure: boolean
}

/** What the icon of a site comes to in a month. */
export interface IconEstimate {
  /** Largest first; none where the site has no icon. */
  readonly files: readonly { readonly path: SitePath; readonly bytes: number }[]
  readonly requests: number
  readonly bytes: number
  /** At list prices, by the id of each tariff. */
  readonly dollars: Readonly<Record<string, number>>
}

/** What putting a site up costs. The JSON form is a contract: fields are added, never renamed. */
export interface SiteEstimate {
  readonly ok: boolean
  readonly exit: number
  readonly mode: Mode
  /** Bytes and files of the folder, and its pages. */
  readonly files: number
  readonly bytes: number
  readonly pages: number
  readonly stored: Stored
  /** With nothing kept, on average over all pages, in bytes. */
  readonly view: Range
  /** Absent without a page. */
  readonly firstView?: FirstView | undefined
  /** Of the store, in a month. */
  readonly requests: Range
  readonly transfer: Range
  readonly icon: IconEstimate
  readonly upload: { readonly bytes: number; readonly requests: number; readonly seconds: number }
  /** The provider of the configured store first. */
  readonly bills: readonly ProviderBills[]
  readonly assumed: Assumed
  readonly ms: number
}

export interface FirstView {
  readonly page: SitePath
  readonly bytes: Range
  readonly files: Range
  /** Most bytes first, at most five. */
  readonly heaviest: readonly FirstViewFile[]
  /** Texts among its bytes that are stored uncompressed. */
  readonly plainTextBytes: number
}

/** What the numbers rest on. */
export interface Assumed {
  /** Absent where logs say what was asked for. */
  readonly visits?: Visits | undefined
  readonly logs?: LogBasis | undefined
  readonly deploys: number
  readonly changed: number
  readonly keepReleases: number
  readonly keepDays: number
  readonly uplinkBitsPerSecond: number
  readonly requestsAtOnce: number
}

/** What logs have said, before they were scaled to a month of 30 days. */
export interface LogBasis extends Traffic {
  /** For files of the folder that the store has. */
  readonly matched: Traffic
  /** Absent where no line names a time: then they are taken for one month. */
  readonly days?: number | undefined
  /** By which the numbers were multiplied. */
  readonly factor: number
}
