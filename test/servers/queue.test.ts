import { afterAll, beforeAll, describe, it } from 'vitest'
import { queueContract } from '../contract/queue-contract.ts'
import { assertDifferences } from './assert-differences.ts'
import { batchDifferenceOf } from './batch-differences.ts'
import { homeOf, REQUIRED, type Server, startServer } from './server.ts'
import { openOnServer, QUEUE_PROGRAMS } from './sqs-server.ts'

for (const program of QUEUE_PROGRAMS) {
  if (homeOf(program) === undefined && !REQUIRED) {
    it.skip(`${program.name} keeps the promises of a queue (not installed: scripts/servers.sh)`)
    continue
  }
  describe(program.name, () => {
    let server: Server
    beforeAll(async () => {
      server = await startServer(program)
    })
    afterAll(() => server?.stop())

    assertDifferences((promise) => batchDifferenceOf(program, promise))
    queueContract('its SQS', () => openOnServer(server))
  })
}
