// Whole processes of Lading and of its peers on the same tree against the same server, in turn: `bench/peers.sh`, then
// `npm run bench -- speed`. All of it takes about 25 minutes; bench/speed/options.mjs says how to choose a part.

import { peerFolder, reasonFor } from './speed/installed.mjs'
import { measurePart } from './speed/measure.mjs'
import { readOptions } from './speed/options.mjs'
import { SETTINGS } from './speed/peers.mjs'
import { titleOf } from './speed/plan.mjs'
import { machine, writePart } from './speed/results.mjs'
import { installedServer } from './speed/servers.mjs'
import { partTable } from './speed/table.mjs'

/** @returns {Promise<boolean>} whether every target was met and no peer was missing or failed */
export async function run(args) {
  const { parts, settings, isWritten } = readOptions(args)
  const there = settings.filter(({ peer, isFloor }) => peer === 'lading' || isFloor || peerFolder(peer))
  const missing = [...new Set(settings.filter((one) => !there.includes(one)).map(({ peer }) => peer))]
  const reasons = missing.map((peer) => ({ peer, reason: reasonFor(peer) }))
  if (isWritten) writePart('machine', `${machine()}\n\n${versions()}`)
  const targets = []
  let failed = 0
  for (const part of parts) {
    if (!installedServer(part.server)) {
      console.log(`${titleOf(part)}: left out, for ${part.server} is not installed (bench/peers.sh)\n`)
      continue
    }
    console.error(titleOf(part))
    const table = partTable(await measurePart(part, there), reasons)
    console.log(`${table.text}\n`)
    if (isWritten) writePart(titleOf(part), table.text)
    targets.push(...table.targets)
    failed += table.failed
  }
  console.log(
    `${targets.filter(({ isMet }) => isMet).length} of ${targets.length} targets met; ${missing.length} peers missing; peers failed ${failed} times`,
  )
  return targets.every(({ isMet }) => isMet) && missing.length + failed === 0
}

function versions() {
  const others = SETTINGS.filter(({ peer, isFloor }) => peer !== 'lading' && !isFloor)
  const peers = [...new Set(others.map(({ peer }) => peer))]
  const lines = peers.map((peer) => `- ${peer} ${peerFolder(peer)?.version ?? `missing: ${reasonFor(peer)}`}`)
  const servers = ['s3d', 'versitygw']
    .filter((name) => name !== 's3d')
    .map((name) => `- ${name} ${installedServer(name)?.version}`)
  return [...lines, ...servers].join('\n')
}
