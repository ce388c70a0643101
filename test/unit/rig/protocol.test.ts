import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { open, type Setting } from './setting.ts'

const SITE = { Bucket: 'site' }

const put = ({ client }: Setting, more: Partial<PutObjectCommandInput> = {}) =>
  client.send(new PutObjectCommand({ ...SITE, Key: 'a', Body: 'x', ...more }))
const head = ({ client }: Setting, Key = 'a') => client.send(new HeadObjectCommand({ ...SITE, Key }))

describe('uploads in parts', () => {
  async function begun(setting: Setting, keys: readonly string[]): Promise<string[]> {
    const ids: string[] = []
    for (const Key of keys) {
      const { UploadId = '' } = await setting.client.send(new CreateMultipartUploadCommand({ ...SITE, Key }))
      ids.push(UploadId)
    }
    return ids
  }

  it('are listed below a prefix, page by page, in order', async () => {
    const setting = await open({ maxKeys: 2 })
    await begun(setting, ['p/b c+d', 'p/a', 'q', 'p/a', 'p/a', 'p/e'])
    const found: string[] = []
    let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {}
    for (;;) {
      const input = { ...SITE, ...marker, Prefix: 'p/', EncodingType: 'url' } as const
      const page = await setting.client.send(new ListMultipartUploadsCommand(input))
      found.push(...(page.Uploads ?? []).map(({ Key = '' }) => Key))
      expect(page.Bucket).toBe('site')
      if (!page.IsTruncated) break
      const KeyMarker = decodeURIComponent((page.NextKeyMarker ?? '').replaceAll('+', ' '))
      marker = { KeyMarker, UploadIdMarker: page.NextUploadIdMarker }
    }
    expect(found).toEqual(['p/a', 'p/a', 'p/a', 'p/b+c%2Bd', 'p/e'])
  })

  it('list their parts, and are gone when they are given up', async () => {
    const setting = await open({ maxKeys: 2 })
    const [UploadId = ''] = await begun(setting, ['a'])
    const upload = { ...SITE, Key: 'a', UploadId }
    for (const PartNumber of [3, 1, 2]) {
      await setting.client.send(new UploadPartCommand({ ...upload, PartNumber, Body: 'x'.repeat(PartNumber) }))
    }
    const first = await setting.client.send(new ListPartsCommand(upload))
    expect(first.Parts).toMatchObject([
      { PartNumber: 1, Size: 1, ETag: '"9dd4e461268c8034f5c8564e155c67a6"' },
      { PartNumber: 2, Size: 2 },
    ])
    const rest = await setting.client.send(
      new ListPartsCommand({ ...upload, PartNumberMarker: first.NextPartNumberMarker }),
    )
    expect(rest.Parts).toMatchObject([{ PartNumber: 3, Size: 3 }])
    expect([first.IsTruncated, rest.IsTruncated]).toEqual([true, false])
    await setting.client.send(new AbortMultipartUploadCommand(upload))
    await expect(setting.client.send(new ListPartsCommand(upload))).rejects.toMatchObject({ name: 'NoSuchUpload' })
  })
})

describe('a removal', () => {
  it('obeys its condition', async () => {
    const setting = await open()
    const { ETag } = await put(setting)
    const remove = (IfMatch: string | undefined) =>
      setting.client.send(new DeleteObjectCommand({ ...SITE, Key: 'a', IfMatch }))
    await expect(remove('"stale"')).rejects.toMatchObject({ name: 'PreconditionFailed' })
    expect(setting.rig.objects().size).toBe(1)
    await remove(ETag)
    expect(setting.rig.objects().size).toBe(0)
  })
})

describe('a copy', () => {
  const copy = ({ client }: Setting, more: Partial<CopyObjectCommand['input']> = {}) =>
    client.send(new CopyObjectCommand({ ...SITE, Key: 'b', CopySource: 'site/a', ...more }))

  it('has the headers of its source unless they are replaced', async () => {
    const setting = await open()
    await put(setting, { ContentType: 'text/css', Metadata: { digest: 'd' } })
    await copy(setting, { ContentType: 'text/plain' })
    expect(await head(setting, 'b')).toMatchObject({ ContentType: 'text/css', Metadata: { digest: 'd' } })
    await copy(setting, { ContentType: 'text/plain', MetadataDirective: 'REPLACE' })
    expect(await head(setting, 'b')).toMatchObject({ ContentType: 'text/plain', Metadata: {} })
  })

  it('obeys the conditions of its source and of its target', async () => {
    const setting = await open()
    const { ETag } = await put(setting)
    await put(setting, { Key: 'b', Body: 'there' })
    const refused: Partial<CopyObjectCommand['input']>[] = [
      { CopySourceIfMatch: '"stale"' },
      { CopySourceIfMatch: ETag, IfNoneMatch: '*' },
      { CopySourceIfMatch: ETag, IfMatch: ETag },
    ]
    for (const input of refused) {
      await expect(copy(setting, input)).rejects.toMatchObject({ name: 'PreconditionFailed' })
    }
    expect(await copy(setting, { CopySourceIfMatch: ETag })).toMatchObject({ CopyObjectResult: { ETag } })
  })
})

describe('the time of a change', () => {
  it("is the server's own", async () => {
    const setting = await open({ clockOffsetMs: 600_000 })
    await put(setting)
    setting.rig.setClockOffset(0)
    await put(setting, { Key: 'b' })
    const [a, b] = [await head(setting, 'a'), await head(setting, 'b')]
    const apart = Number(a.LastModified) - Number(b.LastModified)
    expect(Math.round(apart / 60_000)).toBe(10)
  })

  it('of a copy is that of the copy', async () => {
    const setting = await open()
    await put(setting)
    setting.rig.setClockOffset(600_000)
    await setting.client.send(new CopyObjectCommand({ ...SITE, Key: 'b', CopySource: 'site/a' }))
    const apart = Number((await head(setting, 'b')).LastModified) - Number((await head(setting)).LastModified)
    expect(Math.round(apart / 60_000)).toBe(10)
  })
})

it('an address that cannot be decoded is a violation, and harms nobody else', async () => {
  const setting = await open()
  await expect(fetch(`${setting.rig.endpoint}/site/%ff`)).rejects.toThrow()
  expect(setting.rig.violations).toEqual(['request 1: URIError: URI malformed'])
  await put(setting)
})
