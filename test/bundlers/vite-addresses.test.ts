import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Built, buildVite, filesIn, keyOf, recordOf, textOf } from './builds.ts'
import { VITES } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'

describe.each(VITES)('lading/vite in $name', ({ name, vite }) => {
  describe('on another host that answers CORS', () => {
    let built: Built
    beforeAll(async () => {
      built = await buildVite({ vite, options: { url: CDN, cors: true, rewrite: 'always' } })
    })

    it('names scripts, style sheets and public files in the page at the CDN', () => {
      const page = textOf(built.outDir, /^index\.html$/)
      const record = recordOf(built.outDir)
      expect(page).toMatch(
        /<script type="module" crossorigin src="https:\/\/cdn\.example\.com\/x\/a\/assets\/index-[\w-]+\.js">/,
      )
      expect(page).toMatch(
        /<link rel="stylesheet" crossorigin href="https:\/\/cdn\.example\.com\/x\/a\/assets\/index-[\w-]+\.css">/,
      )
      expect(page).toContain(`<link rel="icon" href="${CDN}${keyOf(record, 'favicon.ico')}" sizes="32x32">`)
      const quay = [160, 320].map((width) => CDN + keyOf(record, `img/quay-${width}.png`))
      expect(page).toContain(`srcset="${quay[0]} 1x, ${quay[1]} 2x"`)
      expect(page).toContain(`<meta property="og:image" content="${CDN}${keyOf(record, 'img/share.png')}">`)
    })

    it('gives public files a name with a hash and leaves them at their path too', () => {
      expect(keyOf(recordOf(built.outDir), 'favicon.ico')).toMatch(/^a\/favicon\.[a-z2-7]{16}\.ico$/)
      expect(filesIn(built.outDir)).toContain('favicon.ico')
    })

    it('leaves the manifest and the sprite of <use> at the site', () => {
      const page = textOf(built.outDir, /^index\.html$/)
      expect(page).toContain('<link rel="manifest" href="/site.webmanifest">')
      expect(page).toContain('<use href="/sprite.svg#anchor">')
    })

    it('starts workers from the site, although the script that starts them comes from the CDN', () => {
      const [worker] = recordOf(built.outDir).origin
      expect(worker).toMatch(/^assets\/tides-[\w-]+\.js$/)
      const starting = filesIn(built.outDir).filter((path) =>
        readFileSync(join(built.outDir, path), 'utf8').includes('new Worker('),
      )
      expect(starting).toHaveLength(1)
      const text = readFileSync(join(built.outDir, String(starting[0])), 'utf8')
      expect(text).toMatch(new RegExp(`new URL\\(.\\/${worker}.,\\s*location\\.origin\\)`))
      expect(text).not.toContain(`${CDN}a/${worker}`)
    })

    it('names pictures and fonts of style sheets, imported pictures and preloaded chunks at the CDN', () => {
      const sheet = textOf(built.outDir, /index-[\w-]+\.css$/)
      expect(sheet).toMatch(/url\(https:\/\/cdn\.example\.com\/x\/a\/assets\/stencil-[\w-]+\.ttf\)/)
      expect(sheet).toMatch(/url\(https:\/\/cdn\.example\.com\/x\/a\/assets\/waves-[\w-]+\.png\)/)
      expect(textOf(built.outDir, /fleet-[\w-]+\.js$/)).toMatch(
        /https:\/\/cdn\.example\.com\/x\/a\/assets\/ship-[\w-]+\.png/,
      )
      expect(textOf(built.outDir, /index-[\w-]+\.js$/)).toMatch(
        /"https:\/\/cdn\.example\.com\/x\/a\/assets\/today-[\w-]+\.css"/,
      )
    })

    it('records what it named, and that it was rewritten', () => {
      const record = recordOf(built.outDir)
      expect(record).toMatchObject({
        bundler: expect.stringMatching(new RegExp(`^${name}`)),
        url: CDN,
        cors: true,
        rewritten: true,
        sent: [],
      })
      const emitted = filesIn(join(built.outDir, 'assets')).map((path) => `assets/${path}`)
      const moved = emitted.filter((path) => !record.origin.includes(path))
      expect(moved.length).toBeGreaterThan(10)
      for (const path of moved) expect(record.files).toContainEqual([path, `a/${path}`, true])
      expect(record.files.filter(([path]) => path === 'robots.txt' || path === 'index.html')).toEqual([])
    })

    it('says in one line what it did', () => {
      expect(built.log).toEqual([expect.stringMatching(/^lading: \d+ assets named, 1 kept at the site/)])
    })
  })

  describe('on another host without CORS', () => {
    let built: Built
    beforeAll(async () => {
      built = await buildVite({ vite, options: { url: CDN, rewrite: 'always' } })
    })

    it('leaves scripts and style sheets at the site and moves pictures', () => {
      const page = textOf(built.outDir, /^index\.html$/)
      expect(page).toMatch(/<script type="module" crossorigin src="\/assets\/index-[\w-]+\.js">/)
      expect(page).toMatch(/<link rel="stylesheet" crossorigin href="\/assets\/index-[\w-]+\.css">/)
      expect(page).toContain(`src="${CDN}${keyOf(recordOf(built.outDir), 'img/quay-160.png')}"`)
      expect(textOf(built.outDir, /fleet-[\w-]+\.js$/)).toMatch(
        /https:\/\/cdn\.example\.com\/x\/a\/assets\/ship-[\w-]+\.png/,
      )
    })

    it('leaves fonts and masks at the site, where they load without CORS', () => {
      expect(textOf(built.outDir, /index-[\w-]+\.css$/)).toMatch(/url\(\/assets\/stencil-[\w-]+\.ttf\)/)
      const masked = textOf(built.outDir, /today-[\w-]+\.css$/)
      expect(masked).toMatch(/mask-image:url\(\/assets\/wave-[\w-]+\.svg\)/)
      expect(masked).not.toContain(CDN)
    })

    it('names no script, style sheet or font in the store', () => {
      const { files, origin } = recordOf(built.outDir)
      expect(files.filter(([path]) => /\.(?:js|css|ttf)$/.test(path))).toEqual([])
      expect(origin.filter((path) => path.endsWith('.js')).length).toBeGreaterThan(3)
    })

    it('says so in one line', () => {
      expect(built.log.filter((line) => line.includes('cors is not set for https://cdn.example.com/x/'))).toHaveLength(
        1,
      )
    })
  })

  describe('under a path of the site', () => {
    let built: Built
    beforeAll(async () => {
      built = await buildVite({ vite, options: { url: '/_a/', rewrite: 'always' } })
    })

    it('moves sprites and workers too, since nothing is cross-origin', () => {
      const record = recordOf(built.outDir)
      expect(record.origin).toEqual([])
      expect(textOf(built.outDir, /^index\.html$/)).toContain(`<use href="/_a/${keyOf(record, 'sprite.svg')}#anchor">`)
      const worker = record.files.find(
        ([path]) =>
          /tides-[\w-]+\.js$/.test(path) && !readFileSync(join(built.outDir, path), 'utf8').includes('new Worker('),
      )
      expect(worker?.[1]).toMatch(/^a\/assets\/tides-/)
    })

    it('leaves the manifest, whose path is its scope', () => {
      expect(textOf(built.outDir, /^index\.html$/)).toContain('<link rel="manifest" href="/site.webmanifest">')
    })
  })
})
