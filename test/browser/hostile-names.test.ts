import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useChromium } from './chromium.ts'
import { pathOfAddress } from './expected.ts'
import { byName, failuresOf, offloaded, type Source, untouched, visitsOf } from './setting.ts'

const { browser, inBrowser } = useChromium()

/** What a folder can hold and a page can name; the list of the unit tests, as files. */
const NAMES = [
  'a b.svg',
  'a+b.svg',
  '100%.svg',
  'a%20b.svg',
  'test%46.svg',
  'q?x=1.svg',
  'h#f.svg',
  "it's(1)!*.svg",
  'a&b<c>.svg',
  'a&amp;b.svg',
  '"q".svg',
  'semi;colon=,:@$~.svg',
  ',comma,.svg',
  'x:y.svg',
  'caf\u00e9.svg',
  '\u{1F6A2}\u200d\u{1F30A}.svg',
  'gpj\u202e.exe.svg',
  'back\\slash.svg',
  '[id]{a,b}`^|.svg',
  '$&.svg',
  '__proto__.svg',
  'constructor.svg',
  ' lead and trail .svg',
  'a....svg',
  '-->.svg',
]

/** The name as an address: everything encoded, so that each place below can be written without escapes. */
const encoded = (name: string): string =>
  encodeURIComponent(name).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)

const PLACES: Readonly<Record<string, (url: string) => { html: string; css?: string }>> = {
  src: (url) => ({ html: `<img alt="" src="${url}">` }),
  'src without quotes': (url) => ({ html: `<img alt="" src=${url}>` }),
  'src in single quotes': (url) => ({ html: `<img alt='' src='${url}'>` }),
  srcset: (url) => ({ html: `<img alt="" srcset="${url} 1x">` }),
  'style attribute': (url) => ({ html: `<p style="background:url(${url})">x</p>` }),
  'style attribute, quoted': (url) => ({ html: `<p style="background:url('${url}')">x</p>` }),
  'style element': (url) => ({ html: `<style>#x{background:url(${url})}</style><p id="x">x</p>` }),
  'sheet, bare': (url) => ({ html: '<p id="x">x</p>', css: `#x{background:url(../${url})}` }),
  'sheet, quoted': (url) => ({ html: '<p id="x">x</p>', css: `#x{background:url("../${url}")}` }),
}

const ADDRESSES = NAMES.map((name, index) => ({ name, file: `${index}/${name}` }))

/** A page for each place; in it every name, each in a folder of its own and with a picture of its own. */
const source: Source = {
  async make(folder) {
    const dir = join(folder, 'site')
    const write = async (path: string, text: string): Promise<void> => {
      await mkdir(dirname(join(dir, path)), { recursive: true })
      await writeFile(join(dir, path), text)
    }
    for (const { file } of ADDRESSES) await write(`img/${file}`, pictureOf(file))
    for (const [at, place] of Object.values(PLACES).entries()) {
      const written = ADDRESSES.map(({ name }, index) => place(`img/${index}/${encoded(name)}`))
      // Each name has an element of its own, which its rule names.
      const own = (text: string, index: number): string =>
        text.replaceAll('#x', `#x${index}`).replace('id="x"', `id="x${index}"`)
      await write(`css/${at}.css`, written.map(({ css = '' }, index) => own(css, index)).join('\n'))
      const body = written.map(({ html }, index) => own(html, index)).join('\n')
      await write(
        `${at}.html`,
        `<!doctype html><meta charset="utf-8"><title>Names</title><link rel="icon" href="data:,"><link rel="stylesheet" href="css/${at}.css">${body}`,
      )
    }
    return dir
  },
  stops: Object.keys(PLACES).map((name, at) => ({ name, page: `${at}.html` })),
}

const pictureOf = (file: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><desc>${Buffer.from(file).toString('hex')}</desc></svg>`

/** Of which file a picture's address answers the bytes. */
async function fileAt(url: string): Promise<string> {
  const [, hex = ''] = /<desc>(.*)<.desc>/.exec(await (await fetch(url)).text()) ?? []
  return Buffer.from(hex, 'hex').toString()
}

const SETUPS = [
  { name: 'a CDN on another origin', cors: true as const },
  { name: 'a path of the same host', mount: '/_a/' as const },
]

describe('names of files that mean something elsewhere', () => {
  const site = untouched(source, browser)
  const every = ADDRESSES.map(({ file }) => file).sort()

  it('are all tried at every place', () => {
    expect(site().stops).toHaveLength(9)
    expect(new Set(every).size).toBe(25)
  })

  describe.each(byName(SETUPS))('behind %s', (_, arrangement) => {
    const result = offloaded({ site, arrangement, browser })

    inBrowser('lead from the disk through the page to the right bytes, from the CDN', async () => {
      // Not held against the untouched site: a folder is served without names that have a backslash.
      for (const { name, after } of visitsOf(site(), result())) {
        expect(failuresOf(after, result()), name).toEqual([])
        const pictures = after.network.filter(({ type }) => type === 'image')
        expect(
          pictures.filter(({ url }) => !url.startsWith(result().cdn)),
          name,
        ).toEqual([])
        const asked = pictures.map(({ url }) => pathOfAddress(url, result().cdn).replace(/^img\//, ''))
        expect([...asked].sort(), name).toEqual(every)
        expect(await Promise.all(pictures.map(({ url }) => fileAt(url))), name).toEqual(asked)
      }
    })
  })
})
