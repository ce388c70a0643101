import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PNG } from 'pngjs'
import { describe, expect } from 'vitest'
import type { Visit } from '../../rig/browser.ts'
import { useChromium } from '../chromium.ts'
import { pathOfAddress } from '../expected.ts'
import type { Arrangement } from '../offload.ts'
import { differingPixels } from '../pictures.ts'
import {
  byName,
  errorsOf,
  failuresOf,
  inOrder,
  type OffloadedSetting,
  offloaded,
  untouched,
  visitsOf,
} from '../setting.ts'
import type { Places, PropagationCase, Setup } from './case.ts'
import { SCRIPT_CASES } from './scripts.ts'
import { STYLE_CASES } from './styles.ts'

const { browser, inBrowser } = useChromium()

const SETUPS: readonly (Arrangement & { readonly name: Setup })[] = [
  { name: 'without CORS', host: 'localhost' },
  { name: 'without CORS, site named', host: 'localhost', named: true },
  { name: 'with CORS', cors: true },
  { name: 'on a path', mount: '/_a/' },
]

describe.each(byName([...STYLE_CASES, ...SCRIPT_CASES]))('%s', (_, given) => {
  const source = sourceOf(given)
  const site = untouched(source, browser)

  inBrowser('works on the site as it was', () => {
    for (const [name, visit] of site().visits) {
      expect(failuresOf(visit, site()), name).toEqual([])
      expect(errorsOf(visit, site()), name).toEqual([])
      expect(visit).toMatchObject({ text: given.text ?? 'Text', fonts: given.fonts ?? [] })
      if (given.shows !== undefined) expect(shownBy(visit)).toBe(given.shows)
    }
  })

  describe.each(byName(SETUPS))('%s', (_, setup) => {
    const result = offloaded({ site, arrangement: setup, browser })

    inBrowser('works just so, each file from the host that may serve it', () => {
      for (const { before, after } of visitsOf(site(), result())) {
        expect(errorsOf(after, result())).toEqual([])
        expect(failuresOf(after, result())).toEqual([])
        expect(after).toMatchObject({ text: before.text, fonts: before.fonts })
        expect(differingPixels(before.screenshot, after.screenshot)).toBe(0)
        expect(placesIn(after, result())).toEqual(given.places[setup.name])
      }
    })
  })
})

function sourceOf({ files, page = 'index.html' }: PropagationCase): Parameters<typeof untouched>[0] {
  return {
    async make(folder) {
      const dir = join(folder, 'site')
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(dir, path)), { recursive: true })
        await writeFile(join(dir, path), content)
      }
      return dir
    },
    stops: [{ name: page, page }],
  }
}

/** Every file but the page, under its path on the site. */
function placesIn({ network }: Visit, { url, cdn }: OffloadedSetting): Places {
  const files = network.filter((entry) => entry.type !== 'document' && !entry.url.startsWith('data:'))
  const [onCdn, others] = [
    files.filter((entry) => entry.url.startsWith(cdn)),
    files.filter((entry) => !entry.url.startsWith(cdn)),
  ]
  return {
    cdn: inOrder(onCdn.map((entry) => pathOfAddress(entry.url, cdn).replace(/^_t\/[a-z2-7]{16}\//, ''))),
    origin: inOrder(others.map((entry) => entry.url.slice(url.length))),
  }
}

/** The colours in the left and the right half of the corner. */
function shownBy({ screenshot }: Visit): string {
  const { data, width } = PNG.sync.read(screenshot)
  const names: Readonly<Record<string, string>> = { '0,255,0': 'lime', '255,255,255': 'white' }
  const colours = [10, 30].map((x) => data.subarray((20 * width + x) * 4, (20 * width + x) * 4 + 3).join(','))
  return colours.map((colour) => names[colour] ?? colour).join(' ')
}
