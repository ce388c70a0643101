import { afterAll, beforeAll, describe, it } from 'vitest'
import { fleetContract } from '../contract/fleet-contract.ts'
import { assertDifferences } from './assert-differences.ts'
import { batchDifferenceOf } from './batch-differences.ts'
import { openGroup } from './group.ts'
import { homeOf, PROGRAMS, REQUIRED, type Server, startServer } from './server.ts'

for (const program of PROGRAMS.filter(({ name }) => name === 'moto')) {
  if (homeOf(program) === undefined && !REQUIRED) {
    it.skip(`${program.name} keeps the promises of a fleet (not installed: scripts/servers.sh)`)
    continue
  }
  describe(program.name, () => {
    let server: Server
    beforeAll(async () => {
      server = await startServer(program)
    })
    afterAll(() => server?.stop())

    assertDifferences((promise) => batchDifferenceOf(program, promise))
    fleetContract('its Auto Scaling group', () => openGroup(server))
  })
}
