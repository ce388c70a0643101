import { describe, expect, it } from 'vitest'
import { nearestDomain, partBytesOf, profileOf, type StoreProfile } from '../../../src/store/s3/profiles.ts'
import { ROWS } from '../../../src/store/s3/rows.ts'

const at = (host: string): StoreProfile => profileOf(new URL(`https://${host}`))
const MIB = 2 ** 20

describe('profileOf', () => {
  it('takes Amazon where no endpoint is named', () => {
    expect(profileOf(undefined)).toMatchObject({ addressing: 'virtual', checksum: 'sha256', conditionalWrites: 'full' })
  })

  it.each([
    ['s3.eu-west-1.amazonaws.com', 'Amazon S3'],
    ['s3.cn-north-1.amazonaws.com.cn', 'Amazon S3'],
    ['0123.r2.cloudflarestorage.com', 'Cloudflare R2'],
    ['0123.eu.r2.cloudflarestorage.com', 'Cloudflare R2'],
    ['minio.example.com', 'MinIO'],
    ['my-minio', 'MinIO'],
    ['s3.us-west-004.backblazeb2.com', 'Backblaze B2'],
    ['storage.googleapis.com', 'Google Cloud Storage'],
    ['nyc3.digitaloceanspaces.com', 'DigitalOcean Spaces'],
    ['s3.wasabisys.com', 'Wasabi'],
    ['s3.eu-central-1.wasabisys.com', 'Wasabi'],
    ['s3.fr-par.scw.cloud', 'Scaleway'],
    ['fsn1.your-objectstorage.com', 'Hetzner'],
    ['oss-eu-central-1.aliyuncs.com', 'Alibaba OSS'],
    ['s3.oss-eu-central-1.aliyuncs.com', 'Alibaba OSS'],
    ['cos.eu-frankfurt.myqcloud.com', 'Tencent COS'],
    ['gateway.storjshare.io', 'Storj'],
    ['fly.storage.tigris.dev', 'Tigris'],
    ['t3.storage.dev', 'Tigris'],
    ['abcd.supabase.co', 'Supabase'],
    ['127.0.0.1:9000', 'unknown'],
    ['s3.example.com', 'unknown'],
    ['amazonaws.com.example.com', 'unknown'],
    ['notamazonaws.com', 'unknown'],
    ['r2.cloudflarestorage.com.example.com', 'unknown'],
  ])('reads %s as %s', (host, name) => {
    expect(at(host).name).toBe(name)
  })

  it('knows that R2 folds names, signs for a region of its own and checks by MD5', () => {
    expect(at('x.r2.cloudflarestorage.com')).toMatchObject({ foldsUnicode: true, region: 'auto', checksum: 'md5' })
  })

  it('takes nothing for granted at an unknown host', () => {
    expect(at('s3.example.com')).toMatchObject({
      addressing: 'path',
      checksum: 'md5',
      conditionalWrites: 'unknown',
      conditionalCopy: false,
      conditionalRemove: false,
      reheader: true,
      forgets: [],
      maxParts: 1000,
    })
  })

  it.each([
    ['s3.us-west-004.backblazeb2.com', 'us-west-004'],
    ['s3.eu-central-1.wasabisys.com', 'eu-central-1'],
    ['s3.wasabisys.com', 'us-east-1'],
    ['s3.fr-par.scw.cloud', 'fr-par'],
    ['oss-cn-hangzhou.aliyuncs.com', 'cn-hangzhou'],
    ['cos.ap-tokyo.myqcloud.com', 'ap-tokyo'],
    ['nyc3.digitaloceanspaces.com', 'us-east-1'],
    ['s3.eu-west-1.amazonaws.com', undefined],
  ])('signs for the region that %s names', (host, region) => {
    expect(at(host).region).toBe(region)
  })

  it('cites a source for every provider it names', () => {
    expect(ROWS.length).toBeGreaterThan(10)
    for (const { name, sources } of ROWS) expect([name, sources.length > 0]).toEqual([name, true])
  })

  it('takes the conditions of a removal for granted with Amazon alone', () => {
    expect(ROWS.filter(({ conditionalRemove }) => conditionalRemove).map(({ name }) => name)).toEqual(['Amazon S3'])
  })
})

describe('nearestDomain', () => {
  it.each([
    ['x.r2.cloudflarestorage.co', 'r2.cloudflarestorage.com'],
    ['s3.eu-west-1.amazonaws.cm', 'amazonaws.com'],
    ['s3.us-west-004.backblazeb.com', 'backblazeb2.com'],
  ])('suggests for %s what was probably meant', (host, domain) => {
    expect(nearestDomain(host)).toBe(domain)
  })

  it.each(['s3.nowhere-1.amazonaws.com', 'store.example.com', 'localhost'])('suggests nothing for %s', (host) => {
    expect(nearestDomain(host)).toBeUndefined()
  })
})

describe('partBytesOf', () => {
  it('is 8 MiB as long as the parts suffice', () => {
    expect(partBytesOf(17 * MIB, profileOf(undefined))).toBe(8 * MIB)
    expect(partBytesOf(80_000 * MIB, profileOf(undefined))).toBe(8 * MIB)
  })

  it.each([
    ['s3.amazonaws.com', 5 * 2 ** 40],
    ['x.r2.cloudflarestorage.com', 4 * 2 ** 40],
    ['s3.example.com', 100 * 2 ** 30],
  ])('grows so that %s needs no more parts than it allows', (host, size) => {
    const profile = at(host)
    const bytes = partBytesOf(size, profile)
    expect(Number.isInteger(bytes)).toBe(true)
    expect(Math.ceil(size / bytes)).toBeLessThanOrEqual(profile.maxParts)
    expect(bytes).toBeLessThanOrEqual(5 * 2 ** 30)
  })
})
