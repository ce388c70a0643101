import type { Browser } from 'playwright-core'
import { type Act, openTab, type Seen, type Sight, type Tab } from '../rig/tab.ts'

/** A route of an application, and how a visitor comes there from the one before. */
export interface Stop {
  readonly name: string
  readonly act: Act
}

/** What one visitor saw, stop by stop, in one tab. */
export interface Journey extends Seen {
  readonly sights: ReadonlyMap<string, Sight>
}

/** Opens a site's first page and takes the stops in order. */
export async function travel(browser: Browser, url: string, stops: readonly Stop[]): Promise<Journey> {
  const tab = await openTab(browser)
  try {
    await tab.go(url)
    return { sights: await walk(tab, stops), ...tab.seen }
  } finally {
    await tab.close()
  }
}

/** Takes stops in a tab that is open. */
export async function walk(tab: Tab, stops: readonly Stop[]): Promise<ReadonlyMap<string, Sight>> {
  const sights = new Map<string, Sight>()
  for (const { name, act } of stops) {
    await tab.act(act)
    sights.set(name, await tab.look())
  }
  return sights
}

/** Waits until a route has shown itself. */
function arrive(route: string): Act {
  return async (page) => {
    await page.waitForSelector(`#view[data-route="${route}"]`)
  }
}

/** Takes a link of the navigation, and waits for what the route's worker answers. */
export function click(link: string, route: string, answer?: RegExp): Act {
  return async (page) => {
    await page.getByRole('link', { name: link, exact: true }).click()
    await arrive(route)(page)
    if (answer) await page.locator('#status', { hasText: answer }).waitFor()
  }
}
