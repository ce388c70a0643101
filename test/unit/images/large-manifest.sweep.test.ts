import { constants } from 'node:buffer'
import { expect, it } from 'vitest'
import { imageManifestBytes } from '../../../src/images/plan/manifest.ts'
import type { Receipt } from '../../../src/images/plan/receipt.ts'

it('the manifest of more images than one string can hold is written all the same', () => {
  const receipt: Receipt = {
    v: 1,
    src: { sha256: 'a'.repeat(64), bytes: 1, width: 1, height: 1, type: 'image/png' },
    recipe: 'r1-0123456789ab',
    variants: [],
    dropped: [],
    thumbhash: 'x'.repeat(8_000_000),
    colour: '#000000',
    engine: { sharp: '', libvips: '' },
    cpuMs: 0,
  }
  const images = new Map(Array.from({ length: 70 }, (_, at) => [`${at}.png`, receipt]))
  const bytes = imageManifestBytes({ recipe: receipt.recipe, images, failures: new Map() })
  expect(bytes.length).toBeGreaterThan(constants.MAX_STRING_LENGTH)
})
