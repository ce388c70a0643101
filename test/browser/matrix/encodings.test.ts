import { afterAll, beforeAll, describe, expect } from 'vitest'
import { useChromium } from '../chromium.ts'
import { type Bench, openBench } from './bench.ts'
import type { ServedFile } from './files.ts'
import { visiting } from './visit.ts'

/** Which bytes a request carries for `é`, written in one way or another in a file that is not in UTF-8. */
const { browser, inBrowser } = useChromium()
let bench: Bench

beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const latin1 = (text: string, type: string): ServedFile => ({ type, body: Buffer.from(text, 'latin1') })

/** What the page asks for below `x/`, as it came over the wire, sorted; waits until it has asked `count` times. */
async function pathsOf(page: ServedFile, count = 1): Promise<readonly string[]> {
  const chromium = browser()
  if (chromium === undefined) throw new Error('only in a browser')
  bench.put('page.html', { ...page, headers: { 'cache-control': 'no-store' } })
  return await visiting(chromium, async (tab) => {
    bench.asked.length = 0
    // what a style names is asked for when it is painted, and what a module imports when it runs: after the load too
    let left = count
    const answered = tab.waitForResponse((response) => response.url().startsWith(`${bench.origin}x/`) && --left === 0)
    await tab.goto(`${bench.origin}page.html`, { waitUntil: 'load' })
    await answered
    return bench.asked
      .filter(({ path }) => path.startsWith('x/'))
      .map(({ path }) => path)
      .toSorted()
  })
}

const META = '<!doctype html><meta charset="iso-8859-1"><title>probe</title>'
const inPage = (body: string, count = 1): Promise<readonly string[]> => pathsOf(latin1(META + body, 'text/html'), count)

describe('a page in Latin-1', () => {
  for (const written of ['\u00e9', '&eacute;', '%C3%A9']) {
    inBrowser(`asks in UTF-8 for a path written ${JSON.stringify(written)}`, async () => {
      expect(await inPage(`<img src="x/${written}.png">`)).toEqual(['x/%C3%A9.png'])
    })
  }

  inBrowser('asks for %E9 as it is written', async () => {
    expect(await inPage('<img src="x/%E9.png">')).toEqual(['x/%E9.png'])
  })

  for (const written of ['\u00e9', '&eacute;']) {
    inBrowser(`asks in Latin-1 for a query written ${JSON.stringify(written)}`, async () => {
      expect(await inPage(`<img src="x/a.png?${written}">`)).toEqual(['x/a.png?%E9'])
      expect(await inPage(`<img srcset="x/a.png?${written} 1x">`)).toEqual(['x/a.png?%E9'])
    })
  }

  inBrowser('names what its encoding has not as a reference in a query', async () => {
    expect(await inPage('<img src="x/a.png?&#x6f22;">')).toEqual(['x/a.png?%26%2328450%3B'])
  })

  inBrowser('asks in UTF-8 for a query in a style attribute', async () => {
    expect(await inPage('<p style="background:url(x/\u00e9.png?\u00e9)">x')).toEqual(['x/%C3%A9.png?%C3%A9'])
  })

  inBrowser('asks in Latin-1 for a query in a <style>', async () => {
    expect(await inPage('<style>p{background:url(x/\u00e9.png?\u00e9)}</style><p>x')).toEqual(['x/%C3%A9.png?%E9'])
  })

  inBrowser('has scripts that ask in UTF-8', async () => {
    const body = `<script>document.write('<img src="x/a.png?\u00e9">')</script><script type="module">await import('./x/\u00e9.js?\u00e9')</script>`
    expect(await inPage(body, 2)).toEqual(['x/%C3%A9.js?%C3%A9', 'x/a.png?%E9'])
  })
})

describe('a style sheet', () => {
  const sheet = 'p{background:url(x/\u00e9.png?\u00e9)}'
  const linked = async (file: ServedFile, page = META): Promise<readonly string[]> => {
    bench.put('sheet.css', { ...file, headers: { 'cache-control': 'no-store' } })
    return await pathsOf(latin1(`${page}<link rel="stylesheet" href="sheet.css"><p>x`, 'text/html'))
  }
  const UTF8_PAGE = META.replace('iso-8859-1', 'utf-8')

  inBrowser('in Latin-1 by @charset', async () => {
    expect(await linked(latin1(`@charset "iso-8859-1";${sheet}`, 'text/css'), UTF8_PAGE)).toEqual(['x/%C3%A9.png?%E9'])
  })

  inBrowser('in Latin-1 by its header', async () => {
    expect(await linked(latin1(sheet, 'text/css; charset=iso-8859-1'), UTF8_PAGE)).toEqual(['x/%C3%A9.png?%E9'])
  })

  inBrowser('in the encoding of the page, when it says nothing itself', async () => {
    expect(await linked(latin1(sheet, 'text/css'))).toEqual(['x/%C3%A9.png?%E9'])
  })

  inBrowser('in UTF-8 by its header, whatever the page is', async () => {
    const file = { type: 'text/css; charset=utf-8', body: sheet }
    expect(await linked(file)).toEqual(['x/%C3%A9.png?%C3%A9'])
  })
})
