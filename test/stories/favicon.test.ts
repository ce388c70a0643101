import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type FaviconOptions, type FaviconResult, makeFavicon } from '../../src/index.ts'
import { htmlReferences, webManifestReferences } from '../../src/rewrite/index.ts'
import { blank, CHILD, halves, photo, pixel } from '../rig/images.ts'

const MAIN = join(import.meta.dirname, '../../dist/src/cli/main.cjs')

const svg = (inside: string, attributes = 'viewBox="0 0 64 64"'): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${inside}</svg>`

const DISC = svg('<circle cx="32" cy="32" r="32" fill="#0a7"/>')
const SQUARE = svg('<path fill="#c03" d="M0 0h64v64H0z"/>')

interface World {
  readonly cwd: string
  make(options?: Partial<FaviconOptions>): Promise<FaviconResult>
  read(name: string): Buffer
}

function world(files: Readonly<Record<string, Uint8Array | string>>): World {
  const cwd = mkdtempSync(join(tmpdir(), 'lading-favicon-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true })
    writeFileSync(join(cwd, name), content)
  }
  const [source = ''] = Object.keys(files)
  return {
    cwd,
    make: (options) => makeFavicon({ source, out: 'public', cwd, child: CHILD, ...options }),
    read: (name) => readFileSync(join(cwd, 'public', name)),
  }
}

/** Reads an icon file by the letter of its format, and knows nothing of who wrote it. */
function entriesOf(ico: Buffer) {
  expect([ico.readUInt16LE(0), ico.readUInt16LE(2)]).toEqual([0, 1])
  return Array.from({ length: ico.readUInt16LE(4) }, (_, index) => {
    const at = 6 + 16 * index
    const [size, offset] = [ico.readUInt32LE(at + 8), ico.readUInt32LE(at + 12)]
    const [width, height, colours, reserved] = ico.subarray(at, at + 4)
    const facts = { width, height, colours, reserved, planes: ico.readUInt16LE(at + 4), bits: ico.readUInt16LE(at + 6) }
    expect(offset + size).toBeLessThanOrEqual(ico.length)
    return { facts, data: ico.subarray(offset, offset + size) }
  })
}

async function facts(png: Buffer) {
  const { format, width, height, hasAlpha } = await sharp(png).metadata()
  return { format, width, height, isOpaque: !hasAlpha || (await sharp(png).stats()).isOpaque }
}

/** Distance from the middle to the outer corner of the farthest pixel that is not of the ground, in half sides. */
async function reachOf(png: Buffer, ground: readonly number[]): Promise<number> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  let reach = 0
  for (let place = 0; place < info.width * info.height; place++) {
    const differs = ground.some((channel, which) => Math.abs((data[3 * place + which] ?? 0) - channel) > 16)
    if (!differs) continue
    const middle = (info.width - 1) / 2
    const [x, y] = [Math.abs((place % info.width) - middle), Math.abs(Math.floor(place / info.width) - middle)]
    reach = Math.max(reach, Math.hypot(x + 0.5, y + 0.5))
  }
  return reach / (info.width / 2)
}

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it was made',
    (error: unknown) => error,
  )

describe('icons of an SVG', () => {
  it('are three files: one for old browsers and crawlers, the drawing itself, one for phones', async () => {
    const { make, read, cwd } = world({ 'logo.svg': DISC })
    const { files, bytes, notes } = await make()
    expect(files.map(({ name, result }) => [name, result])).toEqual([
      ['favicon.ico', 'new'],
      ['icon.svg', 'new'],
      ['apple-touch-icon.png', 'new'],
    ])
    expect(readdirSync(join(cwd, 'public')).sort()).toEqual(files.map(({ name }) => name).sort())
    for (const file of files) expect(read(file.name)).toHaveLength(file.bytes)
    expect(bytes).toBe(files.reduce((sum, file) => sum + file.bytes, 0))
    expect(bytes).toBeLessThan(4000)
    expect(notes).toEqual([])
    expect(read('icon.svg').toString()).toBe(DISC)
  })

  it('favicon.ico holds one PNG of 32 pixels in true colour with alpha', async () => {
    const { make, read } = world({ 'logo.svg': DISC })
    await make()
    const [entry, ...others] = entriesOf(read('favicon.ico'))
    expect(others).toEqual([])
    expect(entry?.facts).toEqual({ width: 32, height: 32, colours: 0, reserved: 0, planes: 1, bits: 32 })
    const png = entry?.data ?? Buffer.alloc(0)
    expect(png[25]).toBe(6) // https://www.w3.org/TR/png-3/#11IHDR: colour type
    expect(await facts(png)).toEqual({ format: 'png', width: 32, height: 32, isOpaque: false })
    expect(await pixel(png, 16, 16)).toEqual([0, 0xaa, 0x77, 255])
    expect((await pixel(png, 0, 0))[3]).toBe(0)
  })

  it('are drawn at each size, whatever size the file names: edges are sharp', async () => {
    const { make, read } = world({ 'logo.svg': svg('<path fill="#c03" d="M4 4h8v8H4z"/>', 'width="16" height="16"') })
    await make({ manifest: true })
    const { data } = await sharp(read('icon-512.png')).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
    expect(new Set(data.filter((_, at) => at % 4 === 3))).toEqual(new Set([0, 255]))
    expect(await pixel(read('icon-512.png'), 128, 128)).toEqual([0xcc, 0, 0x33, 255])
    expect((await pixel(read('icon-512.png'), 127, 128))[3]).toBe(0)
  })

  it('a drawing that names a huge size is an icon as any other', async () => {
    const { make } = world({ 'logo.svg': svg('<path d="M0 0h20000v20000z"/>', 'width="30000" height="30000"') })
    expect((await make()).files).toHaveLength(3)
  })

  it.each(['viewBox=" 0,0, 64 6.4e1"', 'width="64px" height="64"', 'width="100%" height="100%" viewBox="0 0 64 64"'])(
    'a size is one with %s',
    async (size) => {
      const { make, read } = world({ 'logo.svg': svg('<path fill="#c03" d="M0 0h64v64H0z"/>', size) })
      await make()
      expect(await pixel(read('apple-touch-icon.png'), 179, 179)).toEqual([0xcc, 0, 0x33, 255])
    },
  )

  it('inches are as long as in browsers', async () => {
    const { make, read } = world({ 'a.svg': svg('<rect width="1in" height="1in"/>', 'viewBox="0 0 192 192"') })
    await make({ manifest: true })
    expect(await pixel(read('icon-512.png'), 250, 250)).toEqual([0, 0, 0, 255])
    expect((await pixel(read('icon-512.png'), 262, 262))[3]).toBe(0)
  })

  it('says that text looks different on other machines', async () => {
    const { make } = world({ 'a.svg': svg('<rect width="64" height="64"/><text y="9">a</text>') })
    expect((await make()).notes).toEqual([expect.stringContaining('turn it into paths')])
  })
})

describe('with a manifest', () => {
  it('come the three icons that it names, and each is what it is said to be', async () => {
    const { make, read } = world({ 'logo.svg': DISC })
    const { files } = await make({ manifest: true, name: 'Harbour & Sons' })
    const manifest = JSON.parse(read('manifest.webmanifest').toString())
    expect(manifest).toEqual({
      name: 'Harbour & Sons',
      icons: [
        { src: 'icon-192.png', type: 'image/png', sizes: '192x192' },
        { src: 'icon-512.png', type: 'image/png', sizes: '512x512' },
        { src: 'icon-mask.png', type: 'image/png', sizes: '512x512', purpose: 'maskable' },
      ],
    })
    const named = webManifestReferences(read('manifest.webmanifest').toString()).references.map(({ url }) => url)
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(named))
    for (const { src, sizes, purpose } of manifest.icons) {
      const { format, width, height, isOpaque } = await facts(read(src))
      expect([format, `${width}x${height}`, isOpaque]).toEqual(['png', sizes, purpose === 'maskable'])
    }
  })

  it.each([
    ['a disc', DISC],
    ['a square, whose corners are farthest', SQUARE],
    ['a picture that stands aside', svg('<path fill="#00c" d="M0 0h20v20H0z"/>')],
    ['a wide one', svg('<path fill="#00c" d="M0 0h99v9H0z"/>', 'viewBox="0 0 99 9"')],
  ])('%s lies in the safe zone of masks, and fills it', async (_, text) => {
    const { make, read } = world({ 'logo.svg': text })
    await make({ manifest: true, background: '#eed' })
    const reach = await reachOf(read('icon-mask.png'), [0xee, 0xee, 0xdd])
    expect(reach).toBeLessThanOrEqual(0.8 + 1 / 256)
    expect(reach).toBeGreaterThan(0.78)
  })

  it('a picture that is small in its square is not enlarged for it', async () => {
    const { make, read } = world({ 'logo.svg': svg('<circle cx="32" cy="32" r="8"/>') })
    await make({ manifest: true })
    expect(await reachOf(read('icon-mask.png'), [255, 255, 255])).toBeCloseTo(0.25, 1)
  })
})

describe('what opaque icons stand on', () => {
  it('a transparent picture gets white and a margin', async () => {
    const { make, read } = world({ 'logo.svg': SQUARE.replace('M0 0h64v64H0z', 'M0 0h64v64z') })
    expect((await make()).background).toBe('#ffffff')
    const touch = read('apple-touch-icon.png')
    expect(await facts(touch)).toEqual({ format: 'png', width: 180, height: 180, isOpaque: true })
    expect(await pixel(touch, 19, 19)).toEqual([255, 255, 255, 255])
    expect(await pixel(touch, 30, 24)).toEqual([0xcc, 0, 0x33, 255])
  })

  it('a picture with a margin of its own gets no second one', async () => {
    const { make, read } = world({ 'logo.svg': svg('<path fill="#c03" d="M8 8h48v48H8z"/>') })
    await make()
    expect(await pixel(read('apple-touch-icon.png'), 24, 24)).toEqual([0xcc, 0, 0x33, 255])
    expect(await pixel(read('apple-touch-icon.png'), 20, 20)).toEqual([255, 255, 255, 255])
  })

  it('or the colour that is asked for', async () => {
    const { make, read } = world({ 'logo.svg': DISC })
    expect((await make({ background: '#036' })).background).toBe('#003366')
    expect(await pixel(read('apple-touch-icon.png'), 0, 0)).toEqual([0, 0x33, 0x66, 255])
  })

  it('an opaque one fills a touch icon, and its border goes on around it in a mask', async () => {
    const bar = svg('<path fill="#036" d="M0 0h64v64H0z"/><path fill="#fff" d="M4 24h56v16H4z"/>')
    const { make, read } = world({ 'logo.svg': bar })
    expect((await make({ manifest: true })).background).toBe('#003366')
    expect(await pixel(read('apple-touch-icon.png'), 14, 90)).toEqual([255, 255, 255, 255])
    expect(await pixel(read('icon-mask.png'), 0, 0)).toEqual([0, 0x33, 0x66, 255])
    expect(await reachOf(read('icon-mask.png'), [0, 0x33, 0x66])).toBeLessThanOrEqual(0.8 + 1 / 256)
  })

  it.each([
    ['a white picture on white', svg('<circle cx="9" cy="9" r="9" fill="#fff"/>'), 'Nothing of it is seen on #ffffff.'],
    ['an empty one, which no colour mends,', svg(''), 'It shows nothing.'],
  ])('%s is refused', async (_, text, why) => {
    const { make, cwd } = world({ 'logo.svg': text })
    const error = await refusal(make())
    expect(error).toMatchObject({ code: 'E_IMAGE_BLANK', why })
    expect(String(Reflect.get(Object(error), 'hint')).includes('--background')).toBe(why.includes('#ffffff'))
    expect(readdirSync(cwd)).toEqual(['logo.svg'])
  })
})

describe('icons of pixels', () => {
  it.each(['png', 'jpeg', 'webp', 'avif'] as const)(
    '%s: a large icon takes the place of the drawing',
    async (format) => {
      const { make, read } = world({ image: await (await photo(512, 512)).toFormat(format).toBuffer() })
      const { files, tags } = await make()
      expect(files.map(({ name }) => name)).toEqual(['favicon.ico', 'icon-192.png', 'apple-touch-icon.png'])
      expect(await facts(read('icon-192.png'))).toEqual({ format: 'png', width: 192, height: 192, isOpaque: true })
      expect(tags[1]).toBe('<link rel="icon" href="/icon-192.png" type="image/png" sizes="192x192">')
    },
  )

  it('what is not square is whole and in the middle', async () => {
    const wide = await halves('#c00', '#00c', { width: 600, height: 300 }).png().toBuffer()
    const { make, read } = world({ 'logo.png': wide })
    await make()
    const icon = read('icon-192.png')
    expect(await pixel(icon, 2, 96)).toEqual([0xcc, 0, 0, 255])
    expect(await pixel(icon, 189, 96)).toEqual([0, 0, 0xcc, 255])
    expect([(await pixel(icon, 96, 40))[3], (await pixel(icon, 96, 150))[3]]).toEqual([0, 0])
  })

  it.each([
    ['a photo that lies on its side', (image: Sharp) => image.withMetadata({ orientation: 8 }).jpeg({ quality: 100 })],
    ['CMYK', (image: Sharp) => image.rotate(-90).toColourspace('cmyk').jpeg({ quality: 100 })],
    ['16 bits', (image: Sharp) => image.rotate(-90).toColourspace('rgb16').png()],
    ['another colour profile', (image: Sharp) => image.rotate(-90).withIccProfile('p3').png()],
  ])('%s becomes upright sRGB of 8 bits', async (_, save) => {
    const sides = sharp(await halves('#777', '#222', { width: 600, height: 600 }).png().toBuffer()).removeAlpha()
    const { make, read } = world({ image: await save(sides).toBuffer() })
    await make()
    expect(await sharp(read('icon-192.png')).metadata()).toMatchObject({ space: 'srgb', depth: 'uchar' })
    const [top, bottom] = [await pixel(read('icon-192.png'), 96, 40), await pixel(read('icon-192.png'), 96, 150)]
    const lighter = bottom.map((channel, which) => channel - (top[which] ?? 0))
    expect(Math.min(...lighter.slice(0, 3))).toBeGreaterThan(50)
  })

  it('no icon is enlarged: what is too small is refused, with the icon that it is too small for', async () => {
    const { make, cwd } = world({ 'logo.png': blank(300, 300) })
    expect(await refusal(make({ manifest: true }))).toMatchObject({
      code: 'E_IMAGE_SMALL',
      why: 'It is 300 x 300, and icon-512.png would be enlarged from it.',
    })
    expect(readdirSync(cwd)).toEqual(['logo.png'])
    await make()
    expect(await refusal(world({ 'a.png': blank(191, 100) }).make())).toMatchObject({ code: 'E_IMAGE_SMALL' })
  })
})

describe('for dark browsers', () => {
  const dark = svg('<title>50 % größer &amp; "heller"</title><circle id="a" cx="32" cy="32" r="9" fill="#fd4"/>')

  it('a second drawing lies in icon.svg, and of the two each is whole', async () => {
    const { make, read } = world({ 'logo.svg': DISC, 'dark.svg': dark })
    await make({ dark: 'dark.svg' })
    const text = read('icon.svg').toString()
    const inside = [...text.matchAll(/data:image\/svg\+xml,([^"]*)"/g)].map(([, code = '']) => decodeURIComponent(code))
    expect(inside).toEqual([DISC, dark])
    expect(text).toContain('@media (prefers-color-scheme:dark)')
    expect(await pixel(read('apple-touch-icon.png'), 90, 90)).toEqual([0, 0xaa, 0x77, 255])
  })

  it.each([
    ['an image of pixels', { dark: blank(512, 512) }, 'E_USAGE'],
    ['one that is black', { dark: svg('<circle cx="32" cy="32" r="9"/>') }, 'E_IMAGE_BLANK'],
    ['one that is damaged', { dark: svg('<rect/>').replace('/>', '>') }, 'E_IMAGE_CORRUPT'],
  ])('%s is refused', async (_, files, code) => {
    const { make, cwd } = world({ 'logo.svg': DISC, ...files })
    expect(await refusal(make({ dark: 'dark' }))).toMatchObject({ code, subject: join(cwd, 'dark') })
    expect(readdirSync(cwd).sort()).toEqual(['dark', 'logo.svg'])
  })

  it('beside an image of pixels there is none', async () => {
    const { make } = world({ 'logo.png': blank(512, 512), 'dark.svg': dark })
    expect(await refusal(make({ dark: 'dark.svg' }))).toMatchObject({ code: 'E_USAGE' })
  })
})

describe('an SVG that needs more than itself, or does something, is refused', () => {
  it.each([
    ['a script', svg('<script>alert(1)</script>'), 'It holds <script>.'],
    ['a script with a prefix', svg('<x:script xmlns:x="http://www.w3.org/2000/svg"/>'), 'It holds <script>.'],
    ['a handler', svg('<rect onclick="x()"/>'), 'It holds onclick.'],
    ['HTML', svg('<foreignObject/>'), 'It holds <foreignObject>.'],
    ['a link that is a script', svg('<a href=" java&#10;script:x()"/>'), 'It holds a link that is a script.'],
    ['a script that comes later', svg('<set attributeName="href" to="javascript:x()"/>'), 'It holds a link that'],
    [
      'an image that comes later',
      svg(
        '<circle cx="50" cy="50" r="40"/><image href="#a"><animate attributeName="xlink:href" values="#a;https://example.com/a.png"/></image>',
      ),
      'It holds an address that changes',
    ],
    ['an image beside it', svg('<image href="a.png"/>'), 'from outside: a.png.'],
    [
      'an image of the disk',
      svg('<image xmlns:x="http://www.w3.org/1999/xlink" x:href="file:///etc/a.png"/>'),
      'file:',
    ],
    ['a drawing beside it', svg('<use href="a.svg#b"/>'), 'from outside: a.svg#b.'],
    ['a font', svg('<style>@font-face{font-family:a;src:url(https://x/a.woff2)}</style>'), 'https://x/a.woff2'],
    ['a style sheet', svg('<style>@import "a.css";</style>'), 'from outside: a.css.'],
    ['a fill', svg('<rect fill="url(a.svg#b)"/>'), 'from outside: a.svg#b.'],
    ['a style', svg('<rect style="mask:url(a.svg#b)"/>'), 'from outside: a.svg#b.'],
    ['a style sheet of XML', `<?xml-stylesheet href="a.css"?>${DISC}`, 'from outside'],
    ['entities', `<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>${svg('<text>&a;</text>')}`, 'Its DOCTYPE'],
    ['handlers by declaration', `<!DOCTYPE svg [<!ATTLIST svg onload CDATA "x()">]>${DISC}`, 'Its DOCTYPE'],
    [
      'handlers by declaration, behind an address that ends the tag for some readers',
      `<!DOCTYPE svg SYSTEM ">" [<!ATTLIST svg onload CDATA "x()">]>${DISC}`,
      'Its DOCTYPE',
    ],
    [
      'a comment that only some readers see: in an instruction',
      `<?a ><!-- ?>${DISC.replace('viewBox', 'onload="x()" viewBox').replace('</svg>', '<!-- --></svg>')}`,
      'read differently',
    ],
    [
      'an empty comment that is none for others',
      `<!--><a b="-->${DISC.replace('viewBox', 'onload="x()" viewBox')}`,
      'read differently',
    ],
    ['another encoding', `<?xml version="1.0" encoding="ISO-2022-JP"?>${DISC}`, 'in another encoding'],
    ['UTF-16', Buffer.from(`\uFEFF${DISC}`, 'utf16le'), 'in another encoding'],
    ['no size', svg('<rect width="9" height="9"/>', ''), 'an SVG without a size'],
    [
      'a size that is a share of nothing',
      svg('<rect width="9" height="9"/>', 'width="100%" height="100%"'),
      'an SVG without a size',
    ],
    ['a viewBox of three numbers', svg('<rect width="9" height="9"/>', 'viewBox="0 0 24"'), 'an SVG without a size'],
    // pasted out of a page, where HTML supplies it
    ['no namespace', '<svg viewBox="0 0 9 9"><rect width="9" height="9"/></svg>', 'does not say that it is SVG'],
    ['what is compressed', gzipSync(DISC), 'It is compressed.'],
    ['a page', '<!doctype html><p>', 'It is no SVG document.'],
  ])('%s', async (_, text, why) => {
    const { make, cwd } = world({ 'logo.svg': text })
    const error = await refusal(make())
    expect(error).toMatchObject({ code: 'E_IMAGE_FORMAT', why: expect.stringContaining(why) })
    expect(error).toMatchObject({ hint: expect.stringMatching(/^[A-Z].*(?:\.|logo\.svg)$/) })
    expect(readdirSync(cwd)).toEqual(['logo.svg'])
  })

  it.each([
    ['what drawing programs leave', '<metadata><a resource="http://purl.org/x"/></metadata><path d="M1 1h9v9z"/>'],
    [
      'instructions of others',
      '<metadata><?xpacket begin="" id="W5M0"?><?xpacket end="w"?></metadata><path d="M1 1h9v9z"/>',
    ],
    ['its own gradients', '<linearGradient id="a"><stop/></linearGradient><path fill="url(#a)" d="M0 0h9v9z"/>'],
    [
      'an embedded image',
      `<image href="data:image/png;base64,${blank(9, 9).toString('base64')}"/><path d="M0 0h9v9z"/>`,
    ],
    ['a DOCTYPE that declares nothing', '<path d="M0 0h9v9z"/>'],
  ])('but not %s', async (name, inside) => {
    const doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    const text = `${name.includes('DOCTYPE') ? doctype : ''}${svg(inside)}`
    const { make, read } = world({ 'logo.svg': text })
    await make()
    expect(read('icon.svg').toString()).toBe(text)
  })

  it.each([
    [
      svg('<g><path d="M0 0h9v9z"></g>'),
      /^It is no well-formed XML: line 1, column \d+: Opening and ending tag .+ and svg\.$/,
    ],
    [
      `\n${svg('<title>a&nbsp;b</title>')}`,
      /^It is no well-formed XML: line 2, column \d+: Entity 'nbsp' not defined\.$/,
    ],
    [svg('<use xlink:href="#a"/>'), /^It is no well-formed XML: line 1, column \d+: Namespace prefix xlink .+\.$/],
  ])('one that no browser reads, with the place: %s', async (text, why) => {
    const { make } = world({ 'logo.svg': text })
    const hint = 'Correct it there, or export it again.'
    expect(await refusal(make())).toMatchObject({ code: 'E_IMAGE_CORRUPT', why: expect.stringMatching(why), hint })
  })

  it('one that multiplies itself', async () => {
    const level = (n: number): string => `<g id="l${n + 1}">${`<use href="#l${n}"/>`.repeat(10)}</g>`
    const levels = Array.from({ length: 9 }, (_, n) => level(n)).join('')
    const { make } = world({ 'logo.svg': svg(`<path id="l0" d="M0 0h9v9z"/>${levels}`) })
    expect(await refusal(make())).toMatchObject({ code: 'E_IMAGE_CORRUPT' })
  })

  it('one that is nested without end, before anything of ours reads it', async () => {
    const deep = `${'<g>'.repeat(100_000)}${'</g>'.repeat(100_000)}`
    const { make } = world({ 'logo.svg': svg(deep) })
    expect(await refusal(make())).toMatchObject({ code: 'E_IMAGE_CORRUPT' })
  })

  it('one with more bytes than an icon may have', async () => {
    const { make } = world({ 'logo.svg': svg(`<path d="M0 0h9v9z${' '.repeat(1_000_000)}"/>`) })
    expect(await refusal(make())).toMatchObject({ code: 'E_IMAGE_BYTES' })
  })
})

const DAMAGED = (await (await photo(600, 600)).png().toBuffer()).subarray(0, 9000)

describe('what is no source of icons', () => {
  it.each([
    ['nothing', 'E_IMAGE_FORMAT', Buffer.alloc(0)],
    ['text', 'E_IMAGE_FORMAT', 'hello'],
    ['a PDF', 'E_IMAGE_FORMAT', '%PDF-1.7\n'],
    ['an icon', 'E_IMAGE_FORMAT', '\0\0\x01\0'],
    ['a damaged image', 'E_IMAGE_CORRUPT', DAMAGED],
    ['more pixels than the limit', 'E_IMAGE_PIXELS', blank(16_000, 16_000)],
  ])('%s', async (_, code, content) => {
    const { make, cwd } = world({ image: content })
    expect(await refusal(make())).toMatchObject({ code, subject: join(cwd, 'image'), hint: expect.any(String) })
    expect(readdirSync(cwd)).toEqual(['image'])
  })

  it('an animation', async () => {
    const frames = sharp(Buffer.alloc(512 * 1024 * 3, 7).fill(200, 512 * 512 * 3), {
      raw: { width: 512, height: 1024, channels: 3, pageHeight: 512 },
    })
    const { make } = world({ 'a.gif': await frames.gif().toBuffer() })
    expect(await refusal(make())).toMatchObject({ code: 'E_IMAGE_FORMAT', why: 'It is animated.' })
  })

  it.each([
    ['nosuch.svg', 'There is no such file'],
    ['.', 'This is a folder, not an image'],
    ['/dev/null', 'This is not a file'],
    ['nowhere', 'There is no such file'],
  ])('%s', async (source, message) => {
    const { make, cwd } = world({ 'logo.svg': DISC })
    symlinkSync('gone.svg', join(cwd, 'nowhere'))
    expect(await refusal(make({ source }))).toMatchObject({ code: 'E_UNREADABLE', message })
  })

  it('a pipe, which nobody writes into', async () => {
    const { make, cwd } = world({ 'logo.svg': DISC })
    spawnSync('mkfifo', [join(cwd, 'pipe')])
    expect(await refusal(make({ source: 'pipe' }))).toMatchObject({ message: 'This is not a file' })
  })

  it('but a link to one is', async () => {
    const { make, cwd } = world({ 'logo.svg': DISC })
    symlinkSync('logo.svg', join(cwd, 'link'))
    expect((await make({ source: 'link' })).files).toHaveLength(3)
  })
})

describe('files that are there', () => {
  const before = { 'logo.svg': DISC, 'public/icon.svg': 'mine' }

  it('the same source gives the same bytes, and a second run writes nothing', async () => {
    const { make, read } = world({ 'logo.svg': DISC })
    const first = await make({ manifest: true })
    const bytes = first.files.map(({ name }) => read(name))
    const again = await make({ manifest: true })
    expect(new Set(again.files.map(({ result }) => result))).toEqual(new Set(['unchanged']))
    await make({ manifest: true, out: 'other' })
    expect(first.files.map(({ name }) => read(`../other/${name}`))).toEqual(bytes)
  })

  it('with other contents stop it before anything is written', async () => {
    const { make, cwd } = world(before)
    expect(await refusal(make())).toMatchObject({ code: 'E_OUT', details: ['icon.svg'] })
    expect(readdirSync(join(cwd, 'public'))).toEqual(['icon.svg'])
  })

  it('are replaced where that is asked for', async () => {
    const { make, read, cwd } = world(before)
    const { files } = await make({ force: true })
    expect(files.map(({ result }) => result)).toEqual(['new', 'replaced', 'new'])
    expect(read('icon.svg').toString()).toBe(DISC)
    expect(readdirSync(join(cwd, 'public'))).toHaveLength(3)
  })

  it('a folder or a link in the way stays, whatever is asked for', async () => {
    for (const put of [mkdirSync, (path: string) => symlinkSync('../logo.svg', path)]) {
      const { make, cwd } = world({ 'logo.svg': DISC, 'public/a.txt': '' })
      put(join(cwd, 'public/favicon.ico'))
      expect(await refusal(make({ force: true }))).toMatchObject({ code: 'E_OUT' })
      expect(readdirSync(join(cwd, 'public')).sort()).toEqual(['a.txt', 'favicon.ico'])
    }
  })

  it('the source is never replaced by what is made of it', async () => {
    const { make, read } = world({ 'public/icon.svg': DISC, 'dark.svg': SQUARE })
    expect(await refusal(make({ dark: 'dark.svg', force: true }))).toMatchObject({ code: 'E_OUT' })
    expect(read('icon.svg').toString()).toBe(DISC)
    const second = { source: 'dark.svg', dark: 'public/icon.svg', force: true }
    expect(await refusal(make(second))).toMatchObject({ code: 'E_OUT' })
    expect((await make()).files.map(({ result }) => result)).toEqual(['new', 'unchanged', 'new'])
  })

  it('a file where the folder should be is told as that', async () => {
    const { make, cwd } = world({ 'logo.svg': DISC, public: 'a file' })
    const told = { code: 'E_OUT', message: 'The output folder is not a folder', subject: join(cwd, 'public') }
    expect(await refusal(make())).toMatchObject(told)
  })
})

it('the tags name every icon that a page has to, below the path of the site', async () => {
  const { make } = world({ 'logo.svg': DISC })
  const { tags } = await make({ manifest: true, base: '/a&b/' })
  const { references } = htmlReferences(`<!doctype html><head>${tags.join('')}</head>`)
  expect(references.map(({ url }) => url)).toEqual(
    ['favicon.ico', 'icon.svg', 'apple-touch-icon.png', 'manifest.webmanifest'].map((name) => `/a&b/${name}`),
  )
  expect(tags[0]).toBe('<link rel="icon" href="/a&amp;b/favicon.ico" sizes="32x32">')
})

it('a process that dies twice is told as that, and nothing is written', async () => {
  const { make, cwd } = world({
    'logo.svg': DISC,
    'dies.mjs': "process.send({ kind: 'ready' }); process.on('message', () => process.exit(1))",
  })
  expect(await refusal(make({ child: join(cwd, 'dies.mjs') }))).toMatchObject({ code: 'E_IMAGE_CRASHED' })
  expect(readdirSync(cwd).sort()).toEqual(['dies.mjs', 'logo.svg'])
})

it('a run that is stopped writes nothing', async () => {
  const { cwd } = world({ 'logo.svg': DISC })
  const options = { source: 'logo.svg', out: 'public', cwd, child: CHILD }
  await expect(makeFavicon(options, { signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped')
  expect(readdirSync(cwd)).toEqual(['logo.svg'])
})

describe('lading favicon', () => {
  const lading = (cwd: string, ...argv: readonly string[]) =>
    spawnSync(process.execPath, [MAIN, 'favicon', ...argv], { cwd, encoding: 'utf8', env: { HOME: cwd } })

  it('prints the tags alone on stdout, and the files with their sizes beside', () => {
    const { cwd } = world({ 'logo.svg': DISC })
    const { status, stdout, stderr } = lading(cwd, 'logo.svg', '--out', 'public')
    expect(stdout).toBe(
      '<link rel="icon" href="/favicon.ico" sizes="32x32">\n' +
        '<link rel="icon" href="/icon.svg" type="image/svg+xml">\n' +
        '<link rel="apple-touch-icon" href="/apple-touch-icon.png">\n',
    )
    expect(stderr).toMatch(
      /^ {2}\+ favicon\.ico +\d+ B\n {2}\+ icon\.svg +\d+ B\n {2}\+ apple-touch-icon\.png +[\d.]+ k?B\nok: 3 files in public, [\d.]+ kB together\n/,
    )
    expect(status).toBe(0)
  })

  it('with --json, one record says it all', () => {
    const { cwd } = world({ 'logo.svg': DISC })
    const { status, stdout, stderr } = lading(cwd, 'logo.svg', '--out', 'public', '--json')
    const [record, end] = stdout.split('\n').map((line): unknown => (line === '' ? undefined : JSON.parse(line)))
    expect(record).toMatchObject({ v: 1, type: 'favicon', out: join(cwd, 'public'), background: '#ffffff' })
    expect([end, status, stderr]).toEqual([{ v: 1, type: 'summary', ok: true, exit: 0 }, 0, ''])
  })

  it.each([
    [['logo.svg'], 2, 'lading favicon logo.svg --out public'],
    [['logo.svg', '--out', 'x', '--name', 'a'], 2, '--name does nothing without --manifest'],
    [['logo.svg', '--out', 'x', '--background', 'red'], 2, '--background "#336699"'],
    [['logo.svg', '--out', 'x', '--base', '../a'], 2, 'cannot be the base path'],
    [['nosuch.svg', '--out', 'x'], 6, 'There is no such file'],
  ])('%j ends with %d', (argv, exit, says) => {
    const { cwd } = world({ 'logo.svg': DISC })
    const { status, stdout, stderr } = lading(cwd, ...argv)
    expect([status, stdout]).toEqual([exit, ''])
    expect(stderr).toContain(says)
    expect(readdirSync(cwd)).toEqual(['logo.svg'])
  })
})
