// What a worker costs besides rendering: CPU of a whole `lading batch worker` that its children did not spend on images;
// requests to the queue for each image; and jobs of which nothing is made, against a loop that only receives and deletes.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { built } from './batch/built.mjs'
import { median } from './speed/cost.mjs'
import { publish } from './speed/results.mjs'

const MAIN = new URL('../dist/src/cli/main.cjs', import.meta.url).pathname
/** A worker that does these, and one that does those. */
const FEW = 8
const IMAGES = 40
const ROUNDS = 3
const JOBS = 3000
/** A round trip to SQS inside its region takes longer. */
const LATENCY_MS = 5
/** Jobs that take as long as an image does on two cores, and how many of them. */
const IMAGE_MS = 250
const IMAGE_JOBS = 200
const MOST_OVERHEAD = 0.05
const MOST_REQUESTS = 0.4
const LEAST_SPEED = 0.9

/** @returns {Promise<boolean>} whether every target was met */
export async function run(flags) {
  const root = mkdtempSync(join(tmpdir(), 'lading-bench-'))
  try {
    const sides = { server: await built('server', root), take: await built('take', root) }
    const { overhead, once: atStart } = await overheadOf(root)
    const { requests, named } = await requestsOf(sides)
    const { speed, cpu, figures } = await speedOf(sides)
    const targets = [
      {
        text: `at most ${100 * MOST_OVERHEAD} % of the CPU time of a worker, with its queues and its store in folders, is spent outside rendering`,
        value: `${(100 * overhead).toFixed(1)} % of images of 4 megapixels; ${atStart.toFixed(1)} s once, to start and to see that nothing is left`,
        isMet: overhead <= MOST_OVERHEAD,
      },
      {
        text: `at most ${MOST_REQUESTS} requests to the queue for each image, on a full queue`,
        value: `${requests.toFixed(2)} (${named})`,
        isMet: requests <= MOST_REQUESTS,
      },
      {
        text: `jobs of which nothing is made: at least ${LEAST_SPEED} of the speed of a loop that receives ten and deletes ten, at ${LATENCY_MS} ms`,
        value: `${speed.toFixed(2)} x`,
        isMet: speed >= LEAST_SPEED,
      },
    ]
    const about =
      `Medians of ${ROUNDS} processes in turn, ${JOBS} signed jobs each. ${figures} ` +
      `By CPU alone, at 0 ms, a worker reaches ${cpu.toFixed(2)} of the loop: it looks at every signature.`
    return publish({ name: 'batch', title: 'What a worker costs', about, targets }, flags)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/**
 * The share of CPU, of the process and all its children, that no receipt accounts for: of what more images cost, since
 * a worker starts and ends once, however many they are.
 */
async function overheadOf(root) {
  const [few, many] = [await worked(root, FEW), await worked(root, IMAGES)]
  const whole = many.whole - few.whole
  const once = few.whole - (few.rendering * whole) / (many.rendering - few.rendering)
  return { overhead: (whole - (many.rendering - few.rendering)) / whole, once }
}

async function worked(root, images) {
  const cwd = join(root, `${images}`)
  const photos = join(cwd, 'photos')
  mkdirSync(photos, { recursive: true })
  for (let index = 0; index < images; index++) {
    const noise = { type: 'gaussian', mean: 128, sigma: 40 }
    const image = sharp({ create: { width: 2400 + index, height: 1600, channels: 3, background: '#000', noise } })
    const pixels = await image.blur(1.5).png().toBuffer()
    writeFileSync(join(photos, `photo-${index}.jpg`), await sharp(pixels).jpeg({ quality: 92 }).toBuffer())
  }
  writeFileSync(join(cwd, 'lading.config.json'), '{}')
  const env = { PATH: process.env.PATH, HOME: cwd, XDG_CONFIG_HOME: '' }
  const lading = (...args) => {
    const shell = ['-c', '"$0" "$@" || exit; times >&2', process.execPath, MAIN, 'batch', ...args]
    const stdio = ['ignore', 'ignore', 'pipe']
    const { status, stderr } = spawnSync('sh', shell, { cwd, env, stdio, encoding: 'utf8' })
    if (status !== 0) throw new Error(`batch ${args[0]} ended with ${status}: ${stderr}`)
    const spent = stderr.trimEnd().split('\n').at(-1) ?? ''
    const parts = [...spent.matchAll(/(\d+)m([\d.]+)s/g)]
    return parts.reduce((sum, [, minutes, seconds]) => sum + 60 * minutes + Number(seconds), 0)
  }
  lading('submit', photos, '--to', 'store', '--recipe', 'web')
  const whole = lading('worker', '--to', 'store', '--idle', '1')
  const found = receipts(join(cwd, 'store'))
  if (found.length !== images) throw new Error(`${found.length} receipts of ${images} images`)
  return { whole, rendering: found.reduce((sum, { cpuMs }) => sum + cpuMs / 1000, 0) }
}

function receipts(store) {
  return readdirSync(store, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile() || !/\/d\/|%2Fd%2F/.test(`${entry.parentPath}/${entry.name}`)) return []
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8')
    return text.includes('"cpuMs"') ? [JSON.parse(text)] : []
  })
}

async function requestsOf(sides) {
  const { counts } = await taken(sides, { side: 'lading', jobs: IMAGE_JOBS, latencyMs: LATENCY_MS, workMs: IMAGE_MS })
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const named = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  return { requests: all / IMAGE_JOBS, named: `${named.join(', ')} for ${IMAGE_JOBS}` }
}

async function speedOf(sides) {
  const setups = {
    bare: { side: 'bare', latencyMs: LATENCY_MS },
    lading: { side: 'lading', latencyMs: LATENCY_MS },
    near: { side: 'bare', latencyMs: 0 },
    worker: { side: 'lading', latencyMs: 0 },
    memory: { side: 'memory', latencyMs: 0 },
  }
  const found = Object.fromEntries(Object.keys(setups).map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, setup] of Object.entries(setups))
      found[name].push(await taken(sides, { jobs: JOBS, workMs: 0, ...setup }))
  }
  const of = (name, what) => median(found[name].map((run) => run[what]))
  const line = (label, name) =>
    `${label} ${of(name, 'wallUs').toFixed(0)} us and ${of(name, 'cpuUs').toFixed(0)} of CPU`
  const figures = `A job: ${line('a loop', 'bare')}, ${line('a worker', 'lading')}; at 0 ms ${line('a loop', 'near')}, ${line('a worker', 'worker')}, ${line('on a queue in memory', 'memory')}.`
  const ratio = (one, other, what) => of(one, what) / of(other, what)
  return { speed: ratio('bare', 'lading', 'wallUs'), cpu: ratio('near', 'worker', 'cpuUs'), figures }
}

async function taken({ server, take }, { side, jobs, latencyMs, workMs }) {
  const served = spawn(process.execPath, [server, `${jobs}`, `${latencyMs}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = await once(served.stdout, 'data')
    const { endpoint, publicKey } = JSON.parse(line)
    const args = ['--no-warnings', take, side, endpoint, publicKey, `${jobs}`, `${workMs}`]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${side} ended with ${status}: ${stderr}`)
    return { ...JSON.parse(stdout), counts: await (await fetch(`${endpoint}/__count`)).json() }
  } finally {
    const exit = once(served, 'exit')
    served.kill('SIGKILL')
    await exit
  }
}
