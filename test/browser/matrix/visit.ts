import type { Browser, Page, Request } from 'playwright-core'
import type { Bench, CdnPolicy } from './bench.ts'
import { drawn, type Look } from './looks.ts'

export interface Sight {
  /** What the page has besides its title. @default nothing */
  readonly page?: (cdn: string) => string
  /** Headers of the page's answer. */
  readonly headers?: Readonly<Record<string, string>>
  readonly policy: CdnPolicy
}

/** A page on a bench, opened by a visitor with nothing cached; `look` sees it once it has loaded. */
export async function lookAt(
  browser: Browser,
  bench: Bench,
  { look, ...sight }: Sight & { look: Look },
): Promise<string> {
  return await visiting(browser, async (page) => {
    await show(page, bench, sight)
    return await look(page, bench.cdn(sight.policy))
  })
}

/** Gives a page of a new visitor to `act`, which may go to several addresses. */
export async function visiting<T>(browser: Browser, act: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext()
  try {
    return await act(await context.newPage())
  } finally {
    await context.close()
  }
}

/** Puts a page on the bench, goes there, and waits until it is drawn and all that it asked for has come. */
export async function show(page: Page, bench: Bench, { page: body = () => '', headers, policy }: Sight): Promise<void> {
  bench.put('page.html', {
    type: 'text/html; charset=utf-8',
    body: `<!doctype html><title>probe</title>${body(bench.cdn(policy))}`,
    headers: { 'cache-control': 'no-store', ...headers },
  })
  const underWay = new Set<Request>()
  let rested: () => void = () => {}
  const end = (request: Request): void => {
    underWay.delete(request)
    if (underWay.size === 0) rested()
  }
  page.on('request', (request) => underWay.add(request))
  page.on('requestfinished', end).on('requestfailed', end)
  await page.goto(`${bench.origin}page.html`, { waitUntil: 'load' })
  await drawn(page)
  // An answer may name another file, which is asked for when the answer is drawn.
  while (underWay.size > 0) {
    await new Promise<void>((resolve) => {
      rested = resolve
    })
    await drawn(page)
  }
}
