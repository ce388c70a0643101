import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { profileOf, type StoreProfile } from '../../src/store/profiles.ts'
import { createS3Store } from '../../src/store/s3.ts'
import { type OpenedStore, storeContract } from '../contract/store-contract.ts'
import { createBucket } from './bucket.ts'
import { differenceOf } from './differences.ts'
import { homeOf, PROGRAMS, type Program, REQUIRED, type Server, startServer } from './server.ts'

/** Amazon's facts, at an address that is not Amazon's. */
const AMAZON: StoreProfile = { ...profileOf(new URL('https://s3.eu-west-1.amazonaws.com')), addressing: 'path' }

for (const program of PROGRAMS) {
  contractOf(program, program.name, undefined)
  contractOf(program, `${program.name} taken for Amazon`, AMAZON)
}

/** @param service what the store takes for granted; by default what it knows of an address that no profile names */
function contractOf(program: Program, name: string, service: StoreProfile | undefined): void {
  if (homeOf(program) === undefined && !REQUIRED) {
    it.skip(`${name} keeps the promises of a store (not installed: scripts/servers.sh)`)
    return
  }
  describe(name, () => {
    let server: Server
    beforeAll(async () => {
      server = await startServer(program)
    })
    afterAll(() => server?.stop())

    // A known difference has to show, and as it is described: a server that learned better fails here.
    beforeEach(({ task, skip }) => {
      const known = differenceOf(program, task.name)
      if (known && known.shows === undefined) skip(known.reason)
      if (known) Object.assign(task, { fails: true })
    })
    afterEach(({ task }) => {
      const shows = differenceOf(program, task.name)?.shows
      if (shows === undefined) return
      const messages = (task.result?.errors ?? []).map(({ message }) => message)
      if (!messages.some((message) => message.includes(shows))) Object.assign(task, { fails: false })
    })
    storeContract('it', program.pageSize, () => open(server, service))
  })
}

async function open(server: Server, service: StoreProfile | undefined): Promise<OpenedStore> {
  const bucket = await createBucket(server)
  const store = createS3Store({
    bucket: bucket.name,
    endpoint: server.endpoint,
    region: 'us-east-1',
    service,
    requestTimeoutMs: 30_000,
    concurrency: 64,
    env: server.credentials,
  })
  return {
    store,
    close: async () => {
      expect(await bucket.openUploads()).toEqual([])
      bucket.close()
    },
  }
}
