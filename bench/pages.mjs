// A whole site, as whole processes: what a page costs as their number grows, the memory at the peak, and what one
// changed page costs beside the run that made them all.
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeSite } from './pages-site.mjs'

const CLI = new URL('../dist/src/cli/main.cjs', import.meta.url).pathname
const PRELOAD = new URL('./measured.mjs', import.meta.url).href

/** Pages of the small and of the large site, and of one that stands for everything that is not pages. */
const SIZES = { none: 17, small: 1_000, large: 10_000 }
const MOST_MB = 300
/** Of the first run's CPU time, in per cent. */
const MOST_FOR_ONE_PAGE = 5
/** How much dearer a page may be on the large site than on the small one. */
const MOST_GROWTH = 1.15

/** @returns {{ cpuMs: number, mb: number }} of one `lading sync` into the folder `out` */
function sync(dir) {
  const report = join(dir, 'report.json')
  const args = ['--import', PRELOAD, CLI, 'sync', 'site', '--to', 'store', '--out', 'out']
  const run = spawnSync(process.execPath, [...args, '--url', 'https://cdn.example.com/', '--order', '1', '--quiet'], {
    cwd: dir,
    env: { ...process.env, MEASURED_REPORT: report, LADING_CACHE_DIR: join(dir, 'cache') },
    encoding: 'utf8',
  })
  if (run.status !== 0) throw new Error(`lading sync ended with ${run.status}: ${run.stderr}`)
  return JSON.parse(readFileSync(report, 'utf8'))
}

/** Files changed less than two seconds ago are not remembered, so that an unchanged run comes later. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 2_500))

async function measure(pages) {
  const dir = mkdtempSync(join(tmpdir(), 'lading-bench-'))
  try {
    makeSite(join(dir, 'site'), pages)
    await settle()
    const first = sync(dir)
    const again = sync(dir)
    const one = []
    for (let round = 0; round < 3; round += 1) {
      appendFileSync(join(dir, 'site/admin/cards-3.html'), '<!-- changed -->')
      one.push(sync(dir))
    }
    one.sort((a, b) => a.cpuMs - b.cpuMs)
    return { first, again, one: one[1] }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const line = (text, value, target, isMet) =>
  console.log(`  ${text.padEnd(46)}${value.padStart(12)}   ${target.padEnd(14)} ${isMet ? 'met' : 'MISSED'}`)

/** @returns {Promise<boolean>} whether every target was met */
export async function run() {
  console.log('A site of real pages, offloaded into a folder store; whole processes\n')
  const none = await measure(SIZES.none)
  const small = await measure(SIZES.small)
  const large = await measure(SIZES.large)
  const perPage = ({ first }, count) => (first.cpuMs - none.first.cpuMs) / (count - SIZES.none)
  const growth = perPage(large, SIZES.large) / perPage(small, SIZES.small)
  const share = (100 * large.one.cpuMs) / large.first.cpuMs
  const peak = Math.max(large.first.mb, large.again.mb, large.one.mb)
  const met = [growth <= MOST_GROWTH, share <= MOST_FOR_ONE_PAGE, peak <= MOST_MB]
  line('cost of a page, 10,000 against 1,000', `${growth.toFixed(2)} x`, `<= ${MOST_GROWTH}`, met[0])
  line('one page of 10,000 changed, CPU of the first run', `${share.toFixed(1)} %`, `<= ${MOST_FOR_ONE_PAGE} %`, met[1])
  line('memory at the peak, 10,000 pages', `${peak.toFixed(0)} MB`, `<= ${MOST_MB} MB`, met[2])
  const ms = (value) => `${Math.round(value)} ms`
  console.log(
    `\n  CPU, 10,000 pages: first ${ms(large.first.cpuMs)}, nothing changed ${ms(large.again.cpuMs)}, one page ${ms(large.one.cpuMs)}`,
  )
  return met.every(Boolean)
}
