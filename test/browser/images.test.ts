import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { renderImages, resolveImages } from '../../src/index.ts'
import { CHILD, photo } from '../rig/images.ts'
import { useChromium } from './chromium.ts'
import { ARRANGEMENTS, offload, serveUntouched } from './offload.ts'
import { held } from './setting.ts'

const { browser, inBrowser } = useChromium()

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Harbour</title><link rel="icon" href="data:,">
<style>body { margin: 0 } img { max-width: 100%; height: auto } main { display: flex }</style>
<main><img src="photo.jpg" alt="A harbour"></main><p>Below the picture</p></html>`

/** A page with a photo of which variants were rendered, as it is and with the picture that sync writes. */
const sites = held(async (work) => {
  const root = join(work, 'site')
  const prepare = async (): Promise<string> => {
    mkdirSync(root)
    writeFileSync(join(root, 'index.html'), PAGE)
    writeFileSync(join(root, 'photo.jpg'), await (await photo(2400, 1800)).jpeg({ quality: 95 }).toBuffer())
    const options = resolveImages(
      { to: join(work, 'store'), cacheDir: join(work, 'cache') },
      { source: root, manifest: 'images.json' },
      { cwd: work, env: {} },
    )
    await renderImages({ ...options, child: CHILD })
    return root
  }
  const written = await offload(prepare, work, { ...ARRANGEMENTS[1], pictures: 'images.json' })
  const untouched = await serveUntouched(root)
  const close = async (): Promise<void> => {
    await written.close()
    await untouched.close()
  }
  return { value: { written, untouched }, close }
})

interface Shown {
  /** The file that the browser chose. */
  readonly file: string
  /** https://web.dev/articles/cls */
  readonly shift: number
  readonly width: number
  /** Before the image was there. */
  readonly colour: string
}

/** Sums up every shift of the page, whoever caused it. */
const OBSERVE = `let shift = 0
const add = (entries) => { for (const { value } of entries) shift += value }
const observer = new PerformanceObserver((list) => add(list.getEntries()))
observer.observe({ type: 'layout-shift', buffered: true })
// What happened is told at some later time, or when it is asked for.
globalThis.shifted = () => (add(observer.takeRecords()), shift)`

const PAINTED = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))'

/** Shows a page in a window; the image comes only when the rest has been painted. */
async function show(url: string, window: { readonly width: number; readonly density: number }): Promise<Shown> {
  const context = await browser()?.newContext({
    viewport: { width: window.width, height: 700 },
    deviceScaleFactor: window.density,
  })
  if (context === undefined) throw new Error('there is a browser while tests run')
  try {
    const page = await context.newPage()
    await page.addInitScript(OBSERVE)
    const arrive = await holdImages(page)
    await page.goto(url, { waitUntil: 'domcontentloaded' })
    await page.evaluate(PAINTED)
    const colour = await page.evaluate<string>('getComputedStyle(document.images[0]).backgroundColor')
    arrive()
    await page.waitForFunction('document.images[0].complete && document.images[0].naturalWidth > 0')
    await page.evaluate(PAINTED)
    await page.evaluate(PAINTED)
    const [file, width, shift] = await page.evaluate<[string, number, number]>(
      '[document.images[0].currentSrc, document.images[0].getBoundingClientRect().width, shifted()]',
    )
    return { file: file.slice(file.lastIndexOf('/') + 1), width, shift, colour }
  } finally {
    await context.close()
  }
}

/** @returns lets them come */
async function holdImages(page: Page): Promise<() => void> {
  let arrive = (): void => {}
  const held = new Promise<void>((resolve) => {
    arrive = resolve
  })
  await page.route(/\.(?:avif|jpg)$/, async (route) => {
    await held
    await route.continue()
  })
  return arrive
}

describe('a page with a picture that sync has written', () => {
  for (const [width, density, chosen] of [
    [320, 1, 320],
    [640, 1, 640],
    [1200, 1, 1280],
    [320, 2, 640],
    [640, 2, 1280],
    [1200, 2, 1920],
  ] as const) {
    inBrowser(
      `takes AVIF of ${chosen} pixels in a window of ${width} at density ${density}, and does not shift`,
      async () => {
        const { written } = sites()
        const shown = await show(written.url, { width, density })
        expect(shown.file).toMatch(new RegExp(`-${chosen}\\.avif$`))
        expect(shown.shift).toBe(0)
        expect(shown.width).toBe(width)
      },
    )
  }

  inBrowser('shows the dominant colour until the image is there', async () => {
    expect((await show(sites().written.url, { width: 640, density: 1 })).colour).toMatch(/^rgb\((?!0, 0, 0\))/)
  })

  inBrowser('as it was before, it shifts, so that a shift is seen here', async () => {
    const { file, shift, width } = await show(sites().untouched.url, { width: 640, density: 1 })
    expect(file).toBe('photo.jpg')
    expect(shift).toBeGreaterThan(0)
    expect(width).toBe(640)
  })
})
