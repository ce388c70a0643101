import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { type Act, openTab, type Seen, type Sight } from './tab.ts'

/** What a visitor got. */
export interface Visit extends Seen, Sight {}

export interface VisitOptions {
  /** What a visitor does before the picture is taken: clicks, waits for a result. */
  readonly act?: Act | undefined
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

/** Visits an address as a new visitor would. */
export async function visit(browser: Browser, url: string, { act }: VisitOptions = {}): Promise<Visit> {
  const tab = await openTab(browser)
  try {
    await tab.go(url)
    if (act !== undefined) await tab.act(act)
    return { ...(await tab.look()), ...tab.seen }
  } finally {
    await tab.close()
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
