import type { FindingEvent } from '../words/events.ts'
import { caching } from './checks/caching.ts'
import { cors } from './checks/cors.ts'
import { embedding } from './checks/embedding.ts'
import { integrity } from './checks/integrity.ts'
import { status } from './checks/status.ts'
import { type } from './checks/type.ts'
import { asWritten } from './checks/written.ts'
import { type Check, gathered } from './finding.ts'
import type { Crawled } from './frontier.ts'
import type { Site } from './site.ts'

/** Everything that is asserted of a reference. */
const CHECKS: readonly Check[] = [asWritten, status, type, caching, cors, integrity, embedding]

/** What a visitor would stumble over, in the order of pages and lines. */
export function judge({ uses, visits }: Crawled, site: Site): FindingEvent[] {
  return gathered(
    uses.flatMap(({ use, count }) => {
      const looked = { use, visit: visits.get(use.url), site }
      return CHECKS.flatMap((check) => check(looked)).map((fault) => ({ use, count, fault }))
    }),
  )
}
