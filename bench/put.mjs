// CPU time of the client for one PUT of 10 KB: the store port with retries, proof and progress, beside
// `@aws-sdk/client-s3` as it comes; each in processes of its own, in turn, on one server.
import { spawnSync } from 'node:child_process'
import { median } from './speed/cost.mjs'
import { publish } from './speed/results.mjs'
import { installedServer, KEYS, startServer } from './speed/servers.mjs'

const ROUNDS = 5
const AT_ONCE = 64
const PUTS = { sdk: 4_000, lading: 12_000 }
/** The SDK's CPU time divided by ours. */
const LEAST = 10

/** @returns {Promise<boolean>} whether every target was met */
export async function run(flags) {
  if (!installedServer('s3d')) {
    console.log('put: left out, for its server s3d is not installed (bench/peers.sh)')
    return true
  }
  const found = { sdk: [], lading: [] }
  const server = await startServer('s3d', 0)
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const path of Object.keys(found)) found[path].push(measure(path, server.endpoint))
    }
  } finally {
    await server.stop()
  }
  const of = (path, name) => median(found[path].map((run) => run[name]))
  const ratio = of('sdk', 'cpuUs') / of('lading', 'cpuUs')
  const text = `the SDK takes at least ${LEAST} times as much CPU time as ours`
  const targets = [{ text, value: `${ratio.toFixed(1)} x`, isMet: ratio >= LEAST }]
  const line = (path) =>
    `${path} ${of(path, 'cpuUs').toFixed(0)} us, ${of(path, 'perSecond').toFixed(0)} a second, ${of(path, 'mb').toFixed(0)} MB`
  const figures = Object.keys(found).map(line).join('; ')
  const about = `${AT_ONCE} at once, medians of ${ROUNDS} processes in turn. CPU time for one PUT of 10 KB: ${figures}.`
  return publish({ name: 'put', title: 'CPU time of a PUT of 10 KB', about, targets }, flags)
}

function measure(path, endpoint) {
  const side = new URL(`./sides/put-${path}.mjs`, import.meta.url).pathname
  const args = [side, endpoint, `${AT_ONCE}`, `${PUTS[path]}`]
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...KEYS }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${side} ended with ${status}: ${stderr}`)
  return JSON.parse(stdout)
}
