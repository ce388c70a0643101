import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { type Built, buildVite, buildWebpack } from '../bundlers/builds.ts'
import { buildRspack } from '../bundlers/rspack-builds.ts'
import type { Arrangement } from './offload.ts'
import type { Source } from './setting.ts'

/** An example application with a build: its routes are the stops, reached as a visitor reaches them. */
export interface Build extends Source {
  readonly name: string
  /** Pictures that only show with CORS: masks. */
  readonly needsCors: readonly RegExp[]
}

/** The options of both plugins, as far as they matter here. */
interface PluginOptions {
  readonly to: string
  readonly url: string
  readonly cors?: true
  readonly rewrite?: 'always'
}

type Bundle = (build: { folder: string; options: PluginOptions }) => Promise<Built & { errors?: readonly string[] }>

export const BUILDS: readonly Build[] = [
  {
    name: 'examples/vite',
    needsCors: [/\/wave-[^/]*\.svg$/],
    ...withBundler(buildVite),
    stops: [
      { name: 'Today', page: 'index.html', act: arrive('/') },
      { name: 'Fleet', page: 'index.html', act: click('Fleet', '/fleet') },
      { name: 'Tides', page: 'index.html', act: click('Tides', '/tides', /Worked out beside the page: 12 hours/) },
    ],
  },
  lighthouse('examples/webpack', buildWebpack),
  lighthouse('examples/webpack, built by Rspack', buildRspack),
]

function lighthouse(name: string, bundle: Bundle): Build {
  return {
    name,
    needsCors: [],
    ...withBundler(bundle),
    stops: [
      { name: 'Tonight', page: 'index.html', act: arrive('/') },
      { name: 'Keeper', page: 'index.html', act: click('Keeper', '/keeper') },
      { name: 'Lamp', page: 'index.html', act: click('Lamp', '/lamp', /Worked out beside the page: \d+ flashes/) },
    ],
  }
}

/** Built twice: with the plugin there but idle, as it is by default, and for an address. */
function withBundler(bundle: Bundle): Required<Pick<Source, 'make' | 'makeFor'>> {
  const build = async (folder: string, options: PluginOptions): Promise<string> => {
    const { outDir, errors = [] } = await bundle({ folder, options })
    if (errors.length > 0) throw new Error(errors.join('\n'))
    return outDir
  }
  return {
    make: (folder) => build(folder, { to: join(folder, 'store'), url: 'https://cdn.example.com/' }),
    makeFor: (folder, url, { cors }: Arrangement) =>
      build(folder, { to: join(folder, 'store'), url, rewrite: 'always', ...(cors && { cors }) }),
  }
}

/** Waits until a route has shown itself. */
function arrive(route: string): (page: Page) => Promise<void> {
  return async (page) => {
    await page.waitForSelector(`#view[data-route="${route}"]`)
  }
}

/** Takes a link of the navigation, and waits for what the route's worker answers. */
function click(link: string, route: string, answer?: RegExp): (page: Page) => Promise<void> {
  return async (page) => {
    await page.getByRole('link', { name: link, exact: true }).click()
    await arrive(route)(page)
    if (answer) await page.locator('#status', { hasText: answer }).waitFor()
  }
}
