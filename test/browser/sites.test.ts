import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { resolveConfig, sync } from '../../src/index.ts'
import { openCdn } from '../rig/open-cdn.ts'
import { copySite, SITES, temporaryFolder } from '../rig/sites.ts'
import { useChromium } from './chromium.ts'
import { createComparison, type Followed } from './comparison.ts'
import { withoutAddresses } from './documents.ts'
import { staysBecause } from './expected.ts'
import { ARRANGEMENTS } from './offload.ts'
import { differingPixels } from './pictures.ts'
import {
  assetsOf,
  byName,
  contentsOf,
  errorsOf,
  failuresOf,
  inOrder,
  offloaded,
  placesOf,
  untouched,
  visitsOf,
} from './setting.ts'

const { browser, inBrowser } = useChromium()
const NOTHING_SENT = { ok: true, added: 0, changed: 0, reheadered: 0, bytes: 0 }

describe.each(byName(SITES))('%s', (_, original) => {
  const source = { make: (folder: string): Promise<string> => copySite(original, join(folder, 'site')) }
  const site = untouched(source, browser)

  describe.each(byName(ARRANGEMENTS))('behind %s', (_, arrangement) => {
    const result = offloaded({ site, arrangement, browser })
    let followed: readonly Followed[] = []

    beforeAll(async () => {
      const { pages, url } = site()
      const comparison = createComparison({ untouched: url, offloaded: result().url, cdn: result().cdn })
      followed = (await Promise.all(pages.map((page) => comparison.page(page)))).flat()
    })

    it('finds every reference of every page on both sides, with the same bytes', () => {
      const wrong = followed.map((reference) => reference.wrong)
      expect(wrong.filter((text) => text !== undefined)).toEqual([])
      expect(wrong.length).toBeGreaterThan(3)
    })

    it('moves every reference that may move, and no other', () => {
      const surprises = followed
        .map((reference) => ({ ...reference, stays: staysBecause(reference, arrangement) }))
        .filter(({ moved, stays }) => moved === (stays !== undefined))
        .map(({ kind, path, moved, stays }) => `${kind} ${path} ${moved ? `moved, but ${stays}` : 'stayed'}`)
      expect(inOrder(surprises)).toEqual([])
      expect(followed.some(({ moved }) => moved)).toBe(true)
    })

    it('changes nothing in a page but addresses of assets', async () => {
      for (const page of site().pages) {
        const before = await readFile(join(site().dir, page), 'utf8')
        const after = await readFile(join(result().out, page), 'utf8')
        expect(withoutAddresses(after), page).toBe(withoutAddresses(before))
      }
    })

    it('sends nothing and writes the same when it runs again', async () => {
      const before = await contentsOf(result().out)
      const again = await sync(result().options, { env: {} })
      expect(again).toMatchObject({ ...NOTHING_SENT, release: result().summary.release })
      expect(await contentsOf(result().out)).toEqual(before)
    })

    inBrowser('brings what may move from the CDN, and the rest from the origin', () => {
      for (const { name, before, after } of visitsOf(site(), result())) {
        const expected = assetsOf(before, site()).map(({ path, type, text }) => {
          const stays = staysBecause({ kind: type, path, text }, arrangement) !== undefined
          return `${stays ? 'origin' : 'CDN'} ${path}`
        })
        expect(placesOf(after, result()), name).toEqual(inOrder(expected))
      }
    })

    inBrowser('fails no request and logs no error that the untouched site does not', () => {
      for (const { name, before, after } of visitsOf(site(), result())) {
        expect(failuresOf(after, result()), name).toEqual(failuresOf(before, site()))
        expect(errorsOf(after, result()), name).toEqual(errorsOf(before, site()))
      }
    })

    inBrowser('shows the same pixels', () => {
      for (const { name, before, after } of visitsOf(site(), result())) {
        expect(after, name).toMatchObject({ title: before.title, text: before.text, fonts: before.fonts })
        expect(differingPixels(before.screenshot, after.screenshot), name).toBe(0)
      }
    })
  })

  it('is the same after a second run in place', async () => {
    const folder = await temporaryFolder()
    try {
      const root = join(folder.path, 'site')
      await cp(site().dir, root, { recursive: true })
      const to = join(folder.path, 'store')
      const config = { root, to, url: 'https://cdn.example.com/', inPlace: true, cors: true }
      const options = resolveConfig({ ...config, cacheDir: join(folder.path, 'cache') }, { cwd: folder.path, env: {} })
      await sync(options, { env: {}, ask: openCdn })
      const once = await contentsOf(root)
      expect(once).not.toEqual(await contentsOf(site().dir))
      expect(await sync(options, { env: {} })).toMatchObject(NOTHING_SENT)
      expect(await contentsOf(root)).toEqual(once)
    } finally {
      await folder.remove()
    }
  })
})
