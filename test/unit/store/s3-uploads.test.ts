import {
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterEach, describe, expect, it } from 'vitest'
import { profileOf } from '../../../src/store/s3/profiles.ts'
import type { HalfDone } from '../../../src/store/store.ts'
import { withPrefix } from '../../../src/store/wrappers/with-prefix.ts'
import { bodyOf, patternOf } from '../../contract/bodies.ts'
import type { KinName } from '../../rig/s3-kin.ts'
import { type StrictS3, startStrictS3 } from '../../rig/strict-s3.ts'
import { openPatient, openS3, operations, PLAIN } from './s3-setup.ts'

const PART = 8 * 2 ** 20
const BYTES = patternOf(2 * PART + 1000)
const LARGE = bodyOf(BYTES)
const R2 = profileOf(new URL('https://x.r2.cloudflarestorage.com'))
const OURS = { ContentType: 'text/plain', Metadata: { 'lading-sha256': LARGE.sha256 } }

const rigs: StrictS3[] = []
afterEach(async () => {
  for (const rig of rigs.splice(0)) {
    await rig.close()
    expect(rig.violations).toEqual([])
  }
})

async function start(profile: KinName = 'aws'): Promise<StrictS3> {
  const rig = await startStrictS3({ bucket: 'site', profile, maxKeys: 2 })
  rigs.push(rig)
  return rig
}

/** What a process leaves that dies in the middle of a put. */
async function leave(
  rig: StrictS3,
  parts: readonly Uint8Array[],
  more: Partial<CreateMultipartUploadCommandInput> = {},
): Promise<void> {
  const client = new S3Client({
    endpoint: rig.endpoint,
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: rig,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  const to = { Bucket: 'site', Key: 'video.mp4' }
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...to, ChecksumAlgorithm: 'SHA256', ...OURS, ...more }),
  )
  for (const [index, Body] of parts.entries()) {
    const ChecksumSHA256 = Buffer.from(bodyOf(Body).sha256, 'hex').toString('base64')
    const part = { ...to, ...more, UploadId, PartNumber: index + 1, Body, ChecksumSHA256 }
    await client.send(new UploadPartCommand(part))
  }
  client.destroy()
}

const ours = (index: number): Buffer => BYTES.subarray(index * PART, (index + 1) * PART)

async function expectStored(rig: StrictS3): Promise<void> {
  const stored = rig.objects().get('video.mp4')
  expect(Buffer.compare(stored?.bytes ?? Buffer.alloc(0), BYTES)).toBe(0)
  expect(stored?.headers).toEqual({ 'content-type': 'text/plain', 'x-amz-meta-lading-sha256': LARGE.sha256 })
  expect(rig.openUploads()).toBe(0)
}

describe('a put in parts that somebody has begun', () => {
  it('sends what is missing', async () => {
    const rig = await start()
    await leave(rig, [ours(0), ours(1)])
    const before = rig.requests.length
    expect(await openS3(rig).put('video.mp4', LARGE, PLAIN)).toMatchObject({ status: 'stored' })
    expect(operations(rig).slice(before)).toEqual([
      'ListMultipartUploads',
      'ListParts',
      'UploadPart',
      'CompleteMultipartUpload',
      'HeadObject',
    ])
    await expectStored(rig)
  })

  it('tells parts by their MD5 where the store knows no SHA-256', async () => {
    const rig = await start('r2')
    await leave(rig, [ours(0)], { ChecksumAlgorithm: undefined })
    const before = rig.requests.length
    expect(await openS3(rig, { service: R2 }).put('video.mp4', LARGE, PLAIN)).toMatchObject({ status: 'stored' })
    expect(
      operations(rig)
        .slice(before)
        .filter((op) => op === 'UploadPart'),
    ).toHaveLength(2)
    await expectStored(rig)
  })

  it('takes the newest of several, and leaves none', async () => {
    const rig = await start()
    rig.setClockOffset(-60_000)
    await leave(rig, [ours(0)])
    rig.setClockOffset(0)
    await leave(rig, [ours(0), ours(1)])
    const before = rig.requests.length
    await openS3(rig).put('video.mp4', LARGE, PLAIN)
    expect(
      operations(rig)
        .slice(before)
        .filter((op) => op === 'UploadPart'),
    ).toHaveLength(1)
    await expectStored(rig)
  })

  it('replaces a part that is another one', async () => {
    const rig = await start()
    await leave(rig, [ours(0), Buffer.alloc(PART)])
    const before = rig.requests.length
    await openS3(rig).put('video.mp4', LARGE, PLAIN)
    expect(
      operations(rig)
        .slice(before)
        .filter((op) => op === 'UploadPart'),
    ).toHaveLength(2)
    await expectStored(rig)
  })

  it.each<[string, readonly Uint8Array[], Partial<CreateMultipartUploadCommandInput>]>([
    ['that begins with other bytes', [Buffer.alloc(PART)], {}],
    ['in other parts', [BYTES.subarray(0, PART + 1)], {}],
    ['without checksums, where they are used', [ours(0)], { ChecksumAlgorithm: undefined }],
  ])('begins anew after one %s', async (_, parts, more) => {
    const rig = await start()
    await leave(rig, parts, more)
    const before = rig.requests.length
    expect(await openS3(rig).put('video.mp4', LARGE, PLAIN)).toMatchObject({ status: 'stored' })
    expect(
      operations(rig)
        .slice(before)
        .filter((op) => op === 'UploadPart'),
    ).toHaveLength(3)
    expect(operations(rig)).toContain('AbortMultipartUpload')
    await expectStored(rig)
  })

  it('joins one that has nothing yet while it is young, and gives it up later', async () => {
    for (const [minutes, creations] of [
      [0, 1],
      [16, 2],
    ] as const) {
      const rig = await start()
      await leave(rig, [])
      rig.setClockOffset(minutes * 60_000)
      expect(await openPatient(rig).store.put('video.mp4', LARGE, PLAIN)).toMatchObject({ status: 'stored' })
      expect(operations(rig).filter((op) => op === 'CreateMultipartUpload')).toHaveLength(creations)
      await expectStored(rig)
    }
  })

  it('begins anew, and gives the other up, when it replaces an object', async () => {
    const rig = await start()
    const { store } = openPatient(rig)
    const first = await store.put('video.mp4', bodyOf('old'), PLAIN)
    const etag = first.status === 'stored' ? first.etag : ''
    await leave(rig, [ours(0), ours(1)])
    expect(await store.put('video.mp4', LARGE, PLAIN, { when: { etag } })).toMatchObject({ status: 'stored' })
    expect(operations(rig).filter((op) => op === 'UploadPart')).toHaveLength(2 + 3)
    await expectStored(rig)
  })

  it('is one for two processes at once, and both end well', async () => {
    const rig = await start()
    const writers = [openPatient(rig), openPatient(rig), openPatient(rig)]
    const put = ({ store }: (typeof writers)[number]) => store.put('video.mp4', LARGE, PLAIN, { when: 'absent' })
    const results = await Promise.all(writers.map(put))
    expect(results.map(({ status }) => status)).not.toContain(undefined)
    expect(results.filter(({ status }) => status === 'stored').length).toBeGreaterThan(0)
    await expectStored(rig)
  })

  it('leaves the upload of a key that only begins alike', async () => {
    const rig = await start()
    await leave(rig, [ours(0)])
    await openS3(rig).put('video', LARGE, PLAIN)
    expect(rig.openUploads()).toBe(1)
  })

  it.each<[string, Partial<CreateMultipartUploadCommandInput>]>([
    ['headers', { ContentType: 'video/mp4', CacheControl: 'no-cache' }],
    ['digest', { Metadata: { 'lading-sha256': bodyOf('another').sha256 } }],
  ])('sends all anew when it turns out to have another %s', async (_, more) => {
    const rig = await start()
    await leave(rig, [ours(0), ours(1)], more)
    const result = await openS3(rig).put('video.mp4', LARGE, PLAIN)
    expect(result).toEqual({ status: 'stored', etag: rig.objects().get('video.mp4')?.etag })
    await expectStored(rig)
  })

  it('obeys its condition', async () => {
    const rig = await start()
    await leave(rig, [ours(0)])
    const store = openS3(rig)
    expect(await store.put('video.mp4', LARGE, PLAIN, { when: 'absent' })).toMatchObject({ status: 'stored' })
    expect(await store.put('video.mp4', LARGE, PLAIN, { when: 'absent' })).toEqual({ status: 'precondition-failed' })
    await expectStored(rig)
  })

  it.each(['ListMultipartUploads', 'ListParts'])('begins anew where %s is not allowed or not known', async (op) => {
    for (const status of [403, 501] as const) {
      const rig = await start()
      await leave(rig, [ours(0)])
      rig.fault({ at: { op }, do: `status:${status}` })
      expect(await openS3(rig).put('video.mp4', LARGE, PLAIN)).toMatchObject({ status: 'stored' })
      expect(rig.objects().get('video.mp4')?.bytes.byteLength).toBe(LARGE.size)
    }
  })

  it('begins again when somebody gives the upload up meanwhile', async () => {
    for (const op of ['UploadPart', 'CompleteMultipartUpload']) {
      const rig = await start()
      const { store, reasons } = openPatient(rig)
      rig.fault({ at: { op }, do: 'status:404:NoSuchUpload' })
      expect(await store.put('video.mp4', LARGE, PLAIN)).toMatchObject({ status: 'stored' })
      expect(reasons).toHaveLength(1)
      await expectStored(rig)
    }
  })

  it('sends no part twice, however many there are', async () => {
    for (const count of [1, 2, 3]) {
      const rig = await start()
      await leave(rig, [0, 1, 2].slice(0, count).map(ours))
      await openS3(rig).put('video.mp4', LARGE, PLAIN)
      expect(operations(rig).filter((op) => op === 'UploadPart')).toHaveLength(3)
      await expectStored(rig)
    }
  })
})

describe('sweeping a bucket', () => {
  const begin = async (rig: StrictS3, ...keys: readonly string[]): Promise<void> => {
    for (const Key of keys) await leave(rig, [], { Key })
  }

  it('gives every open upload up, over pages and odd names', async () => {
    const rig = await start()
    await begin(rig, 'a b+c%.mp4', 'm/n', 'm/n', 'm/o', 'z')
    expect(await openS3(rig).sweep()).toBe(5)
    expect(rig.openUploads()).toBe(0)
    expect(operations(rig).filter((op) => op === 'ListMultipartUploads')).toHaveLength(3)
  })

  it('stays below its prefix', async () => {
    const rig = await start()
    await begin(rig, 'm', 'm2/a', 'm/a', 'm/b/c', 'n')
    const store = withPrefix(openS3(rig), 'm/')
    expect(await store.sweep({ prefix: 'b/' })).toBe(1)
    expect(await store.sweep()).toBe(1)
    expect(rig.openUploads()).toBe(3)
  })

  it('leaves what it is told to leave, which is asked for keys below the prefix', async () => {
    const rig = await start()
    await begin(rig, 'm/a', 'm/b', 'n')
    const asked: string[] = []
    const isOver = ({ key, ageMs }: HalfDone): boolean => {
      asked.push(key)
      return key === 'b' && ageMs >= 0
    }
    expect(await withPrefix(openS3(rig), 'm/').sweep({ isOver })).toBe(1)
    expect(asked).toEqual(['a', 'b'])
    expect(rig.openUploads()).toBe(2)
  })

  it('finds none where the store has no such request', async () => {
    for (const status of [404, 405, 501] as const) {
      const rig = await start()
      rig.fault({ at: { op: 'ListMultipartUploads' }, do: `status:${status}:NotImplemented` })
      expect(await openS3(rig).sweep()).toBe(0)
    }
  })

  it('does not mind one that has ended meanwhile', async () => {
    const rig = await start()
    await begin(rig, 'a', 'b')
    rig.fault({ at: { op: 'AbortMultipartUpload' }, do: 'status:404:NoSuchUpload' })
    expect(await openS3(rig).sweep()).toBe(1)
  })

  it('says so when it may not look, and believes no page of a captive portal', async () => {
    const rig = await start()
    rig.fault({ at: 1, do: 'status:403' })
    await expect(openS3(rig).sweep()).rejects.toMatchObject({ code: 'E_ACCESS_DENIED' })
    rig.fault({ at: 2, do: 'html200' })
    await expect(openS3(rig).sweep()).rejects.toMatchObject({ code: 'E_NOT_S3' })
  })
})
