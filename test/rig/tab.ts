import type { Browser, Page, Request } from 'playwright-core'

/** One request as the browser saw it end. */
export interface NetworkEntry {
  readonly url: string
  /** Scheme, host and port of `url`. */
  readonly origin: string
  /** Absent when no answer came. */
  readonly status: number | undefined
  /** The browser's own word for why it failed. */
  readonly failed: string | undefined
  /** `document`, `stylesheet`, `image`, `font`, `script`, `media`, `manifest`, `fetch`, ... */
  readonly type: string
}

/** What happened in a tab; it grows while the tab is open. */
export interface Seen {
  readonly network: readonly NetworkEntry[]
  /** Addresses of the workers that the page started. */
  readonly workers: readonly string[]
  /** Messages of the console at level `error`, with the address they come from. */
  readonly consoleErrors: readonly { readonly text: string; readonly url: string }[]
  /** Exceptions that nothing caught. */
  readonly pageErrors: readonly string[]
}

/** What a visitor has before their eyes. */
export interface Sight {
  readonly title: string
  /** What can be read on the page. */
  readonly text: string
  /** `Nunito loaded`, for every face the page declares. */
  readonly fonts: readonly string[]
  /** PNG of the whole page once it has stopped changing. */
  readonly screenshot: Buffer
}

export type Act = (page: Page) => Promise<void>

/** One visitor's tab: a fixed window, no animation. */
export interface Tab {
  readonly seen: Seen
  /** Loads an address and waits until the page is at rest. */
  go(url: string): Promise<void>
  /** What a visitor does, and the rest after it. */
  act(step: Act): Promise<void>
  look(): Promise<Sight>
  close(): Promise<void>
}

/** An endless animation never shows the same frame twice; one that plays once is taken to its end by the picture. */
const PLAY_ONCE = '*, *::before, *::after { animation-iteration-count: 1 !important }'

const WIDTH = 1280
const HEIGHT = 800
/** Long, for a machine that has other things to do. */
const NETWORK_TIMEOUT_MS = 60_000
const STUCK_MS = 60_000
/** Turns of the page in which nothing is on its way, one after the other, and the time between two. */
const QUIET_TURNS = 10
const TURN_MS = 50
const SETTLE_MS = 200
const SETTLE_ATTEMPTS = 40

/** Opens a tab as a new visitor would: with nothing cached. */
export async function openTab(browser: Browser): Promise<Tab> {
  const context = await browser.newContext({
    viewport: { width: WIDTH, height: HEIGHT },
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  })
  context.setDefaultTimeout(STUCK_MS)
  const page = await context.newPage()
  const { underWay, ...seen } = record(page)
  return {
    seen,
    async go(url) {
      await page.goto(url, { waitUntil: 'load' })
      await settleNetwork(page, underWay)
    },
    async act(step) {
      await step(page).catch((error: unknown) => {
        throw new Error(`${page.url()}: the visitor got stuck\n${complaintsOf(seen)}`, { cause: error })
      })
      await settleNetwork(page, underWay)
    },
    async look() {
      const screenshot = await settledPicture(page)
      return { title: await page.title(), text: await textOf(page), fonts: await fontsOf(page), screenshot }
    },
    close: () => context.close(),
  }
}

/** For messages: why a page may not have come to what the visitor waited for. */
function complaintsOf({ network, consoleErrors, pageErrors }: Seen): string {
  const failed = network.flatMap(({ url, failed }) => (failed === undefined ? [] : [`${failed} ${url}`]))
  return [...failed, ...consoleErrors.map(({ text }) => text), ...pageErrors].join('\n')
}

function textOf(page: Page): Promise<string> {
  return page.evaluate('document.body.innerText')
}

function fontsOf(page: Page): Promise<string[]> {
  return page.evaluate('[...document.fonts].map((face) => face.family + " " + face.status)')
}

interface Recording extends Seen {
  readonly underWay: ReadonlySet<Request>
}

function record(page: Page): Recording {
  const network: NetworkEntry[] = []
  const consoleErrors: { text: string; url: string }[] = []
  const pageErrors: string[] = []
  const workers: string[] = []
  const underWay = new Set<Request>()
  const ended = (request: Request, how: Pick<NetworkEntry, 'status' | 'failed'>): void => {
    underWay.delete(request)
    const url = request.url()
    network.push({ url, origin: new URL(url).origin, type: request.resourceType(), ...how })
  }
  page.on('request', (request) => underWay.add(request))
  page.on('requestfinished', async (request) => {
    // Of what comes as the tab closes, nobody hears.
    const response = await request.response().catch(() => null)
    ended(request, { status: response?.status(), failed: undefined })
  })
  page.on('requestfailed', (request) => {
    ended(request, { status: undefined, failed: request.failure()?.errorText ?? 'failed' })
  })
  page.on('console', (message) => {
    if (message.type() === 'error') consoleErrors.push({ text: message.text(), url: message.location().url })
  })
  page.on('worker', (worker) => workers.push(worker.url()))
  page.on('pageerror', (error) => pageErrors.push(error.message))
  return { network, workers, consoleErrors, pageErrors, underWay }
}

/** Brings lazy images in, then waits until nothing has been on its way for some turns and every font asked for is there. */
async function settleNetwork(page: Page, underWay: ReadonlySet<Request>): Promise<void> {
  await page.evaluate('for (const image of document.querySelectorAll("img[loading=lazy]")) image.loading = "eager"')
  const deadline = Date.now() + NETWORK_TIMEOUT_MS
  for (let turns = 0; turns < QUIET_TURNS; turns = underWay.size > 0 ? 0 : turns + 1) {
    if (Date.now() > deadline) {
      throw new Error(`${page.url()} still waits for ${[...underWay].map((request) => request.url()).join(', ')}`)
    }
    // By the page's own timer: a page that is held up has not come to rest.
    await page.evaluate(`new Promise((done) => setTimeout(done, ${TURN_MS}))`)
  }
  await page.evaluate('document.fonts.ready.then(() => undefined)')
}

/**
 * Makes the window as high as the page, then takes pictures until two in a row are the same. A picture of more than
 * the window would make Chromium resize the page to one pixel for a moment, and scripts would see it.
 */
async function settledPicture(page: Page): Promise<Buffer> {
  const height: number = await page.evaluate('document.documentElement.scrollHeight')
  await page.setViewportSize({ width: WIDTH, height: Math.max(height, HEIGHT) })
  const take = (): Promise<Buffer> => page.screenshot({ animations: 'disabled', caret: 'hide', style: PLAY_ONCE })
  let previous = await take()
  for (let attempt = 0; attempt < SETTLE_ATTEMPTS; attempt++) {
    await page.waitForTimeout(SETTLE_MS)
    const next = await take()
    if (next.equals(previous)) return next
    previous = next
  }
  throw new Error(`${page.url()} does not come to rest`)
}
