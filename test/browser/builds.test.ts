import { describe, expect, it } from 'vitest'
import type { NetworkEntry } from '../rig/tab.ts'
import { BUILDS } from './builds.ts'
import { useChromium } from './chromium.ts'
import type { Journey } from './journey.ts'
import type { Life } from './life.ts'
import { ARRANGEMENTS } from './offload.ts'
import { differingPixels } from './pictures.ts'
import { byName, errorsOf, failuresOf, inOrder } from './setting.ts'
import { type Trip, useTrips } from './trips.ts'

const { browser, inBrowser } = useChromium()

const ASSETS = new Set(['image', 'stylesheet', 'script', 'font'])

describe.each(byName(BUILDS))('%s', (_, build) => {
  const trips = useTrips(build, browser)

  describe.each(byName(ARRANGEMENTS))('behind %s', (_, arrangement) => {
    const result = () => trips().behind(arrangement)
    const everything = arrangement.cors === true || arrangement.mount !== undefined

    it('keeps the names that the bundler gave, and sends nothing twice', () => {
      const { summary, again } = result()
      expect(again.summary).toMatchObject({ ok: true, added: 0, changed: 0, reheadered: 0, bytes: 0 })
      expect(again.summary.release).toBe(summary.release)
      expect(again.written).toEqual([])
    })

    it('keeps its own files out of what the origin serves', () => {
      const { served } = result()
      expect(served.filter((name) => name.endsWith('build.json'))).toEqual([])
      expect(served).toContain('index.html')
    })

    inBrowser('works at every route: worker, chunks, font, pictures', () => {
      const [before, after] = [journeyOf(trips().idle), journeyOf(result())]
      expect(failuresOf(after, result())).toEqual([])
      expect(errorsOf(after, result())).toEqual(errorsOf(before, trips().idle))
      expect([before.workers.length, after.workers.length]).toEqual([1, 1])
      for (const { name } of build.stops) {
        const [was, is] = [sightOf(before, name), sightOf(after, name)]
        expect(is, name).toMatchObject({ title: was.title, text: was.text, fonts: was.fonts })
        expect(is.fonts, name).toContain('Stencil loaded')
        expect(differingPixels(was.screenshot, is.screenshot), name).toBe(0)
      }
    })

    inBrowser('brings what may move from the CDN, and the rest from the origin', () => {
      const journey = journeyOf(result())
      const assets = journey.network.filter(({ type }) => ASSETS.has(type))
      const [moved, stayed] = [assets.filter((entry) => isOnCdn(entry)), assets.filter((entry) => !isOnCdn(entry))]
      const surprises = stayed.filter((entry) => staysBecause(entry, journey) === undefined)
      expect(surprises.map(({ url }) => url)).toEqual([])
      expect(inOrder(moved.map(({ type }) => type))).toEqual(movable)
    })

    inBrowser('shows what virtual:lading gave the address of, from the CDN', () => {
      const asked = journeyOf(result()).network.filter(({ url }) => /\/img\/share\b/.test(url))
      expect(asked.map((entry) => [isOnCdn(entry), entry.status])).toEqual([[true, 200]])
      const own = journeyOf(trips().idle).network.filter(({ url }) => /\/img\/share\b/.test(url))
      expect(own.map(({ url }) => url)).toEqual([`${trips().idle.url}img/share.png`])
    })

    const movable = everything ? ['font', 'image', 'script', 'stylesheet'] : ['image']
    const isOnCdn = ({ url }: NetworkEntry): boolean => url.startsWith(result().cdn)

    function staysBecause({ type, url }: NetworkEntry, { workers }: Journey): string | undefined {
      if (workers.includes(url)) return 'a worker runs at its own origin only'
      if (/\/sprite\b[^/]*\.svg$/.test(url)) return 'a sprite is used from its own origin only'
      if (everything) return undefined
      if (type !== 'image') return 'modules, their style sheets and fonts need CORS'
      return build.needsCors.some((name) => name.test(url)) ? 'it goes with what needs CORS' : undefined
    }
  })

  describe('deployed a second time with one component edited, and rolled back', () => {
    const [withCors] = ARRANGEMENTS
    const visitors = (): NonNullable<Life['visitors']> => {
      const { visitors } = trips().life
      if (visitors === undefined) throw new Error('nobody went there')
      return visitors
    }

    it('sends what changed and nothing else', () => {
      const { second, written, before } = trips().life
      const keys = written.map((line) => line.replace(/^put /, ''))
      expect(second).toMatchObject({ ok: true, added: keys.length, changed: 0, reheadered: 0 })
      expect(second.expired).toBe(keys.length)
      expect(keys.length).toBeGreaterThan(0)
      expect(keys.filter((key) => !build.edit.changes.test(key))).toEqual([])
      expect(written.filter((line) => before.includes(line))).toEqual([])
    })

    inBrowser('lets a tab that was open go on with the chunks it knows', () => {
      const trip = trips().behind(withCors)
      sameAs(journeyOf(trip), visitors().old, trip)
    })

    inBrowser('shows the edited component to who comes anew', () => {
      const { changed } = visitors()
      const [, edited] = build.stops
      expect(failuresOf(changed, trips().behind(withCors))).toEqual([])
      expect(sightOf(changed, edited.name).text).toContain(build.edit.to)
    })

    inBrowser('shows the first state again after the rollback', () => {
      const trip = trips().behind(withCors)
      expect(trips().life.undone).toMatchObject({ ok: true, published: true })
      sameAs(journeyOf(trip), visitors().restored, trip)
    })

    function sameAs(was: Journey, is: Journey, trip: Trip): void {
      expect(failuresOf(is, trip)).toEqual([])
      expect(errorsOf(is, trip)).toEqual(errorsOf(was, trip))
      for (const { name } of build.stops) {
        const [before, after] = [sightOf(was, name), sightOf(is, name)]
        expect(after.text, name).toBe(before.text)
        expect(differingPixels(before.screenshot, after.screenshot), name).toBe(0)
      }
    }
  })
})

function journeyOf({ journey }: Trip): Journey {
  if (journey === undefined) throw new Error('nobody went there')
  return journey
}

function sightOf({ sights }: Journey, name: string) {
  const sight = sights.get(name)
  if (sight === undefined) throw new Error(`${name} was not seen`)
  return sight
}
