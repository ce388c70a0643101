import type { Browser } from 'playwright-core'
import type { Bench } from './bench.ts'
import { type Sight, show, visiting } from './visit.ts'

export interface AskedFor {
  /** `CDN module.js`, `origin style.css`: what the page's visitor asked for besides the page, in order of the alphabet. */
  readonly asked: readonly string[]
  /** The same with the mode: `CDN font.ttf cors`. */
  readonly modes: readonly string[]
  /** The value of `saw` in the page, as text, once it has loaded and `until` is true. */
  readonly saw: string
}

/** What a page asks its servers for, and what it leaves in `globalThis.saw`. */
export async function askedBy(
  browser: Browser,
  bench: Bench,
  { until = 'true', ...sight }: Sight & { until?: string },
): Promise<AskedFor> {
  return await visiting(browser, async (page) => {
    bench.asked.length = 0
    await show(page, bench, sight)
    await page.waitForFunction(until)
    const saw = String(await page.evaluate('globalThis.saw'))
    const own = bench.asked.filter(({ path }) => path !== 'page.html' && path !== 'favicon.ico')
    return {
      asked: own.map(({ host, path }) => `${host} ${path}`).sort(),
      modes: own.map(({ host, path, mode }) => `${host} ${path} ${mode}`).sort(),
      saw,
    }
  })
}
