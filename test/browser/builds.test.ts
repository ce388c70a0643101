import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sync } from '../../src/index.ts'
import type { NetworkEntry, Visit } from '../rig/browser.ts'
import { BUILDS } from './builds.ts'
import { useChromium } from './chromium.ts'
import { ARRANGEMENTS } from './offload.ts'
import { differingPixels } from './pictures.ts'
import { byName, contentsOf, errorsOf, failuresOf, inOrder, offloaded, untouched, visitsOf } from './setting.ts'

const { browser, inBrowser } = useChromium()

const ASSETS = new Set(['image', 'stylesheet', 'script', 'font'])

describe.each(byName(BUILDS))('%s', (_, source) => {
  const site = untouched(source, browser)

  describe.each(byName(ARRANGEMENTS))('behind %s', (_, arrangement) => {
    const result = offloaded({ site, source, arrangement, browser })
    const everything = arrangement.cors === true || arrangement.mount !== undefined

    it('keeps the names that the bundler gave, and sends nothing twice', async () => {
      const record: unknown = JSON.parse(await readFile(join(result().options.root, '.lading/build.json'), 'utf8'))
      expect(record).toMatchObject({ v: 1, rewritten: true })
      const again = await sync(result().options, { env: {} })
      expect(again).toMatchObject({ ok: true, added: 0, changed: 0, reheadered: 0, bytes: 0 })
      expect(again.release).toBe(result().summary.release)
    })

    it('keeps its own files out of what the origin serves', async () => {
      const names = Object.keys(await contentsOf(result().out))
      expect(names.filter((name) => name.endsWith('build.json'))).toEqual([])
      expect(names).toContain('index.html')
    })

    inBrowser('works at every route: worker, chunks, font, pictures', () => {
      for (const { name, before, after } of visitsOf(site(), result())) {
        expect(failuresOf(after, result()), name).toEqual([])
        expect(after.workers.length, name).toBe(before.workers.length)
        expect(errorsOf(after, result()), name).toEqual(errorsOf(before, site()))
        expect(after, name).toMatchObject({ title: before.title, text: before.text, fonts: before.fonts })
        expect(after.fonts, name).toContain('Stencil loaded')
        expect(differingPixels(before.screenshot, after.screenshot), name).toBe(0)
      }
    })

    inBrowser('brings what may move from the CDN, and the rest from the origin', () => {
      for (const { name, after } of visitsOf(site(), result())) {
        const assets = after.network.filter(({ type }) => ASSETS.has(type))
        const [moved, stayed] = [assets.filter((entry) => isOnCdn(entry)), assets.filter((entry) => !isOnCdn(entry))]
        const surprises = stayed.filter((entry) => staysBecause(entry, after) === undefined)
        expect(
          surprises.map(({ url }) => url),
          name,
        ).toEqual([])
        expect(inOrder(moved.map(({ type }) => type)), name).toEqual(movable)
      }
    })

    const movable = everything ? ['font', 'image', 'script', 'stylesheet'] : ['image']
    const isOnCdn = ({ url }: NetworkEntry): boolean => url.startsWith(result().cdn)

    function staysBecause({ type, url }: NetworkEntry, { workers }: Visit): string | undefined {
      if (workers.includes(url)) return 'a worker runs at its own origin only'
      if (/\/sprite\b[^/]*\.svg$/.test(url)) return 'a sprite is used from its own origin only'
      if (everything) return undefined
      if (type !== 'image') return 'modules, their style sheets and fonts need CORS'
      return source.needsCors.some((name) => name.test(url)) ? 'a mask needs CORS' : undefined
    }
  })
})
