// Whole runs of `lading images` against raw sharp doing the same encodes on all cores, and against ImageMagick and
// vipsthumbnail on work that they can do: WebP by the same encoder at the same settings. JPEGs are shown beside it with
// their bytes: ours are mozjpeg's, which takes its time for fewer bytes and which neither peer of Debian has. Whole
// processes in turn; every run writes to an empty folder. The CPU is that of a process and all its children.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'

const MAIN = new URL('../dist/src/cli/main.cjs', import.meta.url).pathname
const RAW = new URL('./sides/raw-sharp.mjs', import.meta.url).pathname
const IMAGES = 32
/** As many of them are enough for peers that only shrink. */
const FEW = 16
const RUNS = 3
/** Of raw sharp's speed. */
const LEAST_SHARE = 0.9
const CORES = availableParallelism()
const WIDTHS = [320, 640, 960, 1280, 1920]
const RECIPES = {
  webp: { formats: { webp: { widths: WIDTHS } } },
  jpeg: { formats: { jpeg: { widths: WIDTHS } } },
}

/** Soft noise compresses as photographs do; each differs, since equal bytes are rendered once. */
async function makePhotos(root) {
  const folders = [join(root, 'photos'), join(root, 'few')]
  for (const folder of folders) mkdirSync(folder)
  for (let index = 0; index < IMAGES; index++) {
    const noise = { type: 'gaussian', mean: 128, sigma: 40 }
    const image = sharp({ create: { width: 2400 + index, height: 1600, channels: 3, background: '#000', noise } })
    const bytes = await sharp(await image.blur(1.5).png().toBuffer())
      .jpeg({ quality: 92 })
      .toBuffer()
    for (const folder of index < FEW ? folders : folders.slice(0, 1)) {
      writeFileSync(join(folder, `photo-${index}.jpg`), bytes)
    }
  }
  return folders
}

/** Seconds of wall clock and of CPU, children's and theirs, as a shell counts them. */
function timed(file, args, { env = {}, input } = {}) {
  const started = performance.now()
  const { status, error, stderr } = spawnSync('sh', ['-c', '"$0" "$@" || exit; times >&2', file, ...args], {
    ...{ env: { ...process.env, ...env }, encoding: 'utf8', input },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'pipe'],
  })
  if (status !== 0) throw new Error(`${file} ended with ${status}: ${error?.message ?? stderr}`)
  const spent = stderr.trimEnd().split('\n').at(-1) ?? ''
  const cpu = [...spent.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + 60 * minutes + +seconds,
    0,
  )
  return { wall: (performance.now() - started) / 1000, cpu }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

function bytesIn(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files
    .filter(({ name, parentPath }) => /\.(?:jpe?g|webp|avif)/.test(name) && !parentPath.includes('/meta'))
    .reduce((sum, { name, parentPath }) => sum + statSync(join(parentPath, name)).size, 0)
}

/** Runs the sides in turn, so that whatever else the machine does meets all of them. */
function inTurn(root, sides) {
  const runs = sides.map(() => [])
  for (let run = 0; run < RUNS; run++) {
    for (const [index, side] of sides.entries()) {
      const out = join(root, 'out')
      runs[index].push({ ...side(out), bytes: bytesIn(out) })
      rmSync(out, { recursive: true, force: true })
    }
  }
  return runs.map((all) => ({
    wall: median(all.map(({ wall }) => wall)),
    cpu: median(all.map(({ cpu }) => cpu)),
    bytes: all[0].bytes,
  }))
}

const lading = (photos, recipe, config) => (out) =>
  timed(process.execPath, [MAIN, 'images', photos, '--to', out, '--recipe', recipe, '--config', config])

/** At most as many images at once as there are cores, one process and one decoding for each. */
function peer(photos, command, format) {
  return (out) => {
    mkdirSync(out)
    const env = { MAGICK_THREAD_LIMIT: '1', VIPS_CONCURRENCY: '1' }
    const input = readdirSync(photos).join('\n')
    return timed('xargs', ['-P', String(CORES), '-I', '{}', ...command({ photos, out, format })], { env, input })
  }
}

const PEERS = {
  convert: ({ photos, out, format }) => {
    const quality = format === 'webp' ? ['-quality', '78', '-define', 'webp:method=4'] : ['-quality', '75']
    const [narrowest, ...wider] = WIDTHS
    const steps = wider
      .toReversed()
      .flatMap((width) => ['-resize', `${width}x`, '-write', `${out}/{}-${width}.${format}`])
    const hint = ['-define', `jpeg:size=${2 * WIDTHS.at(-1)}x${2 * WIDTHS.at(-1)}`]
    const last = ['-resize', `${narrowest}x`, `${out}/{}-${narrowest}.${format}`]
    return ['convert', ...hint, `${photos}/{}`, '-auto-orient', '-strip', ...quality, ...steps, ...last]
  },
  // it makes one size in one process
  vipsthumbnail: ({ photos, out, format }) => {
    const how = format === 'webp' ? 'Q=78,strip,reduction_effort=4' : 'Q=75,strip,optimize_coding'
    const each = WIDTHS.map(
      (width) => `vipsthumbnail ${photos}/"$0" --size ${width}x -o "${out}/%s-${width}.${format}[${how}]"`,
    )
    return ['sh', '-c', each.join(' && '), '{}']
  },
}
const PACKAGES = { convert: 'imagemagick', vipsthumbnail: 'libvips-tools' }

/** By what it says of itself: a name alone may be somebody else's. */
const isInstalled = (name) => {
  const { stdout } = spawnSync(name, [name === 'convert' ? '-version' : '--version'], { encoding: 'utf8' })
  return /imagemagick|vips/i.test(stdout ?? '') && !/not installed/i.test(stdout)
}

const figures = (name, { wall, cpu }) => `${name} ${wall.toFixed(1)} s (CPU ${cpu.toFixed(1)})`

function againstRaw({ root, photos, config }) {
  const raw = (out) => timed(process.execPath, [RAW, photos, out], { env: { UV_THREADPOOL_SIZE: String(CORES) } })
  const [ours, bare] = inTurn(root, [lading(photos, 'web', config), raw])
  const isMet = bare.wall / ours.wall >= LEAST_SHARE
  const share = `${(bare.wall / ours.wall).toFixed(2)} of its speed (by CPU ${(bare.cpu / ours.cpu).toFixed(2)})`
  const verdict = `target >= ${LEAST_SHARE} ${isMet ? 'met' : 'MISSED'}`
  console.log(
    `  web: 5 AVIF and 1 JPEG   ${figures('lading', ours)}   ${figures('raw sharp', bare)}   ${share}, ${verdict}`,
  )
  return isMet
}

function againstPeer(name, { root, few, config }) {
  if (!isInstalled(name)) {
    console.log(`  ${name} is NOT INSTALLED and was not compared: apt-get install ${PACKAGES[name]}`)
    return false
  }
  const faster = (format) => {
    const [mine, theirs] = inTurn(root, [lading(few, format, config), peer(few, PEERS[name], format)])
    const times = theirs.wall / mine.wall
    const bytes = `${Math.round((100 * mine.bytes) / theirs.bytes)} % of its bytes`
    console.log(
      `  ${format} in 5 widths   ${figures('lading', mine)}   ${figures(name, theirs)}   ${times.toFixed(2)} times as fast (by CPU ${(theirs.cpu / mine.cpu).toFixed(2)}), ${bytes}${format === 'webp' ? `, target > 1 ${times > 1 ? 'met' : 'MISSED'}` : ''}`,
    )
    return times > 1
  }
  const isMet = faster('webp')
  faster('jpeg')
  return isMet
}

/** @returns {Promise<boolean>} whether the targets were met */
export async function run() {
  const root = mkdtempSync(join(tmpdir(), 'lading-bench-'))
  try {
    const config = join(root, 'lading.config.json')
    const [photos, few] = await makePhotos(root)
    writeFileSync(config, JSON.stringify({ images: { recipes: RECIPES } }))
    const load = `load ${loadavg()[0].toFixed(1)} before`
    console.log(`${IMAGES} photographs of 4 megapixels, for peers ${FEW}, ${CORES} cores, ${load}, whole processes,`)
    console.log(`the median of ${RUNS} runs in turn\n`)
    const setting = { root, photos, few, config }
    const met = [againstRaw(setting), ...Object.keys(PEERS).map((name) => againstPeer(name, setting))]
    return met.every(Boolean)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
