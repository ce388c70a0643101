import { cp, mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { useChromium } from './chromium.ts'
import { differingPixels } from './pictures.ts'
import { byName, errorsOf, failuresOf, offloaded, placesOf, type Source, untouched, visitsOf } from './setting.ts'

const { browser, inBrowser } = useChromium()

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Slides</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="dist/reveal.css">
<div class="reveal"><div class="slides"><section>First slide</section><section>Second slide</section></div></div>
<script type="module">
import Reveal from './dist/reveal.mjs'
window.deck = new Reveal({ transition: 'none' })
window.deck.initialize()
</script></html>`

/** A page that takes reveal.js as a module, as its package has it. */
const source: Source = {
  async make(folder) {
    const dir = join(folder, 'site')
    const dist = dirname(createRequire(import.meta.url).resolve('reveal.js'))
    await mkdir(join(dir, 'dist'), { recursive: true })
    for (const name of ['reveal.mjs', 'reveal.css']) await cp(join(dist, name), join(dir, 'dist', name))
    await writeFile(join(dir, 'index.html'), PAGE)
    return dir
  },
  stops: [{ name: 'second slide', page: 'index.html', act: goOn }],
}

/** A visitor waits for the slides and takes the next one. */
async function goOn(page: Page): Promise<void> {
  await page.waitForFunction('window.deck?.isReady()')
  await page.keyboard.press('ArrowRight')
  await page.waitForFunction('window.deck.getIndices().h === 1')
}

const SETUPS = [
  { name: 'moved', cors: true as const, places: ['CDN dist/reveal.css', 'CDN dist/reveal.mjs'] },
  { name: 'kept', host: 'localhost' as const, places: ['CDN dist/reveal.css', 'origin dist/reveal.mjs'] },
]

describe('a page that imports reveal.mjs', () => {
  const site = untouched(source, browser)

  describe.each(byName(SETUPS))('which is %s', (_, { places, ...arrangement }) => {
    const result = offloaded({ site, arrangement, browser })

    inBrowser('shows its slides', () => {
      for (const { before, after } of visitsOf(site(), result())) {
        expect(errorsOf(after, result())).toEqual([])
        expect(failuresOf(after, result())).toEqual([])
        expect(after.text).toBe(before.text)
        expect(after.text).toContain('Second slide')
        expect(differingPixels(before.screenshot, after.screenshot)).toBe(0)
        expect(placesOf(after, result())).toEqual(places)
      }
    })
  })
})
