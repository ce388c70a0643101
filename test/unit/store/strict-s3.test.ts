import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keepSdkQuiet } from '../../../src/aws/quiet.ts'
import { bodyOf } from '../../contract/bodies.ts'
import { type StrictS3, startStrictS3 } from '../../rig/strict-s3.ts'

keepSdkQuiet()

/** The tests of stores are worth as much as the server they run against is strict. */
describe('the strict S3', () => {
  let rig: StrictS3
  let client: S3Client

  const open = (region = 'eu-west-1'): S3Client =>
    new S3Client({
      endpoint: rig.endpoint,
      region,
      forcePathStyle: true,
      maxAttempts: 1,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      credentials: { accessKeyId: rig.accessKeyId, secretAccessKey: rig.secretAccessKey },
    })
  const put = (more: Partial<PutObjectCommandInput> = {}) =>
    client.send(new PutObjectCommand({ Bucket: 'site', Key: 'p/a', Body: Buffer.from('x'), ...more }))

  beforeEach(async () => {
    rig = await startStrictS3({ bucket: 'site', allowedPrefix: 'p/' })
    client = open()
  })
  afterEach(async () => {
    client.destroy()
    await rig.close()
  })

  it('stores what is signed, and answers with its MD5', async () => {
    expect(await put()).toMatchObject({ ETag: '"9dd4e461268c8034f5c8564e155c67a6"' })
    expect(rig.requests).toEqual([{ number: 1, op: 'PutObject', key: 'p/a', status: 200 }])
    expect(rig.violations).toEqual([])
  })

  it.each<[string, Partial<PutObjectCommandInput>, string]>([
    ['a wrong Content-MD5', { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' }, 'BadDigest'],
    ['a wrong SHA-256', { ChecksumSHA256: Buffer.from(bodyOf('y').sha256, 'hex').toString('base64') }, 'BadDigest'],
    ['a wrong CRC32', { ChecksumCRC32: 'AAAAAA==' }, 'BadDigest'],
    ['an ACL', { ACL: 'public-read' }, 'AccessControlListNotSupported'],
    ['a key of 1,025 bytes', { Key: `p/${'k'.repeat(1023)}` }, 'KeyTooLongError'],
    ['another bucket', { Bucket: 'other' }, 'NoSuchBucket'],
    ['a stale ETag', { IfMatch: '"stale"' }, 'NoSuchKey'],
  ])('refuses %s', async (_, more, name) => {
    await expect(put(more)).rejects.toMatchObject({ name })
    expect(rig.objects().size).toBe(0)
  })

  it('refuses to create what is there, and to replace what has changed', async () => {
    await put()
    await expect(put({ IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' })
    await expect(put({ IfMatch: '"stale"' })).rejects.toMatchObject({ name: 'PreconditionFailed' })
  })

  it('refuses a body that was changed after it was signed', async () => {
    client.middlewareStack.add(
      (next) => (args) => next({ ...args, request: Object.assign(args.request as object, { body: Buffer.from('y') }) }), // the SDK types it as unknown
      { step: 'finalizeRequest', priority: 'low' },
    )
    await expect(put()).rejects.toMatchObject({ name: 'XAmzContentSHA256Mismatch' })
  })

  it('refuses a request that nobody signed', async () => {
    const answer = await fetch(`${rig.endpoint}/site/p/a`, { method: 'PUT', body: 'x' })
    expect(answer.status).toBe(403)
    expect(rig.objects().size).toBe(0)
  })

  it('refuses a path that was changed after it was signed', async () => {
    client.middlewareStack.add(
      (next) => (args) => next({ ...args, request: Object.assign(args.request as object, { path: '/site/p/b' }) }), // the SDK types it as unknown
      { step: 'finalizeRequest', priority: 'low' },
    )
    await expect(put()).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
  })

  it('keeps a record of writes outside of the prefix and of requests that lost their key', async () => {
    await put({ Key: 'q/a' })
    await expect(client.send(new DeleteObjectCommand({ Bucket: 'site', Key: '' }))).rejects.toThrow()
    expect(rig.violations).toEqual(['PutObject of "q/a"', 'DELETE of the bucket: a request for an object lost its key'])
  })

  it('refuses parts that are too small', async () => {
    const upload = { Bucket: 'site', Key: 'p/big' }
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(upload))
    const Parts = []
    for (const PartNumber of [1, 2]) {
      const part = new UploadPartCommand({ ...upload, UploadId, PartNumber, Body: Buffer.from('small') })
      Parts.push({ PartNumber, ETag: (await client.send(part)).ETag })
    }
    const complete = new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } })
    await expect(client.send(complete)).rejects.toMatchObject({ name: 'EntityTooSmall' })
    expect(rig.openUploads()).toBe(1)
  })
})
