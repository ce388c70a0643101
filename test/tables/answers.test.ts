import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { S3Options } from '../../src/store/s3/s3.ts'
import type { Store } from '../../src/store/store.ts'
import { withRetry } from '../../src/store/wrappers/with-retry.ts'
import type { LadingError } from '../../src/words/errors.ts'
import { bodyOf, patternOf } from '../contract/bodies.ts'
import type { FaultName } from '../rig/s3-faults.ts'
import { KIN } from '../rig/s3-kin.ts'
import type { Kin } from '../rig/s3-kin-traits.ts'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'
import { failureOf, openPatient, openS3, operations, PLAIN } from '../unit/store/s3-setup.ts'

const EVER = Number.POSITIVE_INFINITY
const LARGE = bodyOf(patternOf(17 * 2 ** 20))

/** What a store may answer, table F: how often each request is made, and what is said in the end. */
let rig: StrictS3
let store: Store
let waits: number[]
let reasons: string[]

beforeEach(() => start())
afterEach(async () => {
  await rig.close()
  expect(rig.violations).toEqual([])
})

async function start(kin: Partial<Kin> = {}, more: { readonly isPaced?: boolean; readonly maxKeys?: number } = {}) {
  await rig?.close()
  rig = await startStrictS3({ bucket: 'site', profile: { ...KIN.aws, ...kin }, maxKeys: 2, ...more })
  open()
}

function open(more: Partial<S3Options> = {}): void {
  ;({ store, waits, reasons } = openPatient(rig, more))
}

const put = (key = 'a', text = 'x'): ReturnType<Store['put']> => store.put(key, bodyOf(text), PLAIN)
const failing = (work: Promise<unknown>): Promise<LadingError> => failureOf(work)
const times = (op: string): number => operations(rig).filter((one) => one === op).length

async function listed(): Promise<string[]> {
  const keys: string[] = []
  for await (const page of store.list('')) keys.push(...page.map(({ key }) => key))
  return keys
}

describe('table F: what passes', () => {
  it('F01 503 SlowDown twice then 200: 3 attempts', async () => {
    rig.fault({ at: { op: 'PutObject' }, times: 2, do: 'status:503' })
    expect(await put()).toMatchObject({ status: 'stored' })
    expect(times('PutObject')).toBe(3)
  })

  it('F02 503 for ever: 5 attempts, exit 5, try again', async () => {
    rig.fault({ at: { op: 'PutObject' }, times: EVER, do: 'status:503' })
    const error = await failing(put())
    expect(error).toMatchObject({ code: 'E_THROTTLED', exitCode: 5, hint: expect.stringContaining('Try again') })
    expect(times('PutObject')).toBe(5)
  })

  it('F03 500 InternalError once: 2 attempts', async () => {
    rig.fault({ at: { op: 'PutObject' }, do: 'status:500' })
    expect(await put()).toMatchObject({ status: 'stored' })
    expect(times('PutObject')).toBe(2)
  })

  it('F04 429 with Retry-After: 7: 2 attempts, at least 7 seconds apart', async () => {
    rig.fault({ at: { op: 'PutObject' }, do: 'status:429', retryAfterSeconds: 7 })
    expect(await put()).toMatchObject({ status: 'stored' })
    expect(times('PutObject')).toBe(2)
    expect(waits).toEqual([7000])
  })

  it('F05 Retry-After: 86400: 5 attempts a minute apart, then the header is named', async () => {
    rig.fault({ at: { op: 'PutObject' }, times: EVER, do: 'status:503', retryAfterSeconds: 86_400 })
    const error = await failing(put())
    expect(error).toMatchObject({ exitCode: 5, why: expect.stringContaining('Retry-After: 86400 s') })
    expect(waits).toEqual([60_000, 60_000, 60_000, 60_000])
    expect(times('PutObject')).toBe(5)
  })

  it('F08 RequestTimeTooSkewed: 2 attempts, the second by the clock of the store', async () => {
    rig.setClockOffset(3_600_000)
    expect(await put()).toMatchObject({ status: 'stored' })
    expect(await put('b')).toMatchObject({ status: 'stored' })
    expect(rig.requests.map(({ status }) => status)).toEqual([403, 200, 200])
  })

  it('F16 409 ConditionalRequestConflict: 2 attempts; in parts it begins again', async () => {
    rig.fault({ at: { op: 'PutObject' }, do: 'status:409' })
    expect(await store.put('a', bodyOf('x'), PLAIN, { when: 'absent' })).toMatchObject({ status: 'stored' })
    expect(times('PutObject')).toBe(2)
    rig.fault({ at: { op: 'CompleteMultipartUpload' }, do: 'status:409' })
    expect(await store.put('l', LARGE, PLAIN, { when: 'absent' })).toMatchObject({ status: 'stored' })
    expect([times('CreateMultipartUpload'), times('CompleteMultipartUpload')]).toEqual([2, 2])
    expect(rig.openUploads()).toBe(0)
  })

  it('F17 200 with <Error> at the end of an upload: the error that it is, 2 attempts', async () => {
    const body = '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>no</Message></Error>'
    rig.fault({ at: { op: 'CompleteMultipartUpload' }, do: () => ({ status: 200, body }), when: 'before' })
    expect(await store.put('l', LARGE, PLAIN)).toMatchObject({ status: 'stored' })
    expect(times('CompleteMultipartUpload')).toBe(2)
    expect(rig.openUploads()).toBe(0)
  })

  it('F20 page 2 of a listing fails after page 1: the listing is whole, or there is none', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await put(key)
    rig.fault({ at: { op: 'ListObjectsV2' }, skip: 1, do: 'status:503' })
    expect(await listed()).toEqual(['a', 'b', 'c', 'd', 'e'])
    // It goes on behind the first page.
    expect(times('ListObjectsV2')).toBe(2 + 2)
    rig.fault({ at: { op: 'ListObjectsV2' }, skip: 1, times: EVER, do: 'status:503' })
    expect(await failing(listed())).toMatchObject({ code: 'E_THROTTLED' })
  })

  it('F24 a reset in the middle of a body: 2 attempts, of a part as well', async () => {
    rig.fault({ at: { op: 'PutObject' }, do: 'reset-request' })
    const body = bodyOf(patternOf(2 ** 20))
    expect(await store.put('a', body, PLAIN)).toMatchObject({ status: 'stored' })
    rig.fault({ at: { op: 'UploadPart' }, do: 'reset-request' })
    expect(await store.put('l', LARGE, PLAIN)).toMatchObject({ status: 'stored' })
    expect([times('PutObject'), times('CreateMultipartUpload')]).toEqual([2, 2])
    expect(rig.openUploads()).toBe(0)
  })

  it('F27 a clock that jumps by an hour in the middle of a run: 2 attempts of whatever comes next', async () => {
    await put()
    const calls = [
      () => put('b'),
      () => store.get('a'),
      () => store.head('a'),
      () => listed(),
      () => store.remove(['b']),
    ]
    for (const [hours, call] of calls.entries()) {
      rig.setClockOffset((hours + 1) * 3_600_000)
      const before = rig.requests.length
      await call()
      expect(rig.requests.length - before).toBe(2)
    }
  })

  it('F27 requests that were on their way together are all made again', async () => {
    await put()
    rig.setClockOffset(3_600_000)
    const found = await Promise.all(Array.from({ length: 6 }, () => store.head('a')))
    expect(found.map((object) => object?.size)).toEqual([1, 1, 1, 1, 1, 1])
    expect(times('HeadObject')).toBe(12)
  })

  it('F28 two writes to one key within a second, where one is allowed: the second waits', async () => {
    await start({ pace: { writes: 1, perMs: 1000 } }, { isPaced: true })
    // The wait passes on the clock of the server.
    const sleep = async (ms: number): Promise<void> => {
      waits.push(ms)
      rig.setClockOffset(1000)
    }
    store = withRetry(openS3(rig), { sleep })
    await put('a', '1')
    expect(await put('a', '2')).toMatchObject({ status: 'stored' })
    expect(rig.requests.map(({ status }) => status)).toEqual([200, 429, 200])
    expect(rig.objects().get('a')?.bytes.toString()).toBe('2')
  })

  it('F29 an object that listings do not show yet is there for whoever names it: 1 attempt', async () => {
    await start({ listingLagMs: 10_000 })
    await put()
    expect(await listed()).toEqual([])
    expect(await store.head('a')).toMatchObject({ sha256: bodyOf('x').sha256 })
    expect(await store.put('a', bodyOf('x'), PLAIN, { when: 'absent' })).toEqual({ status: 'precondition-failed' })
    expect(rig.requests).toHaveLength(4)
    rig.setClockOffset(10_001)
    expect(await listed()).toEqual(['a'])
  })
})

describe('table F: what is refused', () => {
  it('F06 403 AccessDenied on PUT: 1 attempt, exit 4, with the action and the statement that is missing', async () => {
    rig.fault({ at: { op: 'PutObject' }, do: 'status:403' })
    expect(await failing(put('img/a.png'))).toMatchObject({
      code: 'E_ACCESS_DENIED',
      exitCode: 4,
      why: expect.stringContaining('s3:PutObject'),
      hint: expect.stringContaining('arn:aws:s3:::site/img/a.png'),
    })
    expect(rig.requests).toHaveLength(1)
  })

  it('F07 403 on HEAD: 1 attempt, not taken for absence; the right that is missing is named', async () => {
    rig.fault({ at: { op: 'HeadObject' }, do: 'status:403' })
    const error = await failing(store.head('missing'))
    expect(error).toMatchObject({ code: 'E_ACCESS_DENIED', hint: expect.stringContaining('s3:ListBucket') })
    expect(rig.requests).toHaveLength(1)
  })

  it('F10 404 NoSuchBucket: 1 attempt, exit 4, and none is created', async () => {
    open({ bucket: 'other' })
    expect(await failing(put())).toMatchObject({ code: 'E_NO_BUCKET', exitCode: 4, subject: 'other' })
    expect(operations(rig)).toEqual(['PutObject'])
  })

  it('a key ID that versitygw does not know, which is a 404 there: the credentials are not accepted', async () => {
    rig.fault({ at: { op: 'PutObject' }, do: 'status:404:XAdminUserNotFound' })
    expect(await failing(put())).toMatchObject({ code: 'E_CREDENTIALS', exitCode: 4 })
  })

  it('a 404 with a code of its own is an answer of the store, in its words', async () => {
    rig.fault({ at: { op: 'PutObject' }, do: 'status:404:NoSuchTenant' })
    const error = await failing(put())
    expect(error).toMatchObject({ code: 'E_STORE', why: expect.stringContaining('404 NoSuchTenant') })
  })

  it('F12 AccessControlListNotSupported cannot come: no request has an ACL', async () => {
    const acls: string[] = []
    rig.fault({
      at: ({ headers }) => {
        acls.push(...Object.keys(headers).filter((name) => /^x-amz-(acl|grant-)/.test(name)))
        return false
      },
      do: 'reset',
    })
    await put()
    await store.put('l', LARGE, PLAIN)
    await store.copy('a', 'b')
    await store.reheader('a', { 'content-type': 'text/html' })
    expect(rig.requests.length).toBeGreaterThan(5)
    expect(acls).toEqual([])
  })

  it('F14 412 for the content that is there already: 1 attempt, and its digest says so', async () => {
    await put('a', 'same')
    expect(await store.put('a', bodyOf('same'), PLAIN, { when: 'absent' })).toEqual({ status: 'precondition-failed' })
    expect((await store.head('a'))?.sha256).toBe(bodyOf('same').sha256)
    expect(times('PutObject')).toBe(2)
  })

  it('F15 412 for other content: 1 attempt, and its digest says so', async () => {
    await put('a', 'theirs')
    expect(await store.put('a', bodyOf('ours'), PLAIN, { when: 'absent' })).toEqual({ status: 'precondition-failed' })
    expect((await store.head('a'))?.sha256).not.toBe(bodyOf('ours').sha256)
    expect(times('PutObject')).toBe(2)
    expect(rig.objects().get('a')?.bytes.toString()).toBe('theirs')
  })

  it.each([400, 501] as const)(
    'F13 %d for x-amz-checksum-*: 2 attempts, then Content-MD5 for the run',
    async (status) => {
      await start({ refuses: { headers: /^x-amz-(checksum-|sdk-checksum-algorithm$)/, status } })
      expect(await put('a')).toMatchObject({ status: 'stored' })
      expect(rig.requests.map((one) => one.status)).toEqual([status, 200])
      expect(reasons).toEqual([expect.stringContaining('Content-MD5 is sent for the rest of this run')])
      expect(await put('b')).toMatchObject({ status: 'stored' })
      expect(await store.put('l', LARGE, PLAIN)).toMatchObject({ status: 'stored' })
      expect(await store.remove(['a', 'b'])).toEqual([])
      expect(rig.requests.filter((one) => one.status === status)).toHaveLength(1)
    },
  )

  it('F13 several on their way together: each is made again, once', async () => {
    await start({ refuses: { headers: /^x-amz-checksum-/, status: 501 } })
    const results = await Promise.all(['a', 'b', 'c', 'd'].map((key) => put(key)))
    expect(results.map(({ status }) => status)).toEqual(['stored', 'stored', 'stored', 'stored'])
    expect(times('PutObject')).toBe(8)
  })

  it('F13 a store that refuses Content-MD5 as well: 2 attempts', async () => {
    await start({ refuses: { headers: /^(x-amz-checksum-.*|content-md5)$/, status: 501 } })
    expect(await failing(put())).toMatchObject({ code: 'E_STORE', exitCode: 5 })
    expect(times('PutObject')).toBe(2)
  })

  it('F23 DeleteObjects says 200 with an error for one key: it comes back with its reason', async () => {
    for (const key of ['a', 'b']) await put(key)
    const failed = '<Error><Key>b</Key><Code>AccessDenied</Code><Message>locked</Message></Error>'
    rig.fault({
      at: { op: 'DeleteObjects' },
      do: (answer) => ({ ...answer, body: String(answer.body).replace(/<Deleted><Key>b<.Key><.Deleted>/, failed) }),
    })
    expect(await store.remove(['a', 'b'])).toEqual([{ key: 'b', reason: 'AccessDenied: locked' }])
    expect(times('DeleteObjects')).toBe(1)
  })
})

describe('table F: what is no answer of an object store', () => {
  it('F18 200 with a page of HTML to PUT, LIST and HEAD: 1 attempt each, exit 5', async () => {
    rig.fault({ at: () => true, times: EVER, do: 'html200' })
    for (const call of [() => put(), () => listed(), () => store.head('a')]) {
      const error = await failing(call())
      expect(error).toMatchObject({ code: 'E_NOT_S3', exitCode: 5, hint: expect.stringContaining('proxy') })
    }
    // The PUT was looked for, since its answer proved nothing.
    expect(operations(rig)).toEqual(['PutObject', 'HeadObject', 'ListObjectsV2', 'HeadObject'])
  })

  it.each<[FaultName, string]>([
    ['no-token', 'not where'],
    ['same-token', 'twice'],
    ['unordered', 'out of order'],
    ['duplicate', 'out of order'],
  ])('F19 a listing with %s: 1 attempt, exit 5', async (fault, why) => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await put(key)
    rig.fault({ at: { op: 'ListObjectsV2' }, skip: fault === 'same-token' ? 1 : 0, do: fault })
    const error = await failing(listed())
    expect(error).toMatchObject({ code: 'E_LISTING', exitCode: 5, why: expect.stringContaining(why) })
    expect(reasons).toEqual([])
  })

  it('F21 Content-Encoding: aws-chunked kept by the store: 1 attempt, exit 7, naming the store', async () => {
    await put()
    const kept = (encoding: string): void =>
      rig.tamper('a', (object) => object && { ...object, headers: { ...object.headers, 'content-encoding': encoding } })
    for (const encoding of ['aws-chunked', 'gzip,aws-chunked']) {
      kept(encoding)
      const error = await failing(store.head('a'))
      expect(error).toMatchObject({ code: 'E_INTEGRITY', exitCode: 7, why: expect.stringContaining('the store site') })
    }
    expect(reasons).toEqual([])
    kept('gzip')
    expect(await store.head('a')).toMatchObject({ headers: { 'content-encoding': 'gzip' } })
  })

  it('F22 a body that is stored with the framing of chunks: 1 attempt, exit 7', async () => {
    const framed = Buffer.from('1;chunk-signature=0\r\nx\r\n0;chunk-signature=0\r\n\r\n')
    const etag = createHash('md5').update(framed).digest('hex')
    rig.fault({
      at: { op: 'PutObject' },
      do: (answer) => {
        rig.tamper('a', (object) => object && { ...object, bytes: framed, etag, checksum: undefined })
        return { ...answer, headers: { etag: `"${etag}"` } }
      },
    })
    const error = await failing(put())
    expect(error).toMatchObject({ code: 'E_INTEGRITY', exitCode: 7, why: expect.stringContaining('1 were sent') })
    expect(times('PutObject')).toBe(1)
  })
})
