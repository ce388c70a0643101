import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { profileOf, type StoreProfile } from '../../src/store/s3/profiles.ts'
import { compareKeys } from '../../src/words/key-order.ts'
import { bodyOf } from '../contract/bodies.ts'
import { ODD_NAMES } from '../contract/odd-names.ts'
import { storeContract } from '../contract/store-contract.ts'
import { assertDifferences } from './assert-differences.ts'
import { differenceOf, type Stance } from './differences.ts'
import { openOn, type View } from './opened.ts'
import { homeOf, PROGRAMS, type Program, REQUIRED, type Server, startServer } from './server.ts'

/** Amazon's facts, at an address that is not Amazon's. */
const AMAZON: StoreProfile = { ...profileOf(new URL('https://s3.eu-west-1.amazonaws.com')), addressing: 'path' }

for (const program of PROGRAMS) {
  const { host, facts: learnt } = program
  contractOf(program, 'met with care', {})
  contractOf(program, 'taken for Amazon', { service: AMAZON })
  if (host) contractOf(program, 'known as what it is', { service: profileOf(new URL(`http://${host}`)) })
  contractOf(program, 'as a probe found it', { learnt })
}

function contractOf(program: Program, stance: Stance, view: View): void {
  const title = `${program.name} ${stance}`
  if (homeOf(program) === undefined && !REQUIRED) {
    it.skip(`${title} keeps the promises of a store (not installed: scripts/servers.sh)`)
    return
  }
  describe(title, () => {
    let server: Server
    beforeAll(async () => {
      server = await startServer(program)
    })
    afterAll(() => server?.stop())

    assertDifferences((promise) => differenceOf(program, stance, promise))
    storeContract('it', program.pageSize, () => openOn(server, view))

    it('odd names that fit a disk stay apart and come back as they are', async () => {
      const { store, close } = await openOn(server, view)
      const names = ODD_NAMES.filter(fitsDisk)
      await Promise.all(names.map((key) => store.put(key, bodyOf(key), { 'content-type': 'text/plain' })))
      for (const key of names) expect(await store.get(key)).toMatchObject({ key, sha256: bodyOf(key).sha256 })
      const listed: string[] = []
      for await (const page of store.list('')) listed.push(...page.map(({ key }) => key))
      expect(listed).toEqual(names.toSorted(compareKeys))
      await close()
    })

    it('uploads that a dead writer left are swept, below a folder and everywhere', async () => {
      const { store, bucket, close } = await openOn(server, view)
      for (const key of ['site/a b.mp4', 'site/c.mp4', 'other.mp4']) await bucket.leaveUpload(key)
      expect(await store.sweep({ prefix: 'site/' })).toBe(2)
      expect(await bucket.openUploads()).toEqual(['other.mp4'])
      expect(await store.sweep()).toBe(1)
      await close()
    })
  })
}

/** Segments of at most 255 bytes, and no file where another name needs a folder. */
function fitsDisk(key: string): boolean {
  const isFolder = ODD_NAMES.some((other) => other.startsWith(`${key}/`))
  return !isFolder && key.split('/').every((segment) => Buffer.byteLength(segment) <= 255)
}
