// What of the plan is measured: `--tree site --server s3d --latency 25 --peers rclone,s5cmd --situations first,none
// --rounds 3 --write`. Lists are separated by commas.
import { parseArgs } from 'node:util'
import { SETTINGS } from './peers.mjs'
import { PARTS, SITUATIONS } from './plan.mjs'
import { TREES } from './trees.mjs'

const TEXT = { type: 'string' }
const FLAGS = { tree: TEXT, server: TEXT, latency: TEXT, peers: TEXT, settings: TEXT, situations: TEXT, rounds: TEXT }

/** @returns {{ parts: readonly Part[], settings: readonly Setting[], isWritten: boolean }} */
export function readOptions(args) {
  const { values } = parseArgs({ args, options: { ...FLAGS, write: { type: 'boolean', default: false } } })
  const trees = listed(values.tree, TREES, 'tree')
  const servers = listed(values.server, ['s3d', 'versitygw'], 'server')
  const situations = listed(values.situations, Object.keys(SITUATIONS), 'situation')
  const peers = listed(values.peers, [...new Set(SETTINGS.map(({ peer }) => peer))], 'peer')
  const latencies = values.latency?.split(',').map(Number)
  const parts = plannedFor({ trees, servers, latencies }).map((part) => ({
    ...part,
    // the first upload always: every other situation begins with what it has left
    situations: values.situations ? [...new Set(['first', ...situations])] : part.situations,
    ...(values.rounds && { rounds: Number(values.rounds), slowRounds: Number(values.rounds) }),
  }))
  const isAsked = ({ peer, atOnce }) =>
    (peer === 'lading' || peers.includes(peer)) &&
    (atOnce === 1 || !values.settings || values.settings.split(',').includes(`${atOnce}`)) // who has no choice comes too
  return { parts, settings: SETTINGS.filter(isAsked), isWritten: values.write }
}

/** The parts of the plan that were asked for; a combination that is not in the plan is measured as its first part is. */
function plannedFor({ trees, servers, latencies }) {
  if (servers.every((server) => server !== 's3d') && latencies?.some((ms) => ms > 0))
    throw new Error('only s3d can wait before it answers: --latency 0 with another server')
  const planned = PARTS.filter(
    ({ tree, server, latencyMs }) =>
      trees.includes(tree) && servers.includes(server) && (latencies?.includes(latencyMs) ?? true),
  )
  if (planned.length > 0) return planned
  return trees.flatMap((tree) =>
    servers.flatMap((server) =>
      (server === 's3d' ? (latencies ?? [0]) : [0]).map((latencyMs) => ({ ...PARTS[0], tree, server, latencyMs })),
    ),
  )
}

function listed(text, known, what) {
  const names = text?.split(',') ?? known
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`no ${what} "${unknown}"; there are: ${known.join(', ')}`)
  return names
}
