import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { bodyOf, patternOf } from '../../contract/bodies.ts'
import type { FaultName } from '../../rig/s3-faults.ts'
import { open, PLAIN, type Setting } from './setting.ts'

const put = ({ store }: Setting, key = 'a', text = 'some bytes') => store.put(key, bodyOf(text), PLAIN)
const textOf = async ({ store }: Setting, key = 'a') => Buffer.from((await store.get(key))?.bytes ?? []).toString()

/** The SDK calls a cut connection a time-out when it still had something to send. */
const CUT = expect.stringMatching(/^E_(UNREACHABLE|TIMEOUT)$/)

describe('a fault is met', () => {
  it('by the request with its number, its operation, its key or its client', async () => {
    const setting = await open()
    const { rig } = setting
    rig.fault({ at: 1, do: 'status:503' })
    rig.fault({ at: { op: 'PutObject', key: 'b' }, do: 'status:503' })
    rig.fault({ at: { key: /^c/, client: 'nobody' }, do: 'status:503' })
    rig.fault({ at: ({ key }) => key === 'd', do: 'status:503' })
    for (const key of ['a', 'b', 'b', 'c', 'd']) await put(setting, key).catch(() => undefined)
    expect(rig.requests.map(({ key, status }) => `${key} ${status}`)).toEqual([
      'a 503',
      'b 503',
      'b 200',
      'c 200',
      'd 503',
    ])
    expect(rig.faulted.map(({ number }) => number)).toEqual([1, 2, 5])
  })

  it('as often as it is to happen, after as many requests as are to pass', async () => {
    const setting = await open()
    setting.rig.fault({ at: { op: 'PutObject' }, skip: 1, times: 2, do: 'status:500' })
    for (const key of ['a', 'b', 'c', 'd']) await put(setting, key).catch(() => undefined)
    expect(setting.rig.requests.map(({ status }) => status)).toEqual([200, 500, 500, 200])
  })
})

describe('a write fails', () => {
  it.each<[FaultName, unknown, boolean]>([
    ['status:503', 'E_THROTTLED', true],
    ['status:409', 'E_STORE', true],
    ['status:403:RequestTimeTooSkewed', 'E_STORE', true],
    ['html200', 'E_NOT_S3', false],
    ['reset', CUT, true],
    ['reset-request', CUT, true],
    ['stall', 'E_TIMEOUT', true],
    ['half-open', 'E_TIMEOUT', true],
    ['flip-request', 'E_STORE', true],
    ['truncate-request', 'E_STORE', true],
  ])('and nothing is stored: %s', async (fault, code, retryable) => {
    const setting = await open()
    setting.rig.fault({ at: { op: 'PutObject' }, do: fault })
    await expect(put(setting)).rejects.toMatchObject({ code, retryable })
    expect(setting.rig.objects().size).toBe(0)
    expect(setting.rig.faulted).toHaveLength(1)
    expect(setting.rig.violations).toEqual([])
  })

  it.each<[FaultName, 'after' | 'mid-answer' | undefined]>([
    ['status:503', 'after'],
    ['reset', 'after'],
    ['reset', 'mid-answer'],
    ['stall', 'after'],
    ['stall-body', undefined],
    ['truncate', undefined],
  ])('although it was stored: %s %s', async (fault, when) => {
    const setting = await open()
    setting.rig.fault({ at: 1, do: fault, ...(when && { when }) })
    await expect(put(setting)).rejects.toMatchObject({ retryable: true })
    expect(setting.rig.objects().size).toBe(1)
  })

  it('with the time to wait that it was told', async () => {
    const setting = await open()
    setting.rig.fault({ at: 1, do: 'status:429', retryAfterSeconds: 7 })
    await expect(put(setting)).rejects.toMatchObject({ code: 'E_THROTTLED', retryAfterMs: 7000 })
  })

  it('in the middle of a large body', async () => {
    const setting = await open()
    setting.rig.fault({ at: 1, do: 'reset-request' })
    const large = setting.store.put('large', bodyOf(patternOf(8 * 2 ** 20)), PLAIN)
    await expect(large).rejects.toMatchObject({ code: CUT, retryable: true })
    expect(setting.rig.objects().size).toBe(0)
  })
})

describe('a read', () => {
  it.each<FaultName>(['truncate', 'reset', 'stall-body', 'stall'])('fails: %s', async (fault) => {
    const setting = await open()
    await put(setting)
    setting.rig.fault({ at: 2, do: fault })
    await expect(setting.store.get('a')).rejects.toBeInstanceOf(Error)
    expect(await textOf(setting)).toBe('some bytes')
  })

  it.each<[FaultName, string]>([
    ['flip-answer', 'some cytes'],
    ['shorten', 'some '],
  ])('gets other bytes than are stored: %s', async (fault, text) => {
    const setting = await open()
    await put(setting)
    setting.rig.fault({ at: 2, do: fault })
    expect(await textOf(setting)).toBe(text)
    expect(await textOf(setting)).toBe('some bytes')
  })

  it('gets what was there before the last change, or nothing', async () => {
    const setting = await open()
    await put(setting, 'a', 'old')
    await put(setting, 'a', 'new')
    await put(setting, 'b', 'first')
    setting.rig.fault({ at: { op: 'GetObject' }, times: 2, do: 'stale' })
    expect(await textOf(setting, 'a')).toBe('old')
    expect(await setting.store.get('b')).toBeUndefined()
    expect(await textOf(setting, 'a')).toBe('new')
  })
})

describe('a slow line', () => {
  it.each(['request', 'answer'] as const)('lets others overtake: %s', async (way) => {
    const setting = await open({}, 60_000)
    await put(setting, 'slow')
    setting.rig.fault({ at: { key: 'slow' }, do: { slow: way === 'answer' ? 10 : 20, way } })
    const order: string[] = []
    const call = way === 'request' ? put(setting, 'slow') : setting.store.get('slow')
    const slow = call.then(() => order.push('slow'))
    const others = Array.from({ length: 15 }, (_, index) => String(index))
    for (const name of others) {
      await put(setting)
      order.push(name)
    }
    await slow
    expect(order).toEqual([...others, 'slow'])
  })

  it('loses nothing', async () => {
    const setting = await open()
    const pattern = patternOf(40_000)
    setting.rig.fault({ at: () => true, times: 2, do: { slow: 200_000 } })
    expect(await setting.store.put('a', bodyOf(pattern), PLAIN)).toMatchObject({ status: 'stored' })
    expect(Buffer.from((await setting.store.get('a'))?.bytes ?? []).equals(Buffer.from(pattern))).toBe(true)
    expect(setting.rig.faulted).toHaveLength(2)
  })
})

describe('an ETag', () => {
  it.each<FaultName>(['wrong-etag', 'no-etag'])('that proves nothing makes the adapter look: %s', async (fault) => {
    const setting = await open()
    setting.rig.fault({ at: 1, do: fault })
    expect(await put(setting)).toEqual({ status: 'stored', etag: setting.rig.objects().get('a')?.etag })
    expect(setting.rig.requests.map(({ op }) => op)).toEqual(['PutObject', 'HeadObject'])
  })

  it('of a key management service is not the MD5', async () => {
    const { rig, client } = await open()
    rig.fault({ at: 1, do: 'kms-etag' })
    const command = () => new PutObjectCommand({ Bucket: 'site', Key: 'a', Body: Buffer.from('x') })
    const [first, second] = [await client.send(command()), await client.send(command())]
    expect(first.ETag).toMatch(/^"[0-9a-f]{32}"$/)
    expect(second.ETag).toBe('"9dd4e461268c8034f5c8564e155c67a6"')
    expect(first.ETag).not.toBe(second.ETag)
  })

  it('of an upload in parts tells nothing of them', async () => {
    const { rig, client } = await open()
    const upload = { Bucket: 'site', Key: 'a' }
    const complete = async (): Promise<string | undefined> => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(upload))
      const part = { ...upload, UploadId, PartNumber: 1 }
      const { ETag } = await client.send(new UploadPartCommand({ ...part, Body: Buffer.from('x') }))
      const Parts = [{ PartNumber: 1, ETag }]
      const answer = await client.send(new CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts } }))
      return answer.ETag
    }
    expect(await complete()).toMatch(/-1"$/)
    rig.fault({ at: { op: 'CompleteMultipartUpload' }, do: 'random-etag' })
    expect(await complete()).toMatch(/^"[0-9a-f]{32}"$/)
  })
})

describe('the clock', () => {
  it('moves at a request and stays there', async () => {
    const setting = await open()
    setting.rig.fault({ at: 1, do: { clockOffsetMs: 3_600_000 } })
    await expect(put(setting)).rejects.toMatchObject({ code: 'E_STORE', retryable: true })
    await put(setting)
    const lag = (setting.rig.objects().get('a')?.lastModified ?? 0) - Date.now()
    expect(Math.round(lag / 60_000)).toBe(60)
  })
})

it('a request meets a server of another kind', async () => {
  const setting = await open()
  await put(setting)
  setting.rig.fault({ at: 2, do: { kin: { create: 'ignored' } } })
  const create = () => setting.store.put('a', bodyOf('other'), PLAIN, { when: 'absent' })
  expect(await create()).toMatchObject({ status: 'stored' })
  expect(await create()).toEqual({ status: 'precondition-failed' })
})

it('an answer becomes what a function makes of it', async () => {
  const setting = await open()
  setting.rig.fault({ at: 1, do: (answer, { key }) => ({ ...answer, status: key === 'a' ? 404 : 200 }) })
  await expect(put(setting)).rejects.toMatchObject({ code: 'E_NOT_S3' })
})

it('faults can be taken back', async () => {
  const setting = await open()
  setting.rig.fault({ at: () => true, do: 'status:403' })
  setting.rig.chaos(1, { rate: 1 })
  setting.rig.clearFaults()
  expect(await put(setting)).toMatchObject({ status: 'stored' })
})
