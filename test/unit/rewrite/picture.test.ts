import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyEdits } from '../../../src/rewrite/edits.ts'
import { type Picture, pictureEdits } from '../../../src/rewrite/html/picture.ts'
import { htmlReferences } from '../../../src/rewrite/index.ts'
import { randomPage } from './random-page.ts'

const PICTURE: Picture = {
  sources: [
    {
      type: 'image/avif',
      candidates: [
        { url: '/v/a 1.avif', width: 320 },
        { url: '/v/b.avif', width: 640 },
      ],
    },
  ],
  candidates: [{ url: '/v/c.jpg', width: 640 }],
  sizes: '100vw',
  attributes: [['width', '800']],
  style: undefined,
}

/** The page with the picture around every image that may get one. */
function written(page: string, picture: Partial<Picture> = {}, isXml = false): string {
  const images = (htmlReferences(page).images ?? []).filter(({ left }) => left === undefined)
  const edits = images.flatMap((image) =>
    pictureEdits(image, { ...PICTURE, ...picture, sizes: image.sizes ?? PICTURE.sizes }, isXml),
  )
  return applyEdits(page, edits)
}

const SOURCE = '<source type="image/avif" srcset="/v/a%201.avif 320w, /v/b.avif 640w" sizes="100vw">'
const OWN = ' srcset="/v/c.jpg 640w" sizes="100vw" width="800"'

describe('a picture is written', () => {
  it.each([
    ['around an image', '<p><img src="a.jpg">x', `<p><picture>${SOURCE}<img src="a.jpg"${OWN}></picture>x`],
    ['after its last attribute', '<img src=a.jpg alt=A>', `<picture>${SOURCE}<img src=a.jpg alt=A${OWN}></picture>`],
    ['before a closing slash', '<img src="a.jpg" />', `<picture>${SOURCE}<img src="a.jpg"${OWN} /></picture>`],
    [
      'in the quotes of its src',
      "<img src='a.jpg'>",
      `<picture>${SOURCE.replaceAll('"', "'")}<img src='a.jpg'${OWN.replaceAll('"', "'")}></picture>`,
    ],
    [
      'with the sizes that the page says',
      '<img src="a.jpg" sizes="50vw">',
      `<picture>${SOURCE.replace('100vw', '50vw')}<img src="a.jpg" sizes="50vw" srcset="/v/c.jpg 640w" width="800"></picture>`,
    ],
    [
      'around each of two that touch',
      '<img src="a.jpg"><img src="b.jpg">',
      `<picture>${SOURCE}<img src="a.jpg"${OWN}></picture><picture>${SOURCE}<img src="b.jpg"${OWN}></picture>`,
    ],
  ])('%s', (_, page, wanted) => expect(written(page)).toBe(wanted))

  it('without an element around where only the fallback is there', () => {
    expect(written('<img src="a.jpg">', { sources: [] })).toBe(`<img src="a.jpg"${OWN}>`)
  })

  it('with closed tags in XHTML', () => {
    expect(written('<img src="a.jpg"/>', {}, true)).toBe(
      `<picture>${SOURCE.replace('>', ' />')}<img src="a.jpg"${OWN}/></picture>`,
    )
  })

  it('with a style of its own where one is given', () => {
    expect(written('<img src="a.jpg">', { style: 'display:contents' })).toContain('<picture style="display:contents">')
  })
})

describe('an image stays as it is', () => {
  it.each([
    [
      'in a picture',
      '<picture><source srcset="a.avif"><img src="a.jpg"></picture>',
      'it stands in a <picture> already',
    ],
    ['with a srcset', '<img src="a.jpg" srcset="b.jpg 2x">', 'it has a srcset already'],
    ['when the page says so', '<img src="a.jpg" data-lading-picture="Off">', 'data-lading-picture says so'],
    ['when a script loads another', '<img src="a.jpg" data-src="b.jpg">', 'a script gives it another address later'],
  ])('%s', (_, page, why) => {
    expect(htmlReferences(page).images?.map(({ left }) => left)).toEqual([why])
    expect(written(page)).toBe(page)
  })

  it.each([
    ['in a frame’s srcdoc', '<iframe srcdoc="<img src=a.jpg>"></iframe>'],
    ['in SVG', '<svg><image href="a.jpg"/></svg>'],
    ['in a comment', '<!-- <img src="a.jpg"> -->'],
    ['in a script', '<script>`<img src="a.jpg">`</script>'],
    ['without a src', '<img alt="a.jpg">'],
  ])('%s', (_, page) => expect(written(page)).toBe(page))

  it('after a picture has ended, no more', () => {
    expect(written('<picture><img src="a.jpg"></picture><img src="b.jpg">')).toContain('<img src="b.jpg" srcset')
  })
})

describe('in any page', () => {
  it('nothing goes, nothing else comes, and a second time nothing changes', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 12 }),
        fc.constantFrom('<img src=a.jpg>', '<img src="x y.png" alt=\'"\'>'),
        (seed, image) => {
          const { text } = randomPage(seed)
          const page = `${image}${text}`
          const images = (htmlReferences(page).images ?? []).filter(({ left }) => left === undefined)
          expect(images.length).toBeGreaterThan(0)
          const edits = images.flatMap((found) => pictureEdits(found, PICTURE, false))
          expect(edits.every(({ start, end }) => start === end)).toBe(true)
          const once = written(page)
          expect(once.length).toBe(page.length + edits.reduce((sum, { replacement }) => sum + replacement.length, 0))
          // read again, the same files are named in the same order, the variants aside
          const named = (html: string): string[] =>
            htmlReferences(html)
              .references.map(({ url }) => url)
              .filter((url) => !url.startsWith('/v/'))
          expect(named(once)).toEqual(named(page))
          expect(written(once)).toBe(once)
        },
      ),
      { numRuns: 300 },
    )
  })
})
