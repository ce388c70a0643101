// What the plugins of Vite and webpack add to a build: whole processes with and without them in turn, CPU time, nothing
// sent. Every cache is warm, webpack's own of the modules too: against a build that compiles and minifies everything,
// ours would be a small part in any case.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeApp } from './plugin-app.mjs'

/** The threads of Vite's bundler wait for each other by spinning: equal builds differ by a fifth. */
const SIDES = [
  { name: 'Vite', side: './sides/vite-build.mjs', runs: 27 },
  { name: 'webpack', side: './sides/webpack-build.mjs', runs: 9 },
]
const PRELOAD = new URL('./measured.mjs', import.meta.url).href
const SIZE = { modules: 2_000, publicFiles: 500 }
/** Of the bare build's CPU time, in per cent. */
const MOST_OVERHEAD = 5

/** @returns {number} CPU time in milliseconds */
function build({ name, side }, root, state) {
  const report = join(root, 'report.json')
  // Our own variables would be read as options.
  const own = Object.entries(process.env).filter(([key]) => !key.startsWith('LADING_'))
  const env = { ...Object.fromEntries(own), MEASURED_REPORT: report, NODE_ENV: 'production' }
  const command = ['--import', PRELOAD, new URL(side, import.meta.url).pathname, root, state]
  const run = spawnSync(process.execPath, command, { env, encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`${name} with the plugin ${state} ended with ${run.status}: ${run.stderr}`)
  return JSON.parse(readFileSync(report, 'utf8')).cpuMs
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

/** @returns {boolean} whether the target was met */
function compare(side, root) {
  // Two of each before any counts: what the first has left warms the second.
  for (const state of ['off', 'on', 'off', 'on']) build(side, root, state)
  const pairs = Array.from({ length: side.runs }, () => [build(side, root, 'off'), build(side, root, 'on')])
  const bare = median(pairs.map(([off]) => off))
  const ours = median(pairs.map(([, on]) => on))
  const overhead = 100 * (ours / bare - 1)
  const isMet = overhead <= MOST_OVERHEAD
  const figures = `${side.runs} runs   bare ${Math.round(bare)} ms   with the plugin ${Math.round(ours)} ms   ratio ${(ours / bare).toFixed(3)}`
  const verdict = `overhead ${overhead.toFixed(1)} %   <= ${MOST_OVERHEAD} % ${isMet ? 'met' : 'MISSED'}`
  console.log(`  ${side.name.padEnd(8)} ${figures}   ${verdict}`)
  return isMet
}

/** @returns {Promise<boolean>} whether every target was met */
export async function run() {
  const root = mkdtempSync(join(tmpdir(), 'lading-bench-'))
  try {
    makeApp(root, SIZE)
    // Files changed less than two seconds ago are not remembered.
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    console.log(`A build of ${SIZE.modules} modules and ${SIZE.publicFiles} public files, CPU time of whole processes,`)
    console.log(`rewrite: 'always', upload off, caches warm: medians of alternating runs\n`)
    return SIDES.map((side) => compare(side, root)).every(Boolean)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
