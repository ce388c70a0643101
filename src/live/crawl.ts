import { forEachBounded } from '../transfer/pool.ts'
import type { Ask } from './ask.ts'
import { type Crawled, createFrontier, type FrontierOptions } from './frontier.ts'
import type { Site } from './site.ts'
import type { Use } from './use.ts'
import { type Visit, visit } from './visit.ts'

export interface CrawlOptions extends FrontierOptions {
  /** Requests at once. */
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
  readonly ask: Ask
}

/**
 * Visits pages, whatever they load, and the pages that they link to, each address once. It goes in waves, so that what
 * was met first does not depend on which answer came first.
 */
export async function crawl(site: Site, seeds: readonly Use[], options: CrawlOptions): Promise<Crawled> {
  const { concurrency, signal, ask } = options
  const frontier = createFrontier(site, options)
  seeds.forEach(frontier.add)
  for (let wave = frontier.take(); wave.length > 0; wave = frontier.take()) {
    const found = new Map<string, Visit>()
    await forEachBounded(wave, { concurrency, weigh: () => 0, signal }, async ({ url, needs, first }) => {
      const before = frontier.visits.get(url)
      found.set(url, await visit({ url, needs, before, origin: site.origin, page: first.page, ask }))
    })
    for (const { url } of wave) {
      const visited = found.get(url)
      if (visited !== undefined) frontier.settle(url, visited)
    }
  }
  return frontier.result()
}
