import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { bodyOf } from '../../contract/bodies.ts'
import { clientOf, open, PLAIN } from './setting.ts'

describe('the mutation log', () => {
  it('holds every change with what was there before and after', async () => {
    const { rig, store } = await open()
    await store.put('a', bodyOf('old'), PLAIN)
    const mark = rig.mark()
    await store.put('a', bodyOf('new'), { 'content-type': 'text/html' })
    await store.reheader('a', { 'content-type': 'text/css' })
    await store.remove(['a', 'absent'])
    expect(rig.since(mark)).toMatchObject([
      {
        op: 'PutObject',
        key: 'a',
        number: 2,
        before: { sha256: bodyOf('old').sha256, size: 3, headers: PLAIN },
        after: { sha256: bodyOf('new').sha256, headers: { 'content-type': 'text/html' } },
      },
      {
        op: 'CopyObject',
        before: { headers: { 'content-type': 'text/html' } },
        after: { sha256: bodyOf('new').sha256, headers: { 'content-type': 'text/css' } },
      },
      { op: 'DeleteObjects', key: 'a', before: { sha256: bodyOf('new').sha256 }, after: undefined },
    ])
    expect(rig.mutations).toHaveLength(4)
  })

  it('holds nothing of what only reads, or was refused', async () => {
    const { rig, store } = await open()
    await store.put('a', bodyOf('x'), PLAIN)
    const mark = rig.mark()
    await store.get('a')
    await store.head('b')
    await store.put('a', bodyOf('y'), PLAIN, { when: 'absent' })
    for await (const page of store.list('')) expect(page).toHaveLength(1)
    expect(rig.since(mark)).toEqual([])
  })

  it('knows uploads that begin and end', async () => {
    const { rig, client } = await open()
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: 'site', Key: 'a' }))
    expect(rig.mutations).toMatchObject([{ op: 'CreateMultipartUpload', key: 'a', upload: UploadId, after: undefined }])
  })

  it('names the client by its keys, else by its program', async () => {
    const { rig, client } = await open()
    const put = new PutObjectCommand({ Bucket: 'site', Key: 'a', Body: 'x' })
    await clientOf(rig, 'first').send(put)
    await clientOf(rig, 'second').send(put)
    await client.send(put)
    expect(rig.mutations.map((mutation) => mutation.client)).toEqual([
      'first',
      'second',
      expect.stringContaining('aws-sdk-js'),
    ])
    expect(new Set(rig.mutations.map(({ connection }) => connection)).size).toBe(3)
    expect(rig.credentials('first')).toEqual(rig.credentials('first'))
  })

  it('knows what was done by hand', async () => {
    const { rig, store } = await open()
    await store.put('a', bodyOf('x'), PLAIN)
    rig.tamper('a', (object) => object && { ...object, bytes: Buffer.from('rotten') })
    expect(Buffer.from((await store.get('a'))?.bytes ?? []).toString()).toBe('rotten')
    rig.tamper('a', () => undefined)
    expect(await store.get('a')).toBeUndefined()
    expect(rig.mutations.map(({ op, number }) => `${op} ${number}`)).toEqual(['PutObject 1', 'tamper 0', 'tamper 0'])
  })
})

describe('a snapshot', () => {
  it('is where several stories can go on from', async () => {
    const { rig, client } = await open()
    const site = { Bucket: 'site' }
    await client.send(new PutObjectCommand({ ...site, Key: 'a', Body: 'first' }))
    await client.send(new CreateMultipartUploadCommand({ ...site, Key: 'b' }))
    const snapshot = rig.snapshot()
    const mark = rig.mark()
    for (const story of ['one', 'two']) {
      await client.send(new PutObjectCommand({ ...site, Key: 'a', Body: story }))
      await client.send(new PutObjectCommand({ ...site, Key: story, Body: story }))
      await client.send(new DeleteObjectCommand({ ...site, Key: 'a' }))
      expect([...rig.objects().keys()]).toEqual([story])
      rig.restore(snapshot)
      const { Body } = await client.send(new GetObjectCommand({ ...site, Key: 'a' }))
      expect(await Body?.transformToString()).toBe('first')
      expect((await client.send(new ListMultipartUploadsCommand(site))).Uploads).toHaveLength(1)
    }
    expect(rig.since(mark)).toHaveLength(6)
  })

  it('shares what it holds', async () => {
    const { rig, store } = await open()
    await store.put('a', bodyOf('x'), PLAIN)
    const [first, second] = [rig.snapshot(), rig.snapshot()]
    expect(first.objects.get('a')).toBe(second.objects.get('a'))
    expect(first.objects.get('a')).toBe(rig.objects().get('a'))
  })
})
