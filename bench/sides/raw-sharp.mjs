// The other side of bench/images.mjs: the same encodes by sharp alone, with what its own page advises for a machine that
// is to be saturated: one thread for each image, as many images at once as there are cores, nothing cached.
import { mkdirSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'

const [from, to] = process.argv.slice(2)
const WIDTHS = [320, 640, 960, 1280, 1920]
const JPEG_WIDTH = 1280

sharp.cache(false)
sharp.concurrency(1)
mkdirSync(to, { recursive: true })

async function one(name) {
  const { data, info } = await sharp(join(from, name))
    .autoOrient()
    .resize(WIDTHS.at(-1), null, { withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const raw = { width, height, channels }
  for (const wanted of WIDTHS) {
    const avif = sharp(data, { raw }).resize(wanted).avif({ quality: 50, effort: 1 })
    await writeFile(join(to, `${name}-${wanted}.avif`), await avif.toBuffer())
  }
  const jpeg = sharp(data, { raw }).resize(JPEG_WIDTH).jpeg({ quality: 75, mozjpeg: true })
  await writeFile(join(to, `${name}-${JPEG_WIDTH}.jpg`), await jpeg.toBuffer())
}

const names = readdirSync(from)
const lane = async () => {
  for (let name = names.pop(); name !== undefined; name = names.pop()) await one(name)
}
await Promise.all(Array.from({ length: availableParallelism() }, lane))
