import { join } from 'node:path'
import { createLogger, preview } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import lading from '../../plugins/vite.ts'
import { buildVite } from '../bundlers/builds.ts'
import { type Visit, visit } from '../rig/browser.ts'
import { temporaryFolder } from '../rig/sites.ts'
import { BUILDS } from './builds.ts'
import { useChromium } from './chromium.ts'
import { differingPixels } from './pictures.ts'

const { browser, inBrowser } = useChromium()

const CDN = 'https://cdn.example.com/x/'
const ASSETS = new Set(['image', 'stylesheet', 'script', 'font', 'media'])
const stops = BUILDS.find(({ name }) => name.startsWith('examples/vite '))?.stops ?? []

interface Previewed {
  readonly url: string
  readonly visits: ReadonlyMap<string, Visit>
}

describe('a build for a CDN, in vite preview', () => {
  let plain: Previewed
  let shown: Previewed
  const closing: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    const folder = await temporaryFolder()
    closing.push(folder.remove)
    plain = await previewed(join(folder.path, 'plain'), false)
    shown = await previewed(join(folder.path, 'shown'), true)
  })
  afterAll(async () => {
    for (const close of closing.reverse()) await close()
  })

  async function previewed(folder: string, isRewritten: boolean): Promise<Previewed> {
    const options = { to: join(folder, 'store'), url: CDN, cors: true } as const
    const { outDir } = await buildVite({ folder, options: { ...options, rewrite: isRewritten ? 'always' : false } })
    const server = await preview({
      root: folder,
      configFile: false,
      customLogger: createLogger('silent'),
      build: { outDir },
      plugins: [lading({ ...options, cacheDir: join(folder, 'cache') })],
      preview: { host: '127.0.0.1', port: 0 },
    })
    closing.push(() => server.close())
    const url = server.resolvedUrls?.local[0] ?? ''
    const visits = new Map<string, Visit>()
    const chromium = browser()
    if (chromium !== undefined) for (const stop of stops) visits.set(stop.name, await visit(chromium, url, stop))
    return { url, visits }
  }

  it('is visited at three routes', () => {
    expect(stops.map(({ name }) => name)).toEqual(['Today', 'Fleet', 'Tides'])
  })

  inBrowser('works at every route: nothing fails, nothing complains, every pixel is the same', () => {
    for (const { name } of stops) {
      const [before, after] = [visitAt(plain, name), visitAt(shown, name)]
      const failed = after.network.filter(({ failed, status }) => failed !== undefined || (status ?? 0) >= 400)
      expect(failed, name).toEqual([])
      expect([...after.consoleErrors, ...after.pageErrors], name).toEqual([])
      expect(after, name).toMatchObject({ title: before.title, text: before.text, fonts: before.fonts })
      expect(after.workers.length, name).toBe(before.workers.length)
      expect(differingPixels(before.screenshot, after.screenshot), name).toBe(0)
    }
  })

  inBrowser('has every asset from the second port, but workers and the sprite', () => {
    const origins = new Set<string>()
    for (const { name } of stops) {
      const { network, workers } = visitAt(shown, name)
      const stayed = network.filter(({ type, url }) => ASSETS.has(type) && url.startsWith(shown.url))
      const surprises = stayed.filter(({ url }) => !workers.includes(url) && !/\/sprite\b[^/]*\.svg$/.test(url))
      expect(surprises, name).toEqual([])
      for (const { type, origin } of network) if (ASSETS.has(type)) origins.add(origin)
      const moved = network.filter(({ url }) => !url.startsWith(shown.url)).map(({ type }) => type)
      expect([...new Set(moved)].filter((type) => ASSETS.has(type)).sort(), name).toEqual(EVERY_TYPE)
    }
    const others = [...origins].filter((origin) => !shown.url.startsWith(`${origin}/`))
    expect(others).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)])
  })
})

const EVERY_TYPE = ['font', 'image', 'script', 'stylesheet']

function visitAt({ visits }: Previewed, name: string): Visit {
  const found = visits.get(name)
  if (found === undefined) throw new Error(`${name} was not visited`)
  return found
}
