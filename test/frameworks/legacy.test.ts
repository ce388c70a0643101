import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { openStore, serveFolder, serveStore } from '../../src/index.ts'
import { BUILDS, type Build } from '../browser/builds.ts'
import { useChromium } from '../browser/chromium.ts'
import { type Journey, travel } from '../browser/journey.ts'
import { differingPixels } from '../browser/pictures.ts'
import { byName, errorsOf, failuresOf } from '../browser/setting.ts'
import { buildVite, tempFolder } from '../bundlers/builds.ts'
import { expectLegacySent, type WithLegacy } from '../bundlers/legacy.ts'
import { modulesOf } from './apps.ts'

const { browser, inBrowser } = useChromium()

const LIMITS = { requestTimeoutMs: 60_000, retries: 0, concurrency: 16 }

/** Each plugin-legacy takes one Vite alone, so these stand in folders of their own; Vite 8 has it in test/bundlers. */
const FIXTURES = [
  { name: 'Vite 6', fixture: 'vite-6-legacy', entry: 'dist/index.mjs', is: /^6\./ },
  { name: 'Vite 7', fixture: 'vite-7-legacy', entry: 'dist/index.js', is: /^7\./ },
]

type Fixture = (typeof FIXTURES)[number]

describe.each(byName(FIXTURES))('@vitejs/plugin-legacy with %s', (_, fixture) => {
  it('has its chunks and polyfills sent under the names that the page says', async () => {
    const installed = await withLegacy(fixture)
    expect(installed.vite.version).toMatch(fixture.is)
    await expectLegacySent(installed)
  })

  inBrowser('works at every route from its legacy chunks alone, which come from the CDN', async () => {
    const chromium = browser()
    if (chromium === undefined) throw new Error('only in a browser')
    const installed = await withLegacy(fixture)
    const before = await visitPlain(installed, chromium)
    const { journey, url, cdn } = await visitOffloaded(installed, chromium)
    expect(failuresOf(journey, { url, cdn })).toEqual([])
    expect(errorsOf(journey, { url, cdn })).toEqual(errorsOf(before.journey, before))
    for (const { name } of EXAMPLE.stops) {
      const [was, is] = [before.journey.sights.get(name), journey.sights.get(name)]
      if (was === undefined || is === undefined) throw new Error(`nobody saw ${name}`)
      expect(is, name).toMatchObject({ title: was.title, text: was.text, fonts: was.fonts })
      expect(differingPixels(was.screenshot, is.screenshot), name).toBe(0)
    }
    const scripts = journey.network.filter((entry) => entry.type === 'script').map((entry) => entry.url)
    const moved = scripts.filter((script) => !journey.workers.includes(script))
    expect(moved.length).toBeGreaterThan(3)
    expect(moved.filter((script) => !script.startsWith(`${cdn}a/assets/`) || !script.includes('-legacy-'))).toEqual([])
    expect(journey.workers.filter((worker) => !worker.startsWith(url))).toEqual([])
    expect(journey.workers).toHaveLength(1)
  })
})

const EXAMPLE = exampleOfVite()

function exampleOfVite(): Build {
  const found = BUILDS.find(({ name }) => name === 'examples/vite by vite 8')
  if (found === undefined) throw new Error('examples/vite is built no more')
  return found
}

/** What `scripts/frameworks.sh` has installed. */
async function withLegacy({ fixture, entry }: Fixture): Promise<WithLegacy> {
  const load = (file: string): Promise<unknown> => import(pathToFileURL(join(modulesOf(fixture), file)).href)
  // What each package is, by its name; of Vite only what `ViteModule` says is the same in every version.
  const vite = (await load('vite/dist/node/index.js')) as WithLegacy['vite']
  const plugin = (await load(join('@vitejs/plugin-legacy', entry))) as { readonly default: WithLegacy['legacy'] }
  return { vite, legacy: plugin.default }
}

interface Trip {
  readonly journey: Journey
  readonly url: string
}

async function visitPlain(installed: WithLegacy, chromium: Browser): Promise<Trip> {
  const { outDir } = await buildVite({
    vite: installed.vite,
    config: { plugins: [installed.legacy()] },
    options: { config: false },
  })
  return visitFolder(outDir, chromium)
}

async function visitOffloaded(installed: WithLegacy, chromium: Browser): Promise<Trip & { readonly cdn: string }> {
  const folder = tempFolder()
  const to = join(folder, 'store')
  const cdn = await serveStore(await openStore({ kind: 'folder', path: to, label: to }, LIMITS), { cors: true })
  try {
    const options = { config: false, url: cdn.url, cors: true, to, upload: true } as const
    const { outDir } = await buildVite({
      vite: installed.vite,
      config: { plugins: [installed.legacy()] },
      folder,
      options,
    })
    return { ...(await visitFolder(outDir, chromium)), cdn: cdn.url }
  } finally {
    await cdn.close()
  }
}

async function visitFolder(outDir: string, chromium: Browser): Promise<Trip> {
  makeOld(join(outDir, 'index.html'))
  const served = await serveFolder(outDir, {})
  try {
    return { journey: await travel(chromium, served.url, EXAMPLE.stops), url: served.url }
  } finally {
    await served.close()
  }
}

/** Gives the page to a browser of today as one without modules has it: what is for that one runs, and no module. */
function makeOld(page: string): void {
  const html = readFileSync(page, 'utf8')
  const old = html.replace(/<script type="module".*?<\/script>/gs, '').replaceAll('<script nomodule', '<script')
  const isOld = !/<script[^>]* (?:nomodule|type="module")/.test(old) && old.includes('id="vite-legacy-entry"')
  if (!isOld) throw new Error(`modules are written otherwise in ${page}`)
  writeFileSync(page, old)
}
