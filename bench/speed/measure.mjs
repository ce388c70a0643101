// One part: a tree, a server and a latency, and every setting in turn, round by round, each on a server of its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { outcomeOf } from './cost.mjs'
import { peerFolder } from './installed.mjs'
import { KEYS, startServer } from './servers.mjs'
import { notStored } from './stored.mjs'
import { treeOf } from './trees.mjs'

/** Ours alone: a rule in the configuration, and a machine that has no copy of anything. */
const RULE = { headers: [{ match: '**', cacheControl: 'public, max-age=61' }] }

/**
 * @param {Part} part
 * @param {readonly Setting[]} settings
 * @returns {Promise<Measured>} `runs`: what each run of each setting has cost, by situation
 */
export async function measurePart(part, settings) {
  const tree = treeOf(part.tree)
  const runs = []
  const loads = [loadavg()[0]]
  const seeded = settings.filter((setting) => part.seeded?.includes(setting.peer) && setting.isSlow)
  for (let round = 0; round < part.rounds; round += 1) {
    for (const setting of settings) {
      if (seeded.includes(setting) || (setting.isSlow && round >= part.slowRounds)) continue
      await tree.settle()
      runs.push(...(await onOwnServer(part, { setting, tree, round })))
    }
    loads.push(loadavg()[0])
  }
  if (seeded.length > 0) runs.push(...(await onSharedServer(part, { seeded, settings, tree })))
  return { part, runs, loads, files: tree.files.size, bytes: tree.bytes }
}

async function onOwnServer(part, { setting, tree, round }) {
  const server = await startServer(part.server, part.latencyMs)
  const world = openWorld(setting, tree, server)
  const runs = []
  try {
    for (const situation of setting.isFloor ? ['first'] : part.situations) {
      const command = world.prepare(situation, round)
      if (command === undefined || isLeftOut(part, setting, situation)) continue
      const run = await world.run(situation, command)
      runs.push(run)
      if (run.failure !== undefined) break // what follows begins with what this should have brought about
    }
  } finally {
    await server.stop()
    world.close()
  }
  return runs
}

const isLeftOut = ({ leftOut = {} }, { peer }, situation) => leftOut[situation]?.includes(peer) ?? false

/** Many files are loaded once, by us, for all who take what another has loaded for what they would load. */
async function onSharedServer(part, { seeded, settings, tree }) {
  const seeder = settings.find(({ peer }) => peer === 'lading')
  const server = await startServer(part.server, part.latencyMs)
  const worlds = [seeder, ...seeded].map((setting) => openWorld(setting, tree, server))
  const runs = []
  try {
    const [first, ...others] = worlds
    const { failure } = await first.run('first', first.prepare('first', 0))
    if (failure !== undefined) throw new Error(`the server was not filled: ${failure}`)
    for (const world of others) runs.push(await world.run('none', world.prepare('none', 0)))
  } finally {
    await server.stop()
    for (const world of worlds) world.close()
  }
  return runs
}

/** What one setting has on its machine: configuration, cache, the tree. */
function openWorld(setting, tree, server) {
  const scratch = mkdtempSync(join(tmpdir(), 'lading-bench-'))
  const put = (name, content) => writeFileSync(join(scratch, name), content)
  for (const [name, content] of Object.entries(setting.files ?? {})) put(name, content)
  put('lading.config.json', '{}')
  const call = { tree: tree.dir, endpoint: server.endpoint, home: peerFolder(setting.peer)?.path, scratch }
  const env = { PATH: process.env.PATH, HOME: scratch, ...KEYS, AWS_REGION: 'us-east-1', ...setting.env?.(call) }
  const isOurs = setting.peer === 'lading'
  return {
    /** Brings the situation about. @returns the command to measure, or nothing where the client has none for it */
    prepare(situation, round) {
      if (situation === 'changed') tree.change(round)
      if (situation === 'touched') tree.touch()
      if (situation === 'headers' && !isOurs) return setting.headers?.(call)
      if (situation === 'headers') put('lading.config.json', JSON.stringify(RULE))
      if (situation === 'elsewhere' && !isOurs) return undefined
      if (situation === 'elsewhere') rmSync(join(scratch, 'cache'), { recursive: true, force: true })
      return setting.sync(call)
    },
    /** What it has cost, and as `failure` why that is no time of a sync: it ended with an error, or left something out. */
    async run(situation, command) {
      const who = `${setting.peer} (${setting.setting}), ${situation}`
      await server.counts()
      const serverStart = server.cpuMs()
      const { code, said, ...cost } = outcomeOf(command, { env, cwd: scratch })
      const serverMs = server.cpuMs() - serverStart
      const counts = await server.counts()
      const failure = code === 0 ? await leftOutBy(server, tree) : `ended with ${code}: ${said.trim().slice(-300)}`
      console.error(`  ${who}: ${failure ?? `${(cost.wallMs / 1000).toFixed(2)} s`}`)
      const { peer, setting: name, atOnce, isFloor } = setting
      return { peer, setting: name, atOnce, isFloor, situation, ...cost, serverMs, counts, ...(failure && { failure }) }
    },
    close: () => rmSync(scratch, { recursive: true, force: true }),
  }
}

async function leftOutBy(server, tree) {
  const wrong = await notStored(server, tree)
  return wrong.length > 0 ? `${wrong.length} files are not in the store as they are on disk: ${wrong[0]}` : undefined
}
