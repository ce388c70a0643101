import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { makeFavicon } from '../../src/index.ts'
import { CHILD, pixel } from '../rig/images.ts'
import { useChromium } from './chromium.ts'
import { serveUntouched } from './offload.ts'
import { held } from './setting.ts'

const { browser, inBrowser } = useChromium()

const drawing = (colour: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><style>circle{fill:${colour}}</style><circle cx="32" cy="32" r="32"/></svg>`

/** A page with the tags that are printed, and beside it what they name. */
const site = held(async (work) => {
  const out = join(work, 'site')
  mkdirSync(out)
  writeFileSync(join(work, 'logo.svg'), drawing('#0a7'))
  writeFileSync(join(work, 'dark.svg'), drawing('#fd4'))
  const asked = { source: 'logo.svg', dark: 'dark.svg', out: 'site', manifest: true, name: 'Harbour', cwd: work }
  const { tags } = await makeFavicon({ ...asked, child: CHILD })
  writeFileSync(join(out, 'index.html'), `<!doctype html><title>Harbour</title>${tags.join('')}<p>A page</p>`)
  const { url, close } = await serveUntouched(out)
  return { value: { url }, close }
})

async function opened<T>(colorScheme: 'light' | 'dark', look: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser()?.newContext({ colorScheme, viewport: { width: 100, height: 100 } })
  if (context === undefined) throw new Error('there is a browser while tests run')
  try {
    return await look(await context.newPage())
  } finally {
    await context.close()
  }
}

describe('a page with the tags of lading favicon', () => {
  inBrowser('names icons that the browser can show, each of the size that is said', async () => {
    const shown = await opened('light', async (page) => {
      await page.goto(site().url)
      return page.evaluate<readonly string[]>(`(async () => {
        const manifest = document.querySelector('link[rel=manifest]').href
        const { icons } = await (await fetch(manifest)).json()
        const links = [...document.querySelectorAll('link[rel=icon], link[rel=apple-touch-icon]')].map(({ href }) => href)
        const all = [...links, ...icons.map(({ src }) => new URL(src, manifest).href)]
        return Promise.all(all.map(async (src) => {
          const image = Object.assign(new Image(), { src })
          await image.decode()
          return new URL(src).pathname + ' ' + image.naturalWidth
        }))
      })()`)
    })
    expect(shown.filter((text) => !text.startsWith('/icon.svg'))).toEqual([
      '/favicon.ico 32',
      '/apple-touch-icon.png 180',
      '/icon-192.png 192',
      '/icon-512.png 512',
      '/icon-mask.png 512',
    ])
    expect(shown).toHaveLength(6)
  })

  inBrowser('has a manifest in which the browser finds no fault', async () => {
    const found = await opened('light', async (page) => {
      await page.goto(site().url)
      const session = await page.context().newCDPSession(page)
      return session.send('Page.getAppManifest')
    })
    expect(found).toMatchObject({ url: expect.stringMatching(/\/manifest\.webmanifest$/), errors: [] })
  })

  for (const [scheme, colour] of [
    ['light', [0, 0xaa, 0x77, 255]],
    ['dark', [0xff, 0xdd, 0x44, 255]],
  ] as const) {
    inBrowser(`shows a ${scheme} browser the drawing that is for it`, async () => {
      const seen = await opened(scheme, async (page) => {
        await page.goto(site().url)
        await page.setContent(`<body style="margin:0"><img src="${site().url}icon.svg" width="100">`)
        await page.evaluate('document.images[0].decode()')
        return page.screenshot()
      })
      expect(await pixel(seen, 50, 50)).toEqual(colour)
    })
  }
})
