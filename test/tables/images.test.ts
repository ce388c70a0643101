import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { blank, chunk, failed, halves, made, photo, pixel, poolOf, show } from '../rig/images.ts'

/** Table I: what an image may be. Every row goes through a child, as in the command and in a worker. */
const pool = poolOf()
afterAll(() => pool.close())

const JPEG_ONLY = { widths: [320], formats: { jpeg: {} } } as const

describe('I01: more pixels than the limit are refused by the header', () => {
  it.each([
    [30_000, 30_000],
    [16_000, 16_000],
  ])('a small file that unpacks to %d x %d', async (width, height) => {
    const bytes = blank(width, height)
    expect(bytes.length).toBeLessThan(200_000)
    const { code, message, attempts } = failed(await show(pool, bytes))
    expect({ code, attempts }).toEqual({ code: 'E_IMAGE_PIXELS', attempts: 1 })
    expect(message).toContain(`${width} x ${height}`)
  })

  it('and decoding is never begun: the same child looks, and its memory stays', async () => {
    const bytes = blank(16_000, 16_000)
    const answer = await pool.look({ bytes })
    expect(answer).toMatchObject({ ok: false, failure: { code: 'E_IMAGE_PIXELS' } })
  })
})

describe('an image with a side that a format cannot have', () => {
  const strip = (height: number) =>
    sharp({
      create: {
        width: 400,
        height,
        channels: 3,
        background: '#fff',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    })

  it('loses the widths of that format which are too long, and no others', async () => {
    const shown = await show(pool, await strip(17_000).png().toBuffer(), { widths: [200, 400] })
    expect([...shown.files.keys()].sort()).toEqual(['avif-200', 'jpeg-200', 'jpeg-400'])
    const { dropped } = made(shown)
    expect(dropped.filter(({ width }) => width === 400)).toMatchObject([{ reason: 'too-long-for-format' }])
    const { height } = await sharp(shown.files.get('jpeg-400')).metadata()
    expect(height).toBe(17_000)
  })

  it('is best as it is where no format is left', async () => {
    const shown = await show(pool, blank(8, 70_000), { widths: [8] })
    expect(shown.receipt).toMatchObject({ variants: [] })
    expect(made(shown).dropped.map(({ reason }) => reason)).toContain('too-long-for-format')
  })
})

describe('I02: frames count', () => {
  /** Each of another colour. */
  const frames = (count: number, side: number) => {
    const each = side * side * 3
    const pixels = Buffer.alloc(each * count)
    for (let frame = 0; frame < count; frame++) pixels.fill((frame * 7) & 0xff, frame * each, (frame + 1) * each)
    return sharp(pixels, { raw: { width: side, height: side * count, channels: 3, pageHeight: side } })
  }

  it.each(['gif', 'webp'] as const)('a %s whose frames are together over the limit', async (format) => {
    const bytes = await frames(300, 420)[format]({ effort: 1 }).toBuffer()
    const failure = failed(await show(pool, bytes))
    expect(failure.code).toBe('E_IMAGE_PIXELS')
    expect(failure.message).toContain('420 x 420 in 300 frames')
  })

  it('an animated GIF becomes an animated WebP', async () => {
    const bytes = await frames(5, 200)
      .gif({ delay: [100, 100, 100, 100, 100] })
      .toBuffer()
    const shown = await show(pool, bytes, { widths: [100] })
    expect([...shown.files.keys()]).toEqual(['webp-100'])
    const { pages, pageHeight, width, delay } = await sharp(shown.files.get('webp-100'), { animated: true }).metadata()
    expect({ pages, pageHeight, width, delay }).toEqual({
      pages: 5,
      pageHeight: 100,
      width: 100,
      delay: [100, 100, 100, 100, 100],
    })
  })

  it('one with more frames than the recipe has stays as it is', async () => {
    const bytes = await frames(5, 40).gif().toBuffer()
    const receipt = made(await show(pool, bytes, { animation: { maxFrames: 4 } }))
    expect(receipt).toMatchObject({ variants: [], dropped: [{ reason: 'too-many-frames' }] })
  })

  it('an animated PNG, of which decoders see one frame, stays as it is, and its frames count', async () => {
    const still = blank(1000, 1000)
    const after = 8 + 25 // signature and IHDR
    const withFrames = (count: number): Buffer => {
      const control = Buffer.alloc(8)
      control.writeUInt32BE(count)
      return Buffer.concat([still.subarray(0, after), chunk('acTL', control), still.subarray(after)])
    }
    expect(made(await show(pool, withFrames(3)))).toMatchObject({ variants: [], dropped: [{ reason: 'animated' }] })
    expect(failed(await show(pool, withFrames(60))).code).toBe('E_IMAGE_PIXELS')
  })
})

describe('I03: an SVG is refused, whatever it holds', () => {
  it.each([
    '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
    '<!-- a comment --><svg><image href="http://localhost/x.png"/></svg>',
    '<svg width="100000" height="100000"></svg>',
    '<a/><svg></svg>',
  ])('%s', async (text) => {
    expect(failed(await show(pool, Buffer.from(text))).code).toBe('E_IMAGE_FORMAT')
  })

  it('with a sentence that says why', async () => {
    expect(failed(await show(pool, Buffer.from('<svg></svg>'))).message).toBe(
      'it is an SVG, which is sharp at every width as it is',
    )
  })
})

describe('I05: what is damaged is no success', () => {
  it.each(['jpeg', 'png', 'webp', 'avif'] as const)('a %s that ends half-way', async (format) => {
    const bytes = await (await photo()).toFormat(format).toBuffer()
    const { code, src } = failed(await show(pool, bytes.subarray(0, bytes.length / 2)))
    expect(code).toBe('E_IMAGE_CORRUPT')
    expect(src.bytes).toBe(Math.floor(bytes.length / 2))
  })

  it.each(['jpeg', 'png'] as const)('a %s with bytes turned over in its middle', async (format) => {
    const bytes = await (await photo()).toFormat(format).toBuffer()
    bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 64)
    expect(failed(await show(pool, bytes)).code).toBe('E_IMAGE_CORRUPT')
  })
})

describe('I06: only five decoders answer', () => {
  it.each([
    ['nothing at all', '', 'it is empty'],
    ['HTML as .png', '<!doctype html><p>', 'it is an HTML page'],
    ['PDF', '%PDF-1.7\n', 'it is a PDF'],
    ['PSD', '8BPS\0\x01', 'it is a Photoshop document'],
    ['PPM', 'P6\n1 1\n255\nabc', 'it is a portable pixmap'],
    ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'it is HEIC; export it as JPEG or AVIF'],
    ['ICO', '\0\0\x01\0\x01\0', 'it is an icon'],
    ['TIFF', 'II*\0\x08\0\0\0', 'it is a TIFF; export it as PNG or JPEG'],
    ['text', 'hello', 'it is no JPEG, PNG, WebP, GIF or AVIF'],
  ])('%s', async (_what, text, message) => {
    expect(failed(await show(pool, Buffer.from(text, 'latin1')))).toMatchObject({ code: 'E_IMAGE_FORMAT', message })
  })

  it('a real TIFF, which the library could read, is not read', async () => {
    const bytes = await (await photo(40, 40)).tiff().toBuffer()
    // past the check of first bytes: the loader itself is blocked
    const unnamed = Buffer.concat([bytes.subarray(0, 2), Buffer.from([43, 0]), bytes.subarray(4)])
    expect(failed(await show(pool, bytes)).code).toBe('E_IMAGE_FORMAT')
    expect(failed(await show(pool, unnamed)).code).toBe('E_IMAGE_FORMAT')
  })

  it('a script behind an image is not in what comes out', async () => {
    const script = '<script>alert(1)</script>'
    const gif = await (await photo(400, 300)).gif().toBuffer()
    const shown = await show(pool, Buffer.concat([gif, Buffer.from(`/*${script}*/`)]))
    expect(shown.files.size).toBeGreaterThan(0)
    for (const bytes of shown.files.values()) expect(Buffer.from(bytes).includes('script')).toBe(false)
  })
})

describe('I07: colours are right', () => {
  const size = { width: 400, height: 300 }
  const near = (got: readonly number[], want: readonly number[], by: number) => {
    for (const [channel, value] of want.entries()) expect(Math.abs((got[channel] ?? 0) - value)).toBeLessThanOrEqual(by)
  }

  /** Left and right of an image against what a viewer of the source sees. */
  async function expectAlike(bytes: Buffer, by = 6): Promise<void> {
    const { files } = await show(pool, bytes, {
      widths: [200],
      formats: { avif: { quality: 90 }, jpeg: { quality: 95 } },
    })
    const { width = 0, height = 0 } = await sharp(bytes).metadata()
    expect(files.size).toBeGreaterThan(0)
    for (const file of files.values()) {
      const made = await sharp(file).metadata()
      for (const side of [0.25, 0.75]) {
        const want = await pixel(bytes, Math.floor(width * side), height >> 1)
        near(await pixel(file, Math.floor(made.width * side), made.height >> 1), want, by)
      }
    }
  }

  const image = () => halves('#c83232', '#1e78c8', size).removeAlpha()
  it('CMYK', async () => expectAlike(await image().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer()))
  it('16 bit', async () => expectAlike(await image().toColourspace('rgb16').png({ compressionLevel: 0 }).toBuffer()))
  it('a palette', async () => expectAlike(padded(await image().png({ palette: true }).toBuffer())))
  it('grey', async () => expectAlike(await image().greyscale().toColourspace('b-w').jpeg({ quality: 100 }).toBuffer()))

  it('P3 stays P3, with numbers that sRGB has none for', async () => {
    const raw = Buffer.alloc(400 * 300 * 3).map((_, at) => [255, 0, 0][at % 3] ?? 0)
    const plain = sharp(raw, { raw: { ...size, channels: 3 } })
    const p3 = await sharp(await plain.png().toBuffer())
      .withIccProfile('p3')
      .jpeg({ quality: 100 })
      .toBuffer()
    // the numbers of a saturated red, said to be P3
    const { icc } = await sharp(p3).metadata()
    const shown = await show(pool, padded(p3), { widths: [200] })
    expect(shown.files.size).toBe(2)
    for (const file of shown.files.values()) {
      const made = await sharp(file).metadata()
      expect(made.icc?.equals(icc ?? Buffer.alloc(0))).toBe(true)
      const kept = await sharp(file).keepIccProfile().raw().toBuffer()
      const want = await sharp(p3).keepIccProfile().raw().toBuffer()
      near([...kept.subarray(0, 3)], [...want.subarray(0, 3)], 4)
    }
  })

  it.each([
    [1, 1],
    [1, 3000],
    [3000, 1],
  ])('%d x %d pixels', async (width, height) => {
    const bytes = await sharp({ create: { width, height, channels: 3, background: '#c83232' } })
      .png()
      .toBuffer()
    const receipt = made(await show(pool, padded(bytes), { widths: [320] }))
    expect(receipt.src).toMatchObject({ width, height })
    expect(receipt.variants.length).toBeGreaterThan(0)
    for (const variant of receipt.variants) {
      expect(variant.width).toBe(Math.min(width, 320))
      expect(variant.height).toBeGreaterThanOrEqual(1)
    }
    expect(receipt.colour).toBe('#c83232')
  })

  it('a transparent image stays transparent, without JPEG; one whose alpha says nothing is opaque', async () => {
    const mask = Buffer.alloc(400 * 300).map((_, at) => (at % 400 < 200 ? 255 : 0))
    const half = await (await photo(400, 300))
      .joinChannel(Buffer.from(mask), { raw: { ...size, channels: 1 } })
      .png()
      .toBuffer()
    const shown = await show(pool, half, { widths: [200] })
    expect([...shown.files.keys()]).toContain('webp-200')
    expect([...shown.files.keys()]).not.toContain('jpeg-200')
    for (const file of shown.files.values()) {
      expect((await pixel(file, 50, 50))[3]).toBe(255)
      expect((await pixel(file, 150, 50))[3]).toBe(0)
    }
    const opaque = padded(await halves('#c83232', '#1e78c8', size).png().toBuffer())
    expect([...(await show(pool, opaque, { widths: [200] })).files.keys()]).toEqual(['avif-200', 'jpeg-200'])
  })
})

/** Bytes behind an image's end, so that a tiny one is worth rendering: nothing may be larger than the original. */
function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(100_000)])
}

/** Each corner of another colour: no turning and no mirroring looks like another. */
const corners = () =>
  halves('#c83232', '#1e78c8', { width: 400, height: 200 })
    .composite([
      { input: { create: { width: 200, height: 100, channels: 4, background: '#32c832' } }, left: 200, top: 0 },
      { input: { create: { width: 200, height: 100, channels: 4, background: '#c8c832' } }, left: 0, top: 100 },
    ])
    .removeAlpha()

describe('I08: upright, and nothing told about the place', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('orientation %d', async (orientation) => {
    const stored = await corners().jpeg({ quality: 100 }).withMetadata({ orientation }).toBuffer()
    const expected = await sharp(stored).autoOrient().png().toBuffer()
    const { width, height } = await sharp(expected).metadata()
    const shown = await show(pool, padded(stored), { ...JPEG_ONLY, widths: [100] })
    expect(made(shown).src).toMatchObject({ width, height })
    const file = shown.files.get('jpeg-100') ?? Buffer.alloc(0)
    const metadata = await sharp(file).metadata()
    expect(metadata.orientation).toBeUndefined()
    expect(metadata.width / metadata.height).toBeCloseTo(width / height, 1)
    for (const [x, y] of [
      [0.2, 0.2],
      [0.8, 0.2],
      [0.2, 0.8],
      [0.8, 0.8],
    ] as const) {
      const got = await pixel(file, Math.floor(x * metadata.width), Math.floor(y * metadata.height))
      const want = await pixel(expected, Math.floor(x * width), Math.floor(y * height))
      expect(got.map((value, channel) => Math.abs(value - (want[channel] ?? 0)) < 12)).toEqual([true, true, true, true])
    }
  })

  it('GPS and camera go, the name of whose work it is stays', async () => {
    const bytes = await (await photo())
      .withExif({
        IFD0: { Copyright: 'Ada Example', Artist: 'Ada', Make: 'CAMERA' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
      })
      .jpeg({ quality: 95 })
      .toBuffer()
    expect(bytes.includes('CAMERA')).toBe(true)
    const { files } = await show(pool, bytes, { widths: [320] })
    expect(files.size).toBe(2)
    for (const file of files.values()) {
      const { exif = Buffer.alloc(0) } = await sharp(file).metadata()
      expect(exif.includes('Ada Example')).toBe(true)
      expect(exif.includes('CAMERA')).toBe(false)
      // the tag that leads to a GPS block, in either order of bytes
      expect(exif.includes(Buffer.from([0x25, 0x88])) || exif.includes(Buffer.from([0x88, 0x25]))).toBe(false)
    }
  })
})

it('I09: a colour profile of a megabyte and a long XMP are left behind', async () => {
  const bytes = await (await photo())
    .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${'x'.repeat(50_000)}</x:xmpmeta>`)
    .jpeg({ quality: 95 })
    .toBuffer()
  const profile = Buffer.alloc(60_000)
  profile.write('RGB ', 16, 'latin1')
  const app2 = Buffer.concat([Buffer.from([0xff, 0xe2, 0, 0]), Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), profile])
  app2.writeUInt16BE(app2.length - 2, 2)
  const heavy = Buffer.concat([bytes.subarray(0, 2), app2, bytes.subarray(2)])
  const { files } = await show(pool, heavy, { widths: [320] })
  expect(files.size).toBe(2)
  for (const file of files.values()) {
    const { icc, xmp } = await sharp(file).metadata()
    expect({ icc, xmp }).toEqual({ icc: undefined, xmp: undefined })
  }
})

it('I10: what would be larger than the original is not made, and that is noted', async () => {
  const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#c83232' } })
    .png({ palette: true })
    .toBuffer()
  const shown = await show(pool, bytes)
  expect(shown.files.size).toBe(0)
  const reasons = made(shown)
    .dropped.filter(({ width }) => width === 64)
    .map(({ reason }) => reason)
  expect(reasons).toEqual(['larger-than-original', 'larger-than-original'])
  expect(made(shown).thumbhash).not.toBe('')
})
