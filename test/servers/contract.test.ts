import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compareKeys } from '../../src/store/key.ts'
import { profileOf, type StoreProfile } from '../../src/store/profiles.ts'
import { createS3Store } from '../../src/store/s3.ts'
import { bodyOf } from '../contract/bodies.ts'
import { ODD_NAMES } from '../contract/odd-names.ts'
import { type OpenedStore, storeContract } from '../contract/store-contract.ts'
import { temporaryFolder } from '../rig/sites.ts'
import { createBucket } from './bucket.ts'
import { differenceOf } from './differences.ts'
import { homeOf, PROGRAMS, type Program, REQUIRED, type Server, startServer } from './server.ts'

/** Amazon's facts, at an address that is not Amazon's. */
const AMAZON: StoreProfile = { ...profileOf(new URL('https://s3.eu-west-1.amazonaws.com')), addressing: 'path' }

for (const program of PROGRAMS) {
  const { name, host } = program
  contractOf(program, name, undefined)
  contractOf(program, `${name} taken for Amazon`, AMAZON)
  if (host) contractOf(program, `${name} known as what it is`, profileOf(new URL(`http://${host}`)))
  if (program.isDurable) restartOf(program)
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

    it('odd names that fit a disk stay apart and come back as they are', async () => {
      const { store, close } = await open(server, service)
      const names = ODD_NAMES.filter(fitsDisk)
      await Promise.all(names.map((key) => store.put(key, bodyOf(key), { 'content-type': 'text/plain' })))
      for (const key of names) expect(await store.get(key)).toMatchObject({ key, sha256: bodyOf(key).sha256 })
      const listed: string[] = []
      for await (const page of store.list('')) listed.push(...page.map(({ key }) => key))
      expect(listed).toEqual(names.toSorted(compareKeys))
      await close()
    })
  })
}

/** Segments of at most 255 bytes, and no file where another name needs a folder. */
function fitsDisk(key: string): boolean {
  const isFolder = ODD_NAMES.some((other) => other.startsWith(`${key}/`))
  return !isFolder && key.split('/').every((segment) => Buffer.byteLength(segment) <= 255)
}

/** That a test may kill a server and go on: with the same client, which has connections that are gone. */
function restartOf(program: Program): void {
  const sentence = `${program.name} has what it took, when it is killed and started again`
  if (homeOf(program) === undefined && !REQUIRED) {
    it.skip(`${sentence} (not installed: scripts/servers.sh)`)
    return
  }
  it(sentence, async () => {
    const folder = await temporaryFolder()
    let server = await startServer(program, { folder: folder.path })
    try {
      const { store, close } = await open(server, undefined)
      const headers = { 'content-type': 'text/css', 'cache-control': 'no-cache' }
      const body = bodyOf('before')
      await store.put('css/a.css', body, headers)
      await server.stop('SIGKILL')
      server = await startServer(program, server)
      expect(await store.get('css/a.css')).toMatchObject({ headers, sha256: body.sha256 })
      expect(await store.put('css/a.css', bodyOf('after'), headers, { when: 'absent' })).toEqual({
        status: 'precondition-failed',
      })
      expect(await store.put('css/b.css', bodyOf('after'), headers, { when: 'absent' })).toMatchObject({
        status: 'stored',
      })
      await close()
    } finally {
      await server.stop()
      await folder.remove()
    }
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
