import { hash } from 'node:crypto'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { defineRecipe, type RecipeInput } from '../../src/images/plan/define-recipe.ts'
import type { FailureReceipt, Receipt } from '../../src/images/plan/receipt.ts'
import { createRenderPool, type PoolOptions, type RenderPool } from '../../src/images/pool.ts'
import { renderSource, type SourceResult } from '../../src/images/render-source.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'

/** Children run what is shipped: a process cannot be started from a source file on every Node we support. */
export const CHILD: string = join(import.meta.dirname, '../../dist/src/images/child.js')

export const poolOf = (options: PoolOptions = {}): RenderPool => createRenderPool({ size: 1, child: CHILD, ...options })

export interface Shown extends SourceResult {
  readonly store: Store
  /** The variants' bytes, by format and width: `avif-320`. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** Renders one image into a store of its own, or into one that is given. */
export async function show(
  pool: RenderPool,
  bytes: Uint8Array,
  { store = createMemoryStore(), ...recipe }: RecipeInput & { readonly store?: Store } = {},
): Promise<Shown> {
  const source = { path: 'image', bytes, sha256: hash('sha256', bytes) }
  const result = await renderSource(source, { pool, store, recipe: defineRecipe(recipe) })
  const files = new Map<string, Uint8Array>()
  if (isMade(result.receipt)) {
    for (const { key, format, width } of result.receipt.variants) {
      files.set(`${format}-${width}`, (await store.get(key))?.bytes ?? new Uint8Array())
    }
  }
  return { ...result, store, files }
}

const isMade = (receipt: Receipt | FailureReceipt): receipt is Receipt => 'variants' in receipt

/** The receipt of an image that has to succeed. */
export function made({ receipt }: SourceResult): Receipt {
  if (isMade(receipt)) return receipt
  throw new Error(`${receipt.code}: ${receipt.message}`)
}

/** The failure of an image that has to fail. */
export function failed({ receipt }: SourceResult): FailureReceipt {
  if (!isMade(receipt)) return receipt
  throw new Error(`made ${receipt.variants.length} variants`)
}

/** Soft noise: it compresses as a photograph does. The same bytes every time but for the seedless generator. */
export async function photo(width = 800, height = 600): Promise<Sharp> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  const image = sharp({ create: { width, height, channels: 3, background: '#000', noise } })
  return sharp(await image.blur(2).png().toBuffer())
}

/** Two colours side by side, for what must stay right. */
export function halves(left: string, right: string, size: { width: number; height: number }): Sharp {
  const { width, height } = size
  const half = { create: { width: Math.floor(width / 2), height, channels: 4 as const, background: right } }
  return sharp({ create: { width, height, channels: 4, background: left } }).composite([
    { input: half, left: Math.ceil(width / 2), top: 0 },
  ])
}

/** The colour at a place of an image, as a screen of sRGB shows it. */
export async function pixel(bytes: Uint8Array, x: number, y: number): Promise<readonly number[]> {
  const { data, info } = await sharp(bytes)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const at = (y * info.width + x) * 4
  return [...data.subarray(at, at + 4)]
}

/** A white PNG, as large as it claims, in few bytes: one bit a pixel. */
export function blank(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([1, 0, 0, 0, 0], 8)
  const rows = Buffer.alloc((Math.ceil(width / 8) + 1) * height)
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts])
}

/** A chunk of a PNG, its checksum left as it comes. */
export function chunk(name: string, data: Buffer): Buffer {
  const whole = Buffer.alloc(12 + data.length)
  whole.writeUInt32BE(data.length)
  whole.write(name, 4, 'latin1')
  data.copy(whole, 8)
  whole.writeInt32BE(crc(whole.subarray(4, 8 + data.length)), 8 + data.length)
  return whole
}

function crc(bytes: Buffer): number {
  let value = -1
  for (const byte of bytes) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  }
  return ~value | 0
}
