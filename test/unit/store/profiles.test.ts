import { describe, expect, it } from 'vitest'
import { partBytesOf, profileOf, type StoreProfile } from '../../../src/store/profiles.ts'

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
      maxParts: 1000,
    })
  })

  it('cites a source for every provider it names', () => {
    for (const host of ['s3.amazonaws.com', 'x.r2.cloudflarestorage.com', 'minio.example.com']) {
      expect(at(host).sources.length).toBeGreaterThan(0)
    }
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
