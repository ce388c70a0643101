import { afterEach, describe, expect, it } from 'vitest'
import { explain, type LadingConfig, resolveConfig } from '../../src/index.ts'
import { createProject, type Project } from '../rig/project.ts'
import { manifestOf, putVariants, type ReceiptOptions, receiptOf, TRANSPARENT } from '../rig/receipts.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

const PHOTO = 'the bytes of a photo'
const URL = 'https://cdn.example.com/'

interface Site {
  readonly pages: Readonly<Record<string, string>>
  readonly receipt?: Partial<ReceiptOptions>
  readonly config?: LadingConfig
  /** A run that tells every reference remembers no page. @default true */
  readonly tells?: boolean
}

/** A site with `photo.jpg`, whose variants lie in the store. */
async function site({ pages, receipt, config, tells = true }: Site): Promise<Project> {
  const project = createProject({
    files: { 'photo.jpg': PHOTO, ...pages },
    config: { pictures: 'images.json', ...config },
    run: { tellsReferences: tells },
  })
  projects.push(project)
  const made = receiptOf({ bytes: PHOTO, ...receipt })
  await putVariants(project.store, [made])
  project.write('images.json', manifestOf({ 'photo.jpg': made }))
  return project
}

/** What the page of a site with this one image becomes. */
async function shown(image: string, more: Partial<Site> = {}): Promise<string> {
  const project = await site({ pages: { 'index.html': image }, ...more })
  await project.sync()
  return project.read('out/index.html').toString()
}

const told = (project: Project): string[] =>
  project.events.flatMap((event) => (event.type === 'reference' && event.result === 'picture' ? [event.detail] : []))

const [small = '', wide = '', jpeg = ''] = receiptOf({ bytes: PHOTO }).variants.map(({ key }) => URL + key)
const SIZES = 'sizes="(max-width: 800px) 100vw, 800px"'
const BOX = 'width="800" height="600"'
const PICTURE =
  '<picture style="display:contents">' +
  `<source type="image/avif" srcset="${small} 320w, ${wide} 640w" ${SIZES}>` +
  `<img src="SRC" alt=A srcset="${jpeg} 640w" ${SIZES} ${BOX} style="background-color:#336699"></picture>`
const IMAGE = '<img src="photo.jpg" alt=A>'

/** With the name that the original moved under. */
const without = (page: string): string => page.replace(/https:\/\/cdn\.example\.com\/a\/photo\.[^"]+\.jpg/, 'SRC')

describe('with an image manifest, sync puts a picture around an image', () => {
  const page = `<!doctype html>\r\n<p>${IMAGE}\r\n<img src="other.png"></p>`
  const wanted = page.replace(IMAGE, PICTURE)
  const modes = [
    ['out', { out: 'out' }, async (project: Project) => project.read('out/index.html')],
    ['in-place', { inPlace: true }, async (project: Project) => project.read('site/index.html')],
    [
      'host',
      { host: true },
      async (project: Project) => Buffer.from((await project.store.get('index.html'))?.bytes ?? []),
    ],
  ] as const

  it.each(modes)('in mode %s, and a second run changes nothing', async (_, config, read) => {
    const project = await site({ pages: { 'index.html': page, 'other.png': 'o' }, config })
    await project.sync()
    const first = String(await read(project))
    expect(without(first).replace(/https:\/\/cdn\.example\.com\/a\/other[^"]+/, 'other.png')).toBe(wanted)
    expect(await project.sync()).toMatchObject({ published: false })
    expect(String(await read(project))).toBe(first)
  })

  it('and without one, none', async () => {
    expect(without(await shown(IMAGE, { config: { pictures: undefined } }))).toBe('<img src="SRC" alt=A>')
  })

  it('and tells which, and why not', async () => {
    const pages = {
      'index.html': `${IMAGE}<img src="photo.jpg" srcset="photo.jpg 2x"><img src="other.png">`,
      'other.png': 'o',
    }
    const project = await site({ pages })
    await project.sync()
    const reasons = ['avif 320 640, jpeg 640', 'it has a srcset already', 'the image manifest does not know it']
    expect(told(project)).toEqual(reasons)
    const options = { root: 'site', to: 'store', url: URL, out: 'out', pictures: 'images.json', cacheDir: 'cache' }
    const found = await explain(resolveConfig(options, { cwd: project.dir, env: {} }), 'index.html', {
      openStore: async () => project.store,
    })
    const results = found.references.map(({ result }) => result)
    expect(results[0]).toMatch(/^moved: a\/photo\..*\.jpg; picture: avif 320 640, jpeg 640$/)
  })
})

describe('only what a receipt says is named', () => {
  it('and nothing where the original serves best', async () => {
    expect(without(await shown(IMAGE, { receipt: { variants: [] } }))).toBe('<img src="SRC" alt=A>')
  })

  it('a fallback alone stands in the tag', async () => {
    const page = await shown(IMAGE, { receipt: { variants: [['jpeg', 640]] } })
    expect(page).not.toContain('<picture')
    expect(page).toContain(`srcset="${jpeg} 640w"`)
  })

  it('and not of an image that has changed since, with a warning', async () => {
    const project = await site({ pages: { 'index.html': IMAGE } })
    project.write('site/photo.jpg', 'another photo')
    await project.sync()
    expect(without(project.read('out/index.html').toString())).toBe('<img src="SRC" alt=A>')
    expect(project.warned('W_IMAGE_CHANGED')).toEqual(['photo.jpg'])
    expect(told(project)).toEqual(['it has changed since its variants were rendered'])
  })

  it('an image is known by its bytes, wherever it lies', async () => {
    const page = await shown('<img src="deep/b.jpg">', {
      pages: { 'index.html': '<img src="deep/b.jpg">', 'deep/b.jpg': PHOTO },
    })
    expect(page).toContain(`${small} 320w`)
  })

  it('and the store is asked whether it has them', async () => {
    const project = await site({ pages: { 'index.html': IMAGE } })
    await project.store.remove(receiptOf({ bytes: PHOTO }).variants.map(({ key }) => key))
    await expect(project.sync()).rejects.toMatchObject({ code: 'E_VARIANT_MISSING' })
  })

  it('for every one of them, of however many images', async () => {
    const photos = Array.from({ length: 300 }, (_, index) => `${PHOTO} ${index}`)
    const images = photos.map((_, index) => `<img src="${index}.jpg">`).join('\n')
    const project = await site({
      pages: { 'index.html': images, ...Object.fromEntries(photos.map((bytes, index) => [`${index}.jpg`, bytes])) },
    })
    const receipts = photos.map((bytes) => receiptOf({ bytes }))
    await putVariants(project.store, receipts)
    project.write('images.json', manifestOf(Object.fromEntries(receipts.map((one, index) => [`${index}.jpg`, one]))))
    const [gone] = receipts[137]?.variants.slice(-1).map(({ key }) => key) ?? []
    await project.store.remove([gone ?? ''])
    await expect(project.sync()).rejects.toMatchObject({ code: 'E_VARIANT_MISSING', subject: gone })
    expect(await project.store.head('.lading/pointer.json')).toBeUndefined()
    await putVariants(project.store, receipts)
    await project.sync()
    expect(
      project
        .read('out/index.html')
        .toString()
        .match(/<picture/g),
    ).toHaveLength(300)
  })

  it('a manifest that names something else is refused', async () => {
    const project = await site({ pages: { 'index.html': IMAGE } })
    const made = receiptOf({ bytes: PHOTO })
    const variants = made.variants.map((variant) => ({ ...variant, key: `other/${variant.key}` }))
    project.write('images.json', manifestOf({ 'photo.jpg': { ...made, variants } }))
    await expect(project.sync()).rejects.toMatchObject({ code: 'E_MANIFEST' })
  })

  it('a manifest that is not there is refused', async () => {
    const project = await site({ pages: { 'index.html': IMAGE } })
    await expect(project.sync({ pictures: 'nowhere.json' })).rejects.toMatchObject({ code: 'E_MANIFEST' })
  })
})

describe('what the page says wins', () => {
  it.each([
    ['its width', '<img src="photo.jpg" width=50>', /width=50 srcset="[^"]+" sizes="[^"]+" style="background/],
    [
      'its style',
      '<img src="photo.jpg" style="width:5em">',
      /style="width:5em" srcset="[^"]+" sizes="[^"]+"><\/picture>/,
    ],
    [
      'its sizes',
      '<img src="photo.jpg" sizes="9em">',
      /640w" sizes="9em"><img src="[^"]+" sizes="9em" srcset="[^"]+" width/,
    ],
    ['that it loads late, its height unknown', '<img src="photo.jpg" loading=lazy width=50>', /sizes="\(max-width/],
    ['that it loads late', '<img src="photo.jpg" loading=lazy>', /sizes="auto, \(max-width: 800px\) 100vw, 800px"/],
  ])('%s', async (_, image, wanted) => expect(await shown(image)).toMatch(wanted))

  it.each([
    ['sizes', { sizes: '20em' }, / sizes="20em"/],
    ['no dimensions', { dimensions: false }, /800px" style="background-color:#336699">/],
    ['no placeholder', { placeholder: false }, /height="600"><\/picture>/],
  ] as const)('and else the configuration: %s', async (_, more, wanted) => {
    const config = { pictures: { manifest: 'images.json', ...more } }
    expect(await shown(IMAGE, { config })).toMatch(wanted)
  })
})

describe('no colour is written', () => {
  const META = '<meta http-equiv=content-security-policy content="img-src *; style-src '
  it.each([
    ['where a policy of the page forbids styles', `${META}'self'">${IMAGE}`, {}],
    ['where unsafe-inline does not count', `${META}'unsafe-inline' 'nonce-abc'">${IMAGE}`, {}],
    [
      'where a policy of the host does',
      IMAGE,
      { _headers: "/*\n  Content-Security-Policy: default-src *; style-src 'self'\n" },
    ],
  ])('%s', async (_, page, files) => {
    const pages = { 'index.html': page, ...files }
    const made = await shown(IMAGE, { pages })
    expect(made).toContain('<picture><source')
    expect(made).not.toContain('style="')
  })

  it('where a policy allows styles it is', async () => {
    expect(await shown(`${META}'self' 'unsafe-inline'">${IMAGE}`)).toContain('background-color')
  })

  it('behind an image with holes', async () => {
    expect(await shown(IMAGE, { receipt: { thumbhash: TRANSPARENT } })).not.toContain('background-color')
  })
})

describe('pages that were rewritten in place', () => {
  it('are told of when an image has changed since, in every run', async () => {
    const project = await site({ pages: { 'index.html': IMAGE }, config: { inPlace: true }, tells: false })
    await project.sync()
    expect(project.warned('W_PICTURE_OLD')).toEqual([])
    const next = receiptOf({ bytes: 'another photo' })
    await putVariants(project.store, [next])
    project.write('site/photo.jpg', 'another photo')
    project.write('images.json', manifestOf({ 'photo.jpg': next }))
    await project.sync()
    expect(project.warned('W_PICTURE_OLD')).toEqual(['index.html:1 photo.jpg'])
    await project.sync()
    expect(project.warned('W_PICTURE_OLD')).toEqual(['index.html:1 photo.jpg'])
  })
})

describe('a picture of something else', () => {
  it('beside an image without one says nothing about it', async () => {
    const other = receiptOf({ bytes: 'gone' }).variants[0]?.key
    const page = `<picture><source srcset="${URL}${other}"><img src="gone.jpg"></picture>${IMAGE}`
    const project = await site({ pages: { 'index.html': page } })
    await project.sync()
    expect(project.warned('W_PICTURE_OLD')).toEqual([])
  })
})

describe('a page is made again', () => {
  it('when the manifest says something else of its image', async () => {
    const project = await site({ pages: { 'index.html': IMAGE, 'about.html': '<p>' }, tells: false })
    await project.sync()
    project.write('images.json', manifestOf({ 'photo.jpg': receiptOf({ bytes: PHOTO, variants: [['avif', 320]] }) }))
    await project.sync()
    const page = project.read('out/index.html').toString()
    expect(page).toContain(`${small} 320w"`)
    expect(page).not.toContain('640w')
  })
})

describe('the option is refused', () => {
  it.each([
    ['without an address', { pictures: 'images.json', url: undefined, out: undefined }, 'E_USAGE'],
    ['with an empty name', { pictures: ' ' }, 'E_USAGE'],
    ['with sizes that not every page can hold', { pictures: { manifest: 'x', sizes: '1é' } }, 'E_CONFIG'],
  ] as const)('%s', (_, config, code) => {
    const options = { root: 'site', to: 'store', url: URL, out: 'out', ...config }
    expect(() => resolveConfig(options, { cwd: '/project', env: {} })).toThrow(expect.objectContaining({ code }))
  })

  it('with what it does not know', () => {
    const pictures = Object.assign({ manifest: 'x' }, { size: '1em' })
    expect(() =>
      resolveConfig({ root: 'site', to: 'store', url: URL, out: 'out', ...{ pictures } }, { cwd: '/project', env: {} }),
    ).toThrow(/unknown option pictures\.size; did you mean "sizes"/)
  })
})
