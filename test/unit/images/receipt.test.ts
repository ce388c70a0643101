import { expect, it } from 'vitest'
import { IMAGES_NAME, imageManifestBytes, parseImageManifest } from '../../../src/images/plan/manifest.ts'
import { parseReceipt, type Receipt, receiptBytes } from '../../../src/images/plan/receipt.ts'

const RECEIPT: Receipt = {
  v: 1,
  src: { path: 'img/a.jpg', sha256: 'ab'.repeat(32), bytes: 10, width: 4, height: 3, type: 'image/jpeg' },
  recipe: 'r1-0123456789ab',
  variants: [{ op: '0123456789', width: 2, height: 1, format: 'avif', bytes: 5, key: 'v/ab/x.avif' }],
  dropped: [{ width: 8, reason: 'larger-than-source' }],
  thumbhash: 'abc=',
  colour: '#a0b0c0',
  engine: { sharp: '0.35.5', libvips: '8.18.7' },
  cpuMs: 12,
}
const FAILURE = {
  v: 1,
  src: { ...RECEIPT.src, width: 0, height: 0, type: '' },
  recipe: RECEIPT.recipe,
  code: 'E_IMAGE_CORRUPT',
  message: 'it ends too early',
  attempts: 1,
} as const

it('a receipt reads as it was written, and nothing else passes for one', () => {
  expect(parseReceipt(receiptBytes(RECEIPT))).toEqual(RECEIPT)
  const others: unknown[] = [
    { ...RECEIPT, v: 2 },
    { ...RECEIPT, variants: [{ ...RECEIPT.variants[0], format: 'exe' }] },
    { ...RECEIPT, src: { ...RECEIPT.src, sha256: 'ab' } },
    FAILURE,
    null,
  ]
  for (const other of others) expect(parseReceipt(Buffer.from(JSON.stringify(other)))).toBeUndefined()
  expect(parseReceipt(Buffer.from('{"v":1'))).toBeUndefined()
})

it('an image manifest reads as it was written, whatever a file is called and in whatever order it came', () => {
  const [first, second] = [
    new Map([
      ['__proto__', RECEIPT],
      ['b', RECEIPT],
    ]),
    new Map([
      ['b', RECEIPT],
      ['__proto__', RECEIPT],
    ]),
  ]
  const manifest = { recipe: RECEIPT.recipe, images: first, failures: new Map([['c.png', FAILURE]]) }
  const bytes = imageManifestBytes(manifest)
  expect(parseImageManifest(bytes, IMAGES_NAME)).toEqual(manifest)
  expect(imageManifestBytes({ ...manifest, images: second })).toEqual(bytes)
})

it.each(['', '{"v":2,"recipe":"r","images":{},"failures":{}}', '{"v":1,"recipe":"r","images":{"a":{}},"failures":{}}'])(
  'a damaged image manifest is an error: %s',
  (text) => {
    expect(() => parseImageManifest(Buffer.from(text), IMAGES_NAME)).toThrow(
      expect.objectContaining({ code: 'E_MANIFEST', subject: IMAGES_NAME }),
    )
  },
)
