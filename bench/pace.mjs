// A first upload to a store that allows 500 requests a second and refuses more: how much of that is used, how many are
// refused, how many fail. bench/speed/paced.mjs is the store.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { outcomeOf } from './speed/cost.mjs'
import { SETTINGS } from './speed/peers.mjs'
import { publish } from './speed/results.mjs'
import { freePort, installedServer, KEYS, startServer, untilAnswered } from './speed/servers.mjs'
import { notStored } from './speed/stored.mjs'
import { treeOf } from './speed/trees.mjs'

const PACED = new URL('./speed/paced.mjs', import.meta.url).pathname
const LATENCY_MS = 25
const PER_SECOND = 500
const LEAST_USED = 0.9
const MOST_REFUSED = 0.1

/** @returns {Promise<boolean>} whether every target was met at every setting */
export async function run(flags) {
  if (!installedServer('s3d')) {
    console.log('pace: left out, for its server s3d is not installed (bench/peers.sh)')
    return true
  }
  const targets = []
  for (const setting of SETTINGS.filter(({ peer }) => peer === 'lading')) {
    const free = await underPace(setting, undefined)
    targets.push(...judged(setting, await underPace(setting, PER_SECOND), free))
  }
  const about = `First upload of the tree \`site\` to a store that allows ${PER_SECOND} requests a second, ${LATENCY_MS} ms each. Where the same run without a limit is not much faster, it is the machine that was measured.`
  return publish({ name: 'pace', title: 'Under a store that says SlowDown', about, targets }, flags)
}

/** @returns what the store counted, and how the run ended */
async function underPace(setting, perSecond) {
  const tree = treeOf('site')
  const server = await startServer('s3d', LATENCY_MS)
  const port = await freePort()
  const paced = spawn(process.execPath, [PACED, server.endpoint, `${port}`, ...(perSecond ? [`${perSecond}`] : [])], {
    stdio: 'inherit',
  })
  const scratch = mkdtempSync(join(tmpdir(), 'lading-bench-'))
  try {
    writeFileSync(join(scratch, 'lading.config.json'), '{}')
    const endpoint = `http://127.0.0.1:${port}`
    await untilAnswered(`${endpoint}/__paced`, paced)
    const call = { tree: tree.dir, endpoint, scratch }
    const env = { PATH: process.env.PATH, HOME: scratch, ...KEYS, ...setting.env(call) }
    const { wallMs, code } = outcomeOf(setting.sync(call), { env, cwd: scratch })
    const failed = (await notStored(server, tree)).length
    return { ...(await (await fetch(`${endpoint}/__paced`)).json()), wallMs, code, failed }
  } finally {
    const exit = once(paced, 'exit')
    paced.kill('SIGKILL')
    await exit
    await server.stop()
    rmSync(scratch, { recursive: true, force: true })
  }
}

const putsPerSecond = ({ puts, firstPutAt, lastPutAt }) => puts / ((lastPutAt - firstPutAt) / 1000)

function judged({ setting }, run, free) {
  const { allowed, refused, puts, wallMs, code, failed } = run
  const used = putsPerSecond(run) / PER_SECOND
  const share = refused / (allowed + refused)
  const percent = (value) => `${(100 * value).toFixed(1)} %`
  const whole = `${puts} PUTs, ${refused} refused, ${(wallMs / 1000).toFixed(1)} s in all, exit code ${code}; without a limit ${putsPerSecond(free).toFixed(0)} PUTs a second`
  return [
    {
      text: `${setting}: at least 90 % of the limit used`,
      value: `${percent(used)} (${whole})`,
      isMet: used >= LEAST_USED,
    },
    { text: `${setting}: at most 10 % refused`, value: percent(share), isMet: share <= MOST_REFUSED },
    { text: `${setting}: no file failed`, value: `${failed}`, isMet: failed === 0 && code === 0 },
  ]
}
