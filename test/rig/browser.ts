import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core'

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

/** What a visitor got. */
export interface Visit {
  readonly title: string
  /** What can be read on the page. */
  readonly text: string
  /** `Nunito loaded`, for every face the page declares. */
  readonly fonts: readonly string[]
  readonly network: readonly NetworkEntry[]
  /** Addresses of the workers that the page started. */
  readonly workers: readonly string[]
  /** Messages of the console at level `error`, with the address they come from. */
  readonly consoleErrors: readonly { readonly text: string; readonly url: string }[]
  /** Exceptions that nothing caught. */
  readonly pageErrors: readonly string[]
  /** PNG of the whole page once it has stopped changing. */
  readonly screenshot: Buffer
}

export interface VisitOptions {
  /** What a visitor does before the picture is taken: clicks, waits for a result. */
  readonly act?: ((page: Page) => Promise<void>) | undefined
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** Names every other host unknown, at once and in the same way for whoever asks. */
const ONLY_LOOPBACK = 'MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--host-resolver-rules=${ONLY_LOOPBACK}`,
]

/** An endless animation never shows the same frame twice; one that plays once is taken to its end by the picture. */
const PLAY_ONCE = '*, *::before, *::after { animation-iteration-count: 1 !important }'

const WIDTH = 1280
const HEIGHT = 800
const NETWORK_TIMEOUT_MS = 20_000
const STUCK_MS = 20_000
const QUIET_MS = 500
const SETTLE_MS = 200
const SETTLE_ATTEMPTS = 40

/** The first browser of the Chromium family on the PATH. */
export function chromiumPath(path: string = process.env.PATH ?? ''): string | undefined {
  const candidates = path.split(delimiter).flatMap((dir) => (dir === '' ? [] : NAMES.map((name) => join(dir, name))))
  return candidates.find(isExecutable)
}

/** Whether a missing browser is a failure here, rather than something to skip. */
export function browserRequired(): boolean {
  return process.env.LADING_REQUIRE_BROWSER === '1'
}

/** Starts Chromium without a window, with a profile of its own that goes when it closes. */
export function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: FLAGS })
}

/** Visits an address as a new visitor would: nothing cached, a fixed window, no animation. */
export async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: WIDTH, height: HEIGHT },
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  })
  try {
    return await visitIn(context, url, options)
  } finally {
    await context.close()
  }
}

async function visitIn(context: BrowserContext, url: string, { act }: VisitOptions): Promise<Visit> {
  context.setDefaultTimeout(STUCK_MS)
  const page = await context.newPage()
  const { underWay, ...seen } = record(page)
  await page.goto(url, { waitUntil: 'load' })
  await settleNetwork(page, underWay)
  if (act !== undefined) {
    await act(page).catch((error: unknown) => {
      throw new Error(`${url}: the visitor got stuck\n${complaintsOf(seen)}`, { cause: error })
    })
    await settleNetwork(page, underWay)
  }
  const screenshot = await settledPicture(page)
  return { title: await page.title(), text: await textOf(page), fonts: await fontsOf(page), screenshot, ...seen }
}

/** For messages: why a page may not have come to what the visitor waited for. */
function complaintsOf({ network, consoleErrors, pageErrors }: Complaints): string {
  const failed = network.flatMap(({ url, failed }) => (failed === undefined ? [] : [`${failed} ${url}`]))
  return [...failed, ...consoleErrors.map(({ text }) => text), ...pageErrors].join('\n')
}

function textOf(page: Page): Promise<string> {
  return page.evaluate('document.body.innerText')
}

function fontsOf(page: Page): Promise<string[]> {
  return page.evaluate('[...document.fonts].map((face) => face.family + " " + face.status)')
}

type Complaints = Pick<Visit, 'network' | 'consoleErrors' | 'pageErrors'>

interface Record extends Complaints, Pick<Visit, 'workers'> {
  readonly underWay: ReadonlySet<Request>
}

function record(page: Page): Record {
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
    const response = await request.response()
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

/** Brings lazy images in, then waits until nothing has been on its way for a while and every font asked for is there. */
async function settleNetwork(page: Page, underWay: ReadonlySet<Request>): Promise<void> {
  await page.evaluate('for (const image of document.querySelectorAll("img[loading=lazy]")) image.loading = "eager"')
  const deadline = Date.now() + NETWORK_TIMEOUT_MS
  for (let quietSince = Date.now(); Date.now() - quietSince < QUIET_MS; ) {
    if (underWay.size > 0) quietSince = Date.now()
    if (Date.now() > deadline) {
      throw new Error(`${page.url()} still waits for ${[...underWay].map((request) => request.url()).join(', ')}`)
    }
    await page.waitForTimeout(QUIET_MS / 10)
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

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
