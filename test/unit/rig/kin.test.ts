import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { KIN, type KinName } from '../../rig/s3-kin.ts'
import type { ConditionRule, Kin } from '../../rig/s3-kin-traits.ts'
import { open, type Setting } from './setting.ts'

const SITE = { Bucket: 'site' }

// The keys of a record that names each of them.
const NAMES = Object.keys(KIN) as KinName[]

const put = ({ client }: Setting, more: Partial<PutObjectCommandInput> = {}) =>
  client.send(new PutObjectCommand({ ...SITE, Key: 'a', Body: 'x', ...more }))

/** What came of a request: whether it was done, or the status of the refusal. */
async function outcome(call: () => Promise<unknown>): Promise<number | 'done'> {
  try {
    await call()
    return 'done'
  } catch (error) {
    // Every error of the SDK has it.
    return (error as { $metadata: { httpStatusCode: number } }).$metadata.httpStatusCode
  }
}

const REFUSAL: Readonly<Record<ConditionRule, number | 'done'>> = { honoured: 412, ignored: 'done', 501: 501 }

it('there is a row for each provider that is known, simulated, with its sources', () => {
  expect(NAMES).toHaveLength(15)
  for (const kin of Object.values(KIN)) {
    expect(kin.simulated).toBe(true)
    expect(kin.sources.length).toBeGreaterThan(0)
  }
})

describe.each(NAMES)('%s', (name) => {
  const kin: Kin = KIN[name]

  it('meets conditions as its row says', async () => {
    const setting = await open({ profile: name })
    const { client } = setting
    await put(setting)
    const stale = { IfMatch: '"stale"' }
    const copied = { ...SITE, Key: 'a', CopySource: 'site/a', MetadataDirective: 'REPLACE' } as const
    expect(await outcome(() => put(setting, { IfNoneMatch: '*' }))).toBe(REFUSAL[kin.create])
    expect(await outcome(() => put(setting, stale))).toBe(REFUSAL[kin.replace])
    expect(await outcome(() => client.send(new CopyObjectCommand({ ...copied, ...stale })))).toBe(REFUSAL[kin.copy])
    const remove = new DeleteObjectCommand({ ...SITE, Key: 'a', ...stale })
    expect(await outcome(() => client.send(remove))).toBe(REFUSAL[kin.remove])
    expect(setting.rig.violations).toEqual([])
  })

  it('meets checksums as its row says, and always a wrong Content-MD5', async () => {
    const setting = await open({ profile: name })
    for (const [header, input] of [
      ['x-amz-checksum-crc32', { ChecksumCRC32: 'jNxoQw==' }],
      ['x-amz-checksum-sha256', { ChecksumSHA256: 'LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=' }],
    ] as const) {
      // The CRC is of other bytes: who verifies it says 400, and whoever does not know it says so.
      const isRefused = kin.refuses?.headers.test(header)
      const expected = isRefused ? kin.refuses?.status : header.endsWith('crc32') ? 400 : 'done'
      expect(await outcome(() => put(setting, input))).toBe(expected)
    }
    expect(await outcome(() => put(setting, { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' }))).toBe(400)
  })

  it('lists and folds keys, and takes metadata, as its row says', async () => {
    const setting = await open({ profile: name })
    for (const Key of ['caf\u00e9 1', 'cafe\u0301 1']) await put(setting, { Key })
    const { Contents, EncodingType } = await setting.client.send(
      new ListObjectsV2Command({ ...SITE, EncodingType: 'url' }),
    )
    expect(Contents).toHaveLength(kin.foldsUnicode ? 1 : 2)
    expect(EncodingType).toBe(kin.listEncoding === 'honoured' ? 'url' : undefined)
    const withBytes = (bytes: number) => outcome(() => put(setting, { Metadata: { m: 'v'.repeat(bytes - 1) } }))
    expect(await withBytes(kin.metadataBytes)).toBe('done')
    expect(await withBytes(kin.metadataBytes + 1)).toBe(400)
  })

  it('gives ETags and finds uploads as its row says', async () => {
    const { client } = await open({ profile: name })
    const upload = { ...SITE, Key: 'dir/a' }
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(upload))
    const found = async (Prefix: string) =>
      (await client.send(new ListMultipartUploadsCommand({ ...SITE, Prefix }))).Uploads?.length ?? 0
    expect(await found('dir/')).toBe(kin.uploadsFoundBy === 'prefix' ? 1 : 0)
    expect(await found('dir/a')).toBe(1)
    const part = { ...upload, UploadId, Body: 'x' }
    expect(await outcome(() => client.send(new UploadPartCommand({ ...part, PartNumber: kin.maxParts + 1 })))).toBe(400)
    const { ETag } = await client.send(new UploadPartCommand({ ...part, PartNumber: kin.maxParts }))
    const MultipartUpload = { Parts: [{ PartNumber: kin.maxParts, ETag }] }
    const whole = await client.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }))
    expect(whole.ETag).toMatch(kin.multipartEtag === 'random' ? /^"[0-9a-f]{32}"$/ : /^"[0-9a-f]{32}-1"$/)
  })

  it('is paced only where that is asked for', async () => {
    const setting = await open({ profile: name })
    for (let index = 0; index < 7; index += 1) await put(setting)
    const paced = await open({ profile: name, isPaced: true })
    const writes = kin.pace?.writes ?? 7
    for (let index = 0; index < writes; index += 1) await put(paced)
    expect(await outcome(() => put(paced))).toBe(kin.pace ? 429 : 'done')
    paced.rig.setClockOffset(kin.pace?.perMs ?? 0)
    expect(await outcome(() => put(paced))).toBe('done')
  })
})

describe('a kind of its own', () => {
  it('can keep replaced headers and forget others', async () => {
    const setting = await open({ profile: { ...KIN.aws, onReplace: 'keeps', forgets: ['cache-control'] } })
    await put(setting, { CacheControl: 'no-cache', ContentLanguage: 'de' })
    const copy = {
      ...SITE,
      Key: 'a',
      CopySource: 'site/a',
      MetadataDirective: 'REPLACE',
      ContentType: 'text/css',
    } as const
    await setting.client.send(new CopyObjectCommand(copy))
    const found = await setting.client.send(new HeadObjectCommand({ ...SITE, Key: 'a' }))
    expect(found).toMatchObject({ ContentLanguage: 'de', ContentType: 'text/css' })
    expect(found.CacheControl).toBeUndefined()
  })

  it('can have ETags that are no MD5', async () => {
    const setting = await open({ profile: { ...KIN.aws, etag: 'opaque' } })
    expect((await put(setting)).ETag).not.toBe((await put(setting)).ETag)
  })
})
