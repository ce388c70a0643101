import type { LoadClass, ReferenceUse } from '../../../src/rewrite/index.ts'
import type { Look } from './looks.ts'

/** A line of the table: a use, and what comes of it when the file is on another host. */
export interface Row {
  readonly use: string
  /** What the two columns after it come to: A is ok in both, B with CORS only, C in neither. */
  readonly class: LoadClass
  /** What is seen from a CDN without CORS, and from one that answers `access-control-allow-origin: *`. */
  readonly without: string
  readonly cors: string
  /** The body of the page, with the CDN's address in it. @default empty */
  readonly page?: (cdn: string) => string
  /** Headers of the page's answer. @default none */
  readonly headers?: Readonly<Record<string, string>>
  readonly look: Look
  /** What our rewriting takes the reference in `page` for; left out where no document names the file. */
  readonly ours?: ReferenceUse
  /** Our class, where it is stricter than what the browser does, and why that is. */
  readonly stricter?: { readonly class: LoadClass; readonly because: string }
}
