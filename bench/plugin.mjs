// What the Vite plugin adds to a build: whole processes with and without it in turn, CPU time, nothing sent.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeApp } from './plugin-app.mjs'

const SIDE = new URL('./sides/vite-build.mjs', import.meta.url).pathname
const PRELOAD = new URL('./measured.mjs', import.meta.url).href
const SIZE = { modules: 2_000, publicFiles: 500 }
const RUNS = 9
/** Of the bare build's CPU time, in per cent. */
const MOST_OVERHEAD = 5

/** @returns {number} CPU time in milliseconds */
function build(root, state) {
  const report = join(root, 'report.json')
  const env = { ...process.env, MEASURED_REPORT: report, NODE_ENV: 'production' }
  const run = spawnSync(process.execPath, ['--import', PRELOAD, SIDE, root, state], { env, encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`the build with the plugin ${state} ended with ${run.status}: ${run.stderr}`)
  return JSON.parse(readFileSync(report, 'utf8')).cpuMs
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

/** @returns {Promise<boolean>} whether the target was met */
export async function run() {
  const root = mkdtempSync(join(tmpdir(), 'lading-bench-'))
  try {
    makeApp(root, SIZE)
    // Files changed less than two seconds ago are not remembered; the first builds warm every cache.
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    build(root, 'off')
    build(root, 'on')
    const pairs = Array.from({ length: RUNS }, () => [build(root, 'off'), build(root, 'on')])
    const bare = median(pairs.map(([off]) => off))
    const ours = median(pairs.map(([, on]) => on))
    const overhead = 100 * (ours / bare - 1)
    const isMet = overhead <= MOST_OVERHEAD
    console.log(`A build of ${SIZE.modules} modules and ${SIZE.publicFiles} public files with Vite, CPU time of whole`)
    console.log(`processes, rewrite: 'always', upload off, caches warm: the median of ${RUNS} alternating runs\n`)
    const figures = `bare ${Math.round(bare)} ms   with the plugin ${Math.round(ours)} ms   ratio ${(ours / bare).toFixed(3)}`
    console.log(`  ${figures}   overhead ${overhead.toFixed(1)} %   <= ${MOST_OVERHEAD} % ${isMet ? 'met' : 'MISSED'}`)
    return isMet
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
