// What it costs to be asked for nothing: whole processes in turn beside a Node that does nothing, CPU time.
import { costOf, median } from './speed/cost.mjs'
import { publish } from './speed/results.mjs'

const CLI = new URL('../dist/src/cli/main.cjs', import.meta.url).pathname
const ROUNDS = 15
/** Of `node -e 0`. */
const TARGETS = [
  { flag: '--version', most: 1.2 },
  { flag: '--help', most: 1.5 },
]

/** @returns {Promise<boolean>} whether every target was met */
export async function run(flags) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME }
  const costs = new Map()
  const measure = (name, args) => {
    const { cpuMs } = costOf([process.execPath, ...args], { env })
    costs.set(name, [...(costs.get(name) ?? []), cpuMs])
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    measure('bare', ['-e', '0'])
    for (const { flag } of TARGETS) measure(flag, [CLI, flag])
  }
  const bare = median(costs.get('bare'))
  const targets = TARGETS.map(({ flag, most }) => {
    const ratio = median(costs.get(flag)) / bare
    const value = `${ratio.toFixed(2)} x (${median(costs.get(flag)).toFixed(0)} ms)`
    return {
      text: `\`lading ${flag}\` at most ${most} times the CPU time of \`node -e 0\``,
      value,
      isMet: ratio <= most,
    }
  })
  const about = `Medians of ${ROUNDS} whole processes in turn; \`node -e 0\` took ${bare.toFixed(0)} ms of CPU time.`
  return publish({ name: 'start', title: 'Start-up', about, targets }, flags)
}
