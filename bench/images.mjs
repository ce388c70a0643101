// Whole runs of `lading images` against raw sharp doing the same encodes on all cores, and against ImageMagick and
// vipsthumbnail on work that they can do. Wall clock of whole processes in turn; every run writes to an empty folder.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'

const MAIN = new URL('../dist/src/cli/main.js', import.meta.url).pathname
const RAW = new URL('./sides/raw-sharp.mjs', import.meta.url).pathname
const IMAGES = 16
const RUNS = 3
/** Of raw sharp's speed. */
const LEAST_SHARE = 0.9
const CORES = availableParallelism()

/** Soft noise compresses as photographs do; each differs, since equal bytes are rendered once. */
async function makePhotos(folder) {
  mkdirSync(folder)
  for (let index = 0; index < IMAGES; index++) {
    const noise = { type: 'gaussian', mean: 128, sigma: 40 }
    const image = sharp({ create: { width: 2400 + index, height: 1600, channels: 3, background: '#000', noise } })
    const bytes = await sharp(await image.blur(1.5).png().toBuffer())
      .jpeg({ quality: 92 })
      .toBuffer()
    writeFileSync(join(folder, `photo-${index}.jpg`), bytes)
  }
}

/** Seconds of wall clock. */
function timed(file, args, env = {}) {
  const started = performance.now()
  const { status, error, stderr } = spawnSync(file, args, { env: { ...process.env, ...env }, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${file} ended with ${status}: ${error?.message ?? stderr}`)
  return (performance.now() - started) / 1000
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

/** Runs the sides in turn, so that whatever else the machine does meets all of them. */
function inTurn(root, sides) {
  const seconds = sides.map(() => [])
  for (let run = 0; run < RUNS; run++) {
    for (const [index, side] of sides.entries()) {
      const out = join(root, 'out')
      seconds[index].push(side(out))
      rmSync(out, { recursive: true, force: true })
    }
  }
  return seconds.map(median)
}

const lading = (photos, recipe, config) => (out) =>
  timed(process.execPath, [MAIN, 'images', photos, '--to', out, '--recipe', recipe, '--config', config])

/** The same JPEGs, at most as many at once as there are cores. */
function peer(photos, command) {
  return (out) => {
    mkdirSync(out)
    const names = readdirSync(photos).join('\n')
    const started = performance.now()
    const { status, stderr } = spawnSync('xargs', ['-P', String(CORES), '-I', '{}', ...command(photos, out)], {
      input: names,
      encoding: 'utf8',
      env: { ...process.env, MAGICK_THREAD_LIMIT: '1', VIPS_CONCURRENCY: '1' },
    })
    if (status !== 0) throw new Error(`${command(photos, out)[0]} failed: ${stderr}`)
    return (performance.now() - started) / 1000
  }
}

const PEERS = {
  convert: (photos, out) => [
    'convert',
    `${photos}/{}`,
    '-auto-orient',
    '-resize',
    '1280x',
    '-strip',
    '-quality',
    '75',
    `${out}/{}`,
  ],
  vipsthumbnail: (photos, out) => [
    'vipsthumbnail',
    `${photos}/{}`,
    '--size',
    '1280x',
    '-o',
    `${out}/%s.jpg[Q=75,strip]`,
  ],
}

/** By what it says of itself: a name alone may be somebody else's. */
const isInstalled = (name) => {
  const { stdout } = spawnSync(name, [name === 'convert' ? '-version' : '--version'], { encoding: 'utf8' })
  return /imagemagick|vips/i.test(stdout ?? '') && !/not installed/i.test(stdout)
}

/** @returns {Promise<boolean>} whether the targets were met */
export async function run() {
  const root = mkdtempSync(join(tmpdir(), 'lading-bench-'))
  try {
    const [photos, config] = [join(root, 'photos'), join(root, 'lading.config.json')]
    await makePhotos(photos)
    writeFileSync(config, JSON.stringify({ images: { recipes: { one: { formats: { jpeg: { widths: [1280] } } } } } }))
    console.log(
      `${IMAGES} photographs of 4 megapixels, ${CORES} cores, whole processes, the median of ${RUNS} runs in turn\n`,
    )
    const raw = (out) => timed(process.execPath, [RAW, photos, out], { UV_THREADPOOL_SIZE: String(CORES) })
    const [ours, bare] = inTurn(root, [lading(photos, 'web', config), raw])
    let isMet = bare / ours >= LEAST_SHARE
    const share = `${(bare / ours).toFixed(2)} of its speed, target >= ${LEAST_SHARE} ${isMet ? 'met' : 'MISSED'}`
    console.log(`  web: 5 AVIF and 1 JPEG   lading ${ours.toFixed(1)} s   raw sharp ${bare.toFixed(1)} s   ${share}`)
    for (const [name, command] of Object.entries(PEERS)) {
      if (!isInstalled(name)) {
        console.log(`  ${name} is not installed: not compared`)
        continue
      }
      const [mine, theirs] = inTurn(root, [lading(photos, 'one', config), peer(photos, command)])
      const isFaster = mine < theirs
      isMet = isMet && isFaster
      const verdict = `${(theirs / mine).toFixed(2)} times as fast, target > 1 ${isFaster ? 'met' : 'MISSED'}`
      console.log(
        `  one JPEG of 1280 pixels   lading ${mine.toFixed(1)} s   ${name} ${theirs.toFixed(1)} s   ${verdict}`,
      )
    }
    return isMet
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
