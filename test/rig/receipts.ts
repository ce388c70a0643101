import { hash } from 'node:crypto'
import { defineRecipe } from '../../src/images/plan/define-recipe.ts'
import { imageManifestBytes } from '../../src/images/plan/manifest.ts'
import type { Receipt, Variant } from '../../src/images/plan/receipt.ts'
import { type ImageFormat, operationsFor, recipeId, variantKeyOf } from '../../src/images/plan/recipe.ts'
import type { Store } from '../../src/store/store.ts'
import { bytesBody } from '../../src/transfer/bytes-body.ts'

const RECIPE = defineRecipe({})

export interface ReceiptOptions {
  readonly bytes: string | Uint8Array
  /** @default avif at 320 and 640, jpeg at 640 */
  readonly variants?: readonly (readonly [ImageFormat, number])[] | undefined
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly thumbhash?: string | undefined
}

/** ThumbHashes of an opaque image and of one with holes. */
const OPAQUE: string = Buffer.from([0, 0, 0, 0, 0]).toString('base64')
export const TRANSPARENT: string = Buffer.from([0, 0, 0x80, 0, 0]).toString('base64')

const USUAL = [
  ['avif', 320],
  ['avif', 640],
  ['jpeg', 640],
] as const

/** A receipt as a render leaves it, of an image of which nothing was rendered. */
export function receiptOf(options: ReceiptOptions): Receipt {
  const { bytes, variants = USUAL, width = 800, height = 600, thumbhash = OPAQUE } = options
  const sha256 = hash('sha256', bytes)
  const operations = operationsFor(RECIPE, 'opaque')
  return {
    v: 1,
    src: { sha256, bytes: bytes.length, width, height, type: 'image/jpeg' },
    recipe: recipeId(RECIPE),
    variants: variants.map(([format, wide]): Variant => {
      const op = operations.find((one) => one.format === format)?.op ?? '0123456789'
      const key = variantKeyOf(sha256, { op, format }, wide)
      return { op, width: wide, height: Math.round((wide * height) / width), format, bytes: 1, key }
    }),
    dropped: [],
    thumbhash,
    colour: '#336699',
    engine: { sharp: '0', libvips: '0' },
    cpuMs: 1,
  }
}

export const manifestOf = (images: Readonly<Record<string, Receipt>>): Uint8Array =>
  imageManifestBytes({ recipe: recipeId(RECIPE), images: new Map(Object.entries(images)), failures: new Map() })

/** Puts something under the key of every variant. */
export async function putVariants(store: Store, receipts: Iterable<Receipt>): Promise<void> {
  for (const { variants } of receipts) {
    for (const { key } of variants) await store.put(key, bytesBody(Buffer.from(key)), {})
  }
}
