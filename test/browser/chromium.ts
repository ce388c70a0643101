import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { browserRequired, chromiumPath, launchBrowser } from '../rig/browser.ts'

/** A browser for the tests of one file. */
export interface Chromium {
  /** Undefined where there is none; only while tests run. */
  readonly browser: () => Browser | undefined
  /** `it` for what needs the browser: skipped, with the reason in its name, where there is none. */
  readonly inBrowser: (sentence: string, test: () => void | Promise<void>) => void
}

/** Starts Chromium before the tests of this file and ends it after them. */
export function useChromium(): Chromium {
  const executable = chromiumPath()
  let browser: Browser | undefined

  beforeAll(async () => {
    if (executable !== undefined) browser = await launchBrowser(executable)
  })
  afterAll(() => browser?.close())

  it('has a browser where one is required', () => {
    expect(browserRequired() && executable === undefined).toBe(false)
  })

  return {
    browser: () => browser,
    inBrowser: (sentence, test) => {
      if (executable === undefined) it.skip(`${sentence} (skipped: no Chromium on the PATH)`, test)
      else it(sentence, test)
    },
  }
}
