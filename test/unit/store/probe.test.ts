import { afterEach, describe, expect, it } from 'vitest'
import { openStore, probeStore } from '../../../src/providers.ts'
import { probeS3 } from '../../../src/store/probe.ts'
import type { ProbedFacts } from '../../../src/store/store.ts'
import { bodyOf } from '../../contract/bodies.ts'
import type { Fault } from '../../rig/s3-faults.ts'
import { KIN, type KinName } from '../../rig/s3-kin.ts'
import type { Kin } from '../../rig/s3-kin-traits.ts'
import type { S3Call } from '../../rig/s3-protocol.ts'
import { type StrictS3, startStrictS3 } from '../../rig/strict-s3.ts'
import { operations, optionsFor, PLAIN } from './s3-setup.ts'

const ALL: ProbedFacts = {
  conditionalWrites: 'full',
  conditionalCopy: true,
  conditionalSource: true,
  conditionalRemove: true,
  checksum: 'sha256',
  etagIsMd5: true,
  reheader: true,
  forgets: [],
}

const rigs: StrictS3[] = []
afterEach(async () => {
  for (const rig of rigs.splice(0)) {
    await rig.close()
    expect(rig.violations).toEqual([])
  }
})

async function start(kin: KinName | Partial<Kin> = 'aws'): Promise<StrictS3> {
  const profile = typeof kin === 'string' ? kin : { ...KIN.aws, ...kin }
  const rig = await startStrictS3({ bucket: 'site', profile, allowedPrefix: 'team/' })
  rigs.push(rig)
  return rig
}

/** With nothing taken for granted, and no time lost. */
function probe(rig: StrictS3): Promise<ProbedFacts> {
  const retry = { sleep: async () => undefined }
  return probeS3({ ...optionsFor(rig, { service: undefined }), prefix: 'team/', retry })
}

async function probed(kin: KinName | Partial<Kin>, ...faults: readonly Fault[]): Promise<ProbedFacts> {
  const rig = await start(kin)
  for (const fault of faults) rig.fault(fault)
  const facts = await probe(rig)
  expect([...rig.objects().keys()]).toEqual([])
  return facts
}

describe('probeS3 finds', () => {
  it('everything there where everything is there', async () => {
    expect(await probed('aws')).toEqual(ALL)
  })

  it('a store that looks at no condition', async () => {
    const none = { conditionalWrites: 'none', conditionalCopy: false, conditionalRemove: false } as const
    expect(await probed('deaf')).toEqual({ ...ALL, ...none })
  })

  it('a store that answers 501 to every condition', async () => {
    const none = { conditionalWrites: 'none', conditionalCopy: false, conditionalRemove: false } as const
    expect(await probed('plain501')).toEqual({ ...ALL, ...none })
  })

  it('a store that creates once and replaces always', async () => {
    expect(await probed({ replace: 'ignored' })).toEqual({ ...ALL, conditionalWrites: 'create' })
    expect(await probed({ replace: 501 })).toEqual({ ...ALL, conditionalWrites: 'create' })
  })

  it('a store that takes every ETag for a wrong one', async () => {
    const wrong: Fault = {
      at: ({ op, headers }) => op === 'PutObject' && headers['if-match'] !== undefined,
      times: Number.POSITIVE_INFINITY,
      do: 'status:412',
    }
    expect(await probed('aws', wrong)).toEqual({ ...ALL, conditionalWrites: 'create' })
  })

  it('a store that looks at conditions of PUT alone', async () => {
    expect(await probed({ copy: 'ignored' })).toEqual({ ...ALL, conditionalCopy: false })
    expect(await probed({ remove: 'ignored' })).toEqual({ ...ALL, conditionalRemove: false })
  })

  it('a store whose copies do not look at the condition of their source', async () => {
    expect(await probed({ copySource: 'ignored' })).toEqual({ ...ALL, conditionalSource: false })
  })

  it('headers that are forgotten, our digest among them', async () => {
    const forgets = ['cache-control', 'content-language']
    expect(await probed({ forgets })).toEqual({ ...ALL, forgets })
    const digest = 'x-amz-meta-lading-sha256'
    expect(await probed({ forgets: [digest] })).toEqual({ ...ALL, forgets: [digest] })
  })

  it('a store that leaves headers that are not said again', async () => {
    expect(await probed({ onReplace: 'keeps' })).toEqual({ ...ALL, reheader: false })
  })

  it('a store that refuses to copy an object onto itself', async () => {
    const refused: Fault = {
      at: ({ op, headers }) => op === 'CopyObject' && headers['x-amz-metadata-directive'] === 'REPLACE',
      do: 'status:501',
    }
    expect(await probed('aws', refused)).toEqual({ ...ALL, reheader: false })
  })

  it('a store that does not know checksums, and one that does not check them', async () => {
    const headers = /^x-amz-(checksum-|sdk-checksum-algorithm$)/
    for (const status of [400, 501] as const) {
      expect(await probed({ refuses: { headers, status } })).toEqual({ ...ALL, checksum: 'md5' })
    }
    const accepts: Fault = {
      at: ({ op, headers }) => op === 'PutObject' && headers['x-amz-checksum-sha256'] !== undefined,
      times: 2,
      do: () => ({ status: 200, headers: { etag: '"0"' } }),
      when: 'before',
    }
    const rig = await start('aws')
    rig.fault(accepts)
    // That object is never put by this server, so that the copy onto it succeeds.
    expect(await probe(rig)).toEqual({ ...ALL, checksum: 'md5', conditionalCopy: false })
  })

  it('ETags that are not MD5', async () => {
    expect(await probed({ etag: 'opaque' })).toEqual({ ...ALL, etagIsMd5: false })
  })
})

describe('probeS3', () => {
  it('writes below .lading/ of its prefix, and makes 21 requests', async () => {
    const rig = await start()
    await probe(rig)
    const written = rig.mutations.map(({ key }) => key)
    expect(written.length).toBeGreaterThan(0)
    for (const key of written)
      expect(key).toMatch(/^team\/\.lading\/probe-[0-9a-f]{16}\/(a b\+c\.txt|checked|described|removed|missing)$/)
    expect(rig.requests).toHaveLength(21)
  })

  it('finds the same when an answer is lost, whichever it is', async () => {
    for (let number = 1; number <= 21; number++) {
      const reset: Fault = { at: number, do: 'reset', when: 'after' }
      expect([number, await probed('aws', reset)]).toEqual([number, ALL])
    }
  })

  it('asks for no write of an object while another one is under way', async () => {
    const rig = await start()
    const asked: string[] = []
    const note = ({ op, headers }: S3Call): boolean => {
      if (op !== 'CopyObject' || headers['x-amz-metadata-directive'] !== undefined) return false
      return asked.push(headers['if-none-match'] === undefined ? 'of a source' : 'onto a target') === 0
    }
    rig.fault({ at: note, do: 'reset' })
    rig.fault({ at: ({ op, headers }) => op === 'CopyObject' && headers['if-none-match'] !== undefined, do: 'stall' })
    const retry = { sleep: async () => undefined }
    const options = { ...optionsFor(rig, { service: undefined, requestTimeoutMs: 500 }), prefix: 'team/', retry }
    expect(await probeS3(options)).toEqual(ALL)
    expect(asked).toEqual(['onto a target', 'onto a target', 'of a source'])
  })

  it('finds the same where writes to one key are paced', async () => {
    const rig = await startStrictS3({ bucket: 'site', profile: 'r2', isPaced: true, allowedPrefix: 'team/' })
    rigs.push(rig)
    let shift = 0
    // The waits pass on the server's clock.
    const sleep = async (ms: number): Promise<void> => {
      shift += ms + 1000
      rig.setClockOffset(shift)
    }
    const facts = await probeS3({ ...optionsFor(rig), prefix: 'team/', retry: { sleep } })
    expect(facts).toEqual({ ...ALL, conditionalCopy: false, conditionalRemove: false })
  })

  it('believes no page of a captive portal, whichever request it answers', async () => {
    for (let number = 1; number <= 21; number++) {
      const rig = await start()
      rig.fault({ at: number, do: 'html200' })
      // It may be the answer to a removal under a condition, which has none to speak of.
      const outcome = await probe(rig).then(
        (facts) => facts,
        (error: unknown) => error,
      )
      if (operations(rig).indexOf('DeleteObject') === number - 1)
        expect(outcome).toEqual({ ...ALL, conditionalRemove: false })
      else expect([number, outcome]).toMatchObject([number, { code: 'E_NOT_S3' }])
    }
  })

  it('removes what it wrote after a failure as well', async () => {
    for (let number = 1; number <= 17; number++) {
      const rig = await start()
      rig.fault({ at: number, do: 'status:403:InvalidAccessKeyId' })
      // The answer to a HEAD has no body that could say more.
      await expect(probe(rig)).rejects.toMatchObject({ code: expect.stringMatching(/^E_(CREDENTIALS|ACCESS_DENIED)$/) })
      expect([number, ...rig.objects().keys()]).toEqual([number])
    }
  })

  it('removes what it wrote when it is stopped, and asks nothing more then', async () => {
    for (let number = 1; number <= 17; number++) {
      const rig = await start()
      const stop = new AbortController()
      const hold = rig.holdAt((call) => call.number === number)
      const probing = probeS3({ ...optionsFor(rig, { service: undefined }), prefix: 'team/', signal: stop.signal })
      const stopped = expect(probing).rejects.toThrow()
      await hold.reached
      stop.abort()
      hold.release()
      await stopped
      const asked = rig.requests.length
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect([number, rig.requests.length, ...rig.objects().keys()]).toEqual([number, asked])
    }
  })

  it('goes on where it may not remove, and leaves its four objects', async () => {
    const rig = await start()
    rig.fault({ at: { op: /^Delete/ }, times: Number.POSITIVE_INFINITY, do: 'status:403' })
    expect(await probe(rig)).toEqual({ ...ALL, conditionalRemove: false })
    expect(rig.objects().size).toBe(4)
  })

  it('names a store that keeps the framing of chunks', async () => {
    const rig = await start()
    rig.fault({
      at: { op: 'HeadObject' },
      do: (answer) => ({ ...answer, headers: { ...answer.headers, 'content-encoding': 'gzip,aws-chunked' } }),
    })
    await expect(probe(rig)).rejects.toMatchObject({ code: 'E_INTEGRITY', why: expect.stringContaining('aws-chunked') })
    expect(rig.objects().size).toBe(0)
  })

  it('stops at a listing that changes names', async () => {
    const rig = await start()
    const spaces = (text: string): string => text.replaceAll('a+b%2Bc', 'a+b+c')
    rig.fault({ at: { op: 'ListObjectsV2' }, do: (answer) => ({ ...answer, body: spaces(String(answer.body)) }) })
    await expect(probe(rig)).rejects.toMatchObject({ code: 'E_LISTING', why: expect.stringContaining('a b c.txt') })
  })
})

describe('probeStore', () => {
  it('probes a bucket, and leaves what it learnt to whoever opened it', async () => {
    const rig = await start('deaf')
    const env = { AWS_ACCESS_KEY_ID: rig.accessKeyId, AWS_SECRET_ACCESS_KEY: rig.secretAccessKey }
    const target = {
      kind: 's3',
      bucket: 'site',
      prefix: 'team/',
      endpoint: rig.endpoint,
      region: undefined,
      profile: undefined,
      label: 's3://site/team/',
    } as const
    const learnt: { facts: ProbedFacts | undefined } = { facts: undefined }
    const store = await openStore(target, { env, learnt })
    expect(store.facts.conditionalWrites).toBe('unknown')
    learnt.facts = await probeStore(target, { env })
    expect(store.facts.conditionalWrites).toBe('none')
    await store.put('a', bodyOf('1'), PLAIN, { when: 'absent' })
    expect(await store.put('a', bodyOf('2'), PLAIN, { when: 'absent' })).toEqual({ status: 'precondition-failed' })
  })

  it('asks nothing of a folder', async () => {
    expect(await probeStore({ kind: 'folder', path: '/nonexistent', label: 'x' })).toBeUndefined()
  })
})
