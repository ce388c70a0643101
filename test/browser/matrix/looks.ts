import type { Page } from 'playwright-core'
import { PNG } from 'pngjs'

/** Ways to see what a browser made of a page. `cdn` is the CDN's address under the policy that is tried. */
export type Look = (page: Page, cdn: string) => Promise<string>

/** A box of 40 by 40 pixels in the corner of the window. */
export const BOX = 'position:absolute;left:0;top:0;width:40px;height:40px'

/** A box with one declaration that names a file. */
export const box = (css: string): string => `<style>#probe{${BOX};${css}}</style><div id="probe"></div>`

/**
 * The value of an expression in the page, awaited. An exception counts as its name, and a wait without an end does not
 * come to one: the test then says which page it was.
 */
export function value(expression: (cdn: string) => string): Look {
  return async (page, cdn) => {
    const name = '(error) => error.name'
    return String(await page.evaluate(`(async () => ${expression(cdn)})().catch(${name})`))
  }
}

/** What the scripts of the page left behind, once it has loaded. */
export const ran: Look = value(() => `globalThis.ran ?? 'blocked'`)

/** Whether an element's `load` or its `error` event came; the page's markup keeps it by {@link KEEP_EVENT}. */
export const event: Look = value(() => `(await globalThis.firstEvent) ?? 'nothing'`)

/** Goes before the element whose first event is of interest: it is heard while it goes down to the element. */
export const KEEP_EVENT = `<script>firstEvent = new Promise((resolve) => {
  for (const type of ['load', 'loadedmetadata']) document.addEventListener(type, ({ target }) => target.id && resolve('ok'), true)
  document.addEventListener('error', ({ target }) => target.id && resolve('blocked'), true)
})</script>`

/** What the left and the right half of {@link BOX} show, in words. */
export function painted(words: Readonly<Record<string, string>>): Look {
  return async (page) => {
    await drawn(page)
    const { data } = PNG.sync.read(await page.screenshot({ clip: { x: 0, y: 0, width: 40, height: 40 } }))
    const seen = [10, 30].map((x) => colourAt(data, x, 20)).join(' ')
    return words[seen] ?? seen
  }
}

export const filled: Look = painted({ 'lime lime': 'ok', 'red red': 'blocked' })

/** Two frames: what the styles name has been asked for, and whatever has arrived is on the screen. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))')
}

const COLOURS: Readonly<Record<string, string>> = {
  '255,255,255': 'white',
  '255,0,0': 'red',
  '0,255,0': 'lime',
}

function colourAt(data: Buffer, x: number, y: number): string {
  const rgb = data.subarray((y * 40 + x) * 4, (y * 40 + x) * 4 + 3).join(',')
  return COLOURS[rgb] ?? rgb
}
