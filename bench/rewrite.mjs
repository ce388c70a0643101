// The whole rewrite (find, resolve, splice) of real pages and sheets against the same edits found with parse5 (source
// locations) and with postcss + postcss-value-parser: medians of alternating runs, each in a fresh process.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const RUNS = 5

const COMPARISONS = [
  { what: 'HTML', extension: '.html', ours: 'html', theirs: 'parse5', target: 4 },
  { what: 'CSS', extension: '.css', ours: 'css', theirs: 'postcss', target: 5 },
]

/** Prints the table; true when every target is met and both sides made the same edits. */
export function run() {
  console.log(
    `Rewriting real pages and sheets, in MB per second of CPU time: the median of ${RUNS} alternating runs each.\n`,
  )
  console.log('what  files   size     edits  lading  peer                            ratio  target')
  return COMPARISONS.map(compare).every(Boolean)
}

function compare({ what, extension, ours, theirs, target }) {
  const runs = Array.from({ length: RUNS }, () => [measure(ours, extension), measure(theirs, extension)])
  const [us, them] = [0, 1].map((side) => median(runs.map((pair) => pair[side].megabytesPerSecond)))
  const [[first, second]] = runs
  const ratio = us / them
  const isMet = ratio >= target
  const edits = first.found.reduce((sum, file) => sum + file.edits, 0)
  const columns = [
    what.padEnd(5),
    String(first.found.length).padStart(5),
    `${(first.bytes / 1e6).toFixed(2)} MB`.padStart(8),
    String(edits).padStart(8),
    us.toFixed(1).padStart(7),
    ` ${them.toFixed(1)} (${theirs === 'postcss' ? 'postcss + value-parser' : theirs})`.padEnd(32),
    `${ratio.toFixed(1)}x`.padStart(6),
    `  ${target}x: ${isMet ? 'met' : 'MISSED'}`,
  ]
  console.log(columns.join(' '))
  return differences(first.found, second.found) === 0 && isMet
}

/** Prints the files where the two sides differ, and how many there are. */
function differences(ours, theirs) {
  const different = ours.filter(({ hash }, index) => hash !== theirs[index].hash)
  for (const { name, edits } of different) {
    const other = theirs.find((file) => file.name === name)
    console.log(`      differs: ${name}, ${edits} edits against ${other.edits}`)
  }
  return different.length
}

function measure(side, extension) {
  const child = spawnSync(process.execPath, [join(import.meta.dirname, 'side.mjs'), side, extension], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.status !== 0) throw new Error(`the run of ${side} ended with ${child.status ?? child.signal}`)
  return JSON.parse(child.stdout)
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
