import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { imageHeader } from '../../../src/batch/plan/image-header.ts'

const blank = (alpha = 1) =>
  sharp({ create: { width: 301, height: 17, channels: 4, background: { r: 1, g: 2, b: 3, alpha } } })

describe('the header of an image', () => {
  it.each([
    ['image/png', () => blank().png()],
    ['image/gif', () => blank().gif()],
    ['image/jpeg', () => blank().jpeg()],
    [
      'image/jpeg',
      () =>
        blank()
          .withExif({ IFD0: { Copyright: 'x'.repeat(5000) } })
          .jpeg({ progressive: true }),
    ],
    ['image/webp', () => blank().flatten().webp()],
    ['image/webp', () => blank().flatten().webp({ lossless: true })],
    ['image/webp', () => blank(0.5).webp()],
  ])('tells type and size of %s, as its encoder wrote it', async (type, image) => {
    const bytes = await image().toBuffer()
    expect(imageHeader(bytes)).toEqual({ type, width: 301, height: 17 })
  })

  it('is not made up for what is no image, or ends in the middle', async () => {
    const bytes = await blank().jpeg().toBuffer()
    const told = new Set(
      Array.from({ length: bytes.length }, (_, end) => JSON.stringify(imageHeader(bytes.subarray(0, end)))),
    )
    expect(told).toEqual(new Set([undefined, JSON.stringify(imageHeader(bytes))]))
    expect(imageHeader(Buffer.from('<svg width="1" height="1">'))).toBeUndefined()
    expect(imageHeader(Buffer.from('RIFF....WEBPVP8?'))).toBeUndefined()
    expect(imageHeader(Buffer.alloc(64))).toBeUndefined()
  })
})
