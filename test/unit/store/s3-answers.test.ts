import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { profileOf, type StoreProfile } from '../../../src/store/s3/profiles.ts'
import type { S3Options } from '../../../src/store/s3/s3.ts'
import { createS3Store } from '../../../src/store/s3/s3.ts'
import type { Store } from '../../../src/store/store.ts'
import { withRetry } from '../../../src/store/wrappers/with-retry.ts'
import { bodyOf, patternOf } from '../../contract/bodies.ts'
import type { FaultName } from '../../rig/s3-faults.ts'
import type { S3Answer } from '../../rig/s3-protocol.ts'
import { type StrictS3, startStrictS3 } from '../../rig/strict-s3.ts'

const PLAIN = { 'content-type': 'text/plain' }
const AMAZON: StoreProfile = { ...profileOf(undefined), addressing: 'path' }

describe('an S3 store', () => {
  let rig: StrictS3
  let store: Store
  let waits: number[]

  const open = (more: Partial<S3Options> = {}): Store =>
    createS3Store({
      bucket: 'site',
      endpoint: rig.endpoint,
      region: 'eu-west-1',
      service: AMAZON,
      requestTimeoutMs: 5000,
      concurrency: 8,
      env: { AWS_ACCESS_KEY_ID: rig.accessKeyId, AWS_SECRET_ACCESS_KEY: rig.secretAccessKey },
      ...more,
    })
  const retrying = (below: Store): Store =>
    withRetry(below, { random: () => 0.5, sleep: async (ms) => void waits.push(ms) })
  const put = (key = 'a', text = 'x'): ReturnType<Store['put']> => store.put(key, bodyOf(text), PLAIN)
  const listed = async (): Promise<string[]> => {
    const keys: string[] = []
    for await (const page of store.list('')) keys.push(...page.map(({ key }) => key))
    return keys
  }
  const asked = (): string[] => rig.requests.map(({ op }) => op)

  beforeEach(async () => {
    rig = await startStrictS3({ bucket: 'site', maxKeys: 2 })
    waits = []
    store = retrying(open())
  })
  afterEach(async () => {
    await rig.close()
    expect(rig.violations).toEqual([])
  })

  describe('when the store is in trouble', () => {
    it('tries again after 503 and succeeds', async () => {
      rig.fault({ at: () => true, times: 2, do: 'status:503' })
      expect(await put()).toMatchObject({ status: 'stored' })
      expect(rig.requests.map(({ status }) => status)).toEqual([503, 503, 200])
    })

    it('gives up after five attempts', async () => {
      rig.fault({ at: () => true, times: Number.POSITIVE_INFINITY, do: 'status:503' })
      await expect(put()).rejects.toMatchObject({ code: 'E_THROTTLED', exitCode: 5, retryable: true })
      expect(rig.requests).toHaveLength(5)
    })

    it('waits after 429 as long as it is asked to', async () => {
      rig.fault({ at: 1, do: 'status:429', retryAfterSeconds: 7 })
      expect(await put()).toMatchObject({ status: 'stored' })
      expect(waits).toEqual([7000])
    })

    it('tries a conditional write again that met another one', async () => {
      rig.fault({ at: 1, do: 'status:409' })
      const result = await store.put('a', bodyOf('x'), PLAIN, { when: 'absent' })
      expect(result).toMatchObject({ status: 'stored' })
      expect(rig.requests).toHaveLength(2)
    })

    it.each([false, true])('keeps its connection from one look to the next, over undici: %s', async (isUndici) => {
      await put()
      const looking = open({ isUndici })
      const connections = new Set<number>()
      const noted = ({ connection }: { readonly connection: number }): boolean => connections.add(connection).size === 0
      rig.fault({ at: noted, times: 1, do: 'status:503' })
      for (let count = 0; count < 10; count++) expect(await looking.head('a')).toMatchObject({ size: 1 })
      expect(connections.size).toBeLessThanOrEqual(2)
    })

    it('tries again after 500 and after a connection that was cut', async () => {
      rig.fault({ at: 1, do: 'status:500' })
      rig.fault({ at: 2, do: 'reset' })
      expect(await put()).toMatchObject({ status: 'stored' })
      expect(rig.requests.map(({ status }) => status)).toEqual([500, 0, 200])
    })

    it('knows its own object after an answer that was lost', async () => {
      rig.fault({ at: 1, do: 'reset', when: 'after' })
      const result = await store.put('a', bodyOf('x'), PLAIN, { when: 'absent' })
      expect(result).toMatchObject({ status: 'stored' })
      expect(asked()).toEqual(['PutObject', 'PutObject', 'HeadObject'])
    })

    it('gives a request up that is not answered in time', async () => {
      store = open({ requestTimeoutMs: 150 })
      rig.fault({ at: 1, do: 'stall' })
      await expect(store.head('a')).rejects.toMatchObject({
        ...{ code: 'E_TIMEOUT', retryable: true },
        why: `${new URL(rig.endpoint).host} or the line to it is too slow, or dead`,
      })
    })

    it('gives a request up when its signal fires', async () => {
      rig.fault({ at: 1, do: 'stall' })
      const signal = AbortSignal.timeout(50)
      await expect(store.head('a', { signal })).rejects.toMatchObject({ code: 'E_ABORTED' })
    })

    it('notices a body of which only a part arrives', async () => {
      await put('a', 'x'.repeat(1000))
      rig.fault({ at: 2, do: 'truncate' })
      expect(Buffer.from((await store.get('a'))?.bytes ?? []).toString()).toBe('x'.repeat(1000))
      expect(asked()).toEqual(['PutObject', 'GetObject', 'GetObject'])
    })

    it('signs again by the clock of the store', async () => {
      const ahead = await startStrictS3({ bucket: 'site', clockOffsetMs: 60 * 60_000 })
      try {
        const { accessKeyId, secretAccessKey } = ahead
        const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
        store = retrying(open({ endpoint: ahead.endpoint, env }))
        expect(await put()).toMatchObject({ status: 'stored' })
        expect(ahead.requests.map(({ status }) => status)).toEqual([403, 200])
      } finally {
        await ahead.close()
      }
    })
  })

  describe('when the store refuses', () => {
    it('names the permission and the key after 403, once', async () => {
      rig.fault({ at: 1, do: 'status:403' })
      await expect(put('img/a.png')).rejects.toMatchObject({
        code: 'E_ACCESS_DENIED',
        exitCode: 4,
        subject: 'img/a.png',
        why: expect.stringContaining('s3:PutObject'),
        hint: expect.stringContaining('arn:aws:s3:::site/img/a.png'),
      })
      expect(rig.requests).toHaveLength(1)
    })

    it('understands a 403 without a body', async () => {
      rig.fault({ at: 1, do: 'status:403' })
      await expect(store.head('a')).rejects.toMatchObject({ code: 'E_ACCESS_DENIED' })
    })

    it('tells from a HEAD, which is answered without words, that the credentials have expired', async () => {
      rig.fault({ at: () => true, times: Number.POSITIVE_INFINITY, do: 'status:400:ExpiredToken' })
      await expect(store.head('a')).rejects.toMatchObject({
        code: 'E_CREDENTIALS',
        why: 'it answered ExpiredToken',
        hint: 'Sign in again, then run again.',
      })
      expect(asked()).toEqual(['HeadObject', 'GetObject', 'HeadObject', 'GetObject'])
    })

    it('names the right that is missing where it is another one, and the reason that is given', async () => {
      const why = 'because no identity-based policy allows the kms:GenerateDataKey action'
      const said = `User: arn:aws:iam::1:user/ci is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:eu-west-1:1:key/k ${why}`
      const body = `<Error><Code>AccessDenied</Code><Message>${said}</Message></Error>`
      rig.fault({ at: 1, do: () => ({ status: 403, body }), when: 'before' })
      await expect(put()).rejects.toMatchObject({
        code: 'E_ACCESS_DENIED',
        why: `the credentials do not allow kms:GenerateDataKey there, ${why}`,
        hint: 'Allow kms:GenerateDataKey in the policy of the role or user.',
      })
    })

    it('gives of that reason nothing that names an account', async () => {
      const policy = 'arn:aws:organizations::123456789012:policy/o-1/service_control_policy/p-1'
      const said = `User: arn:aws:iam::1:user/ci is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/a" because it is denied by a policy: ${policy}`
      const body = `<Error><Code>AccessDenied</Code><Message>${said}</Message></Error>`
      rig.fault({ at: 1, do: () => ({ status: 403, body }), when: 'before' })
      await expect(put()).rejects.toMatchObject({
        why: 'the credentials do not allow s3:PutObject there, because it is denied by a policy',
      })
    })

    it('gives the store’s own words for a 403 of another kind', async () => {
      const body = '<Error><Code>AllAccessDisabled</Code><Message>All access has been disabled</Message></Error>'
      rig.fault({ at: 1, do: () => ({ status: 403, body }), when: 'before' })
      await expect(put()).rejects.toMatchObject({
        code: 'E_ACCESS_DENIED',
        why: 'it answered AllAccessDisabled: All access has been disabled',
        hint: undefined,
      })
    })

    it('says what to do when the clocks go on differing', async () => {
      rig.fault({ at: () => true, times: Number.POSITIVE_INFINITY, do: 'status:403:RequestTimeTooSkewed' })
      await expect(put()).rejects.toMatchObject({ hint: 'If this goes on, set the clock of this machine.' })
    })

    it('names the bucket that is not there', async () => {
      store = retrying(open({ bucket: 'other' }))
      const error = { code: 'E_NO_BUCKET', exitCode: 4, subject: 'other' }
      await expect(put()).rejects.toMatchObject(error)
      await expect(store.get('a')).rejects.toMatchObject(error)
      await expect(listed()).rejects.toMatchObject(error)
      expect(rig.requests).toHaveLength(3)
    })

    it('says so when the keys are not accepted, and repeats none of them', async () => {
      const env = { AWS_ACCESS_KEY_ID: rig.accessKeyId, AWS_SECRET_ACCESS_KEY: 'wrong-and-secret' }
      store = retrying(open({ env }))
      const error = await put().catch((caught: unknown) => caught)
      expect(error).toMatchObject({ code: 'E_CREDENTIALS', why: expect.stringContaining('SignatureDoesNotMatch') })
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('wrong-and-secret')
    })
  })

  describe('when somebody else answers', () => {
    const portal = (): void => rig.fault({ at: () => true, times: Number.POSITIVE_INFINITY, do: 'html200' })
    const notS3 = { code: 'E_NOT_S3', exitCode: 5 }

    it.each([400, 403])('takes no %d with a page for an answer of the store', async (status) => {
      const body = '<html>The plain HTTP request was sent to HTTPS port</html>'
      rig.fault({ at: 1, do: () => ({ status, body }), when: 'before' })
      await expect(put()).rejects.toMatchObject({
        ...notS3,
        why: `it is a ${status} without the code of an object store`,
      })
    })

    it('believes no 200 with a page: put', async () => {
      portal()
      await expect(put()).rejects.toMatchObject(notS3)
    })

    it('believes no 200 with a page: put in parts', async () => {
      portal()
      await expect(store.put('a', bodyOf(patternOf(17 * 2 ** 20)), PLAIN)).rejects.toMatchObject(notS3)
    })

    it('believes no 200 with a page: list, get, head, copy, new headers, remove', async () => {
      await put('a')
      portal()
      await expect(listed()).rejects.toMatchObject(notS3)
      await expect(store.get('a')).rejects.toMatchObject(notS3)
      await expect(store.head('a')).rejects.toMatchObject(notS3)
      await expect(store.copy('a', 'b')).rejects.toMatchObject(notS3)
      await expect(store.reheader('a', PLAIN)).rejects.toMatchObject(notS3)
      await expect(store.remove(['a'])).rejects.toMatchObject(notS3)
      expect([...rig.objects().keys()]).toEqual(['a'])
    })

    it('believes no 200 with a page: a copy after a true look', async () => {
      await put('a')
      rig.fault({ at: ({ op }) => op === 'CopyObject', times: 2, do: 'html200' })
      await expect(store.copy('a', 'b')).rejects.toMatchObject(notS3)
      await expect(store.reheader('a', { 'content-type': 'text/html' })).rejects.toMatchObject(notS3)
    })
  })

  describe('with an answer that proves nothing', () => {
    it.each<FaultName>(['no-etag', 'wrong-etag'])('looks at the object: %s', async (fault) => {
      rig.fault({ at: 1, do: fault })
      const result = await put()
      expect(result).toEqual({ status: 'stored', etag: rig.objects().get('a')?.etag })
      expect(asked()).toEqual(['PutObject', 'HeadObject'])
    })

    it.each<FaultName>(['no-etag', 'wrong-etag'])('fails when nothing is there: %s', async (fault) => {
      rig.fault({ at: 1, do: fault, when: 'before' })
      await expect(put()).rejects.toMatchObject({ code: 'E_NOT_S3' })
    })

    it('fails when what is there has other headers', async () => {
      await store.put('a', bodyOf('x'), { 'content-type': 'text/html' })
      rig.fault({ at: 2, do: 'no-etag', when: 'before' })
      await expect(put()).rejects.toMatchObject({ code: 'E_NOT_S3' })
    })

    it('fails when the checksum that came back is of other bytes', async () => {
      const checksum = bodyOf('y').sha256
      const headers = (answer: S3Answer) => ({ ...answer.headers, 'x-amz-checksum-sha256': checksum })
      rig.fault({ at: 1, do: (answer) => ({ ...answer, headers: headers(answer) }) })
      await expect(put()).rejects.toMatchObject({ code: 'E_INTEGRITY', exitCode: 7 })
    })
  })

  describe('with a listing that is broken', () => {
    const spoil = (at: number, change: (xml: string) => string): void =>
      rig.fault({ at, do: (answer) => ({ ...answer, body: change(String(answer.body)) }) })

    beforeEach(async () => {
      for (const key of ['a', 'b', 'c', 'd', 'e']) await put(key)
    })

    it.each<[string, (xml: string) => string, string]>([
      ['more follows without saying where', (xml) => xml.replace(/<NextC.*Token>/, ''), 'not where'],
      ['keys are out of order', (xml) => xml.replace('<Key>a<', '<Key>bb<'), 'out of order'],
      ['a key comes twice', (xml) => xml.replace('<Key>b<', '<Key>a<'), 'out of order'],
      ['a key cannot be decoded', (xml) => xml.replace('<Key>b<', '<Key>%ff<'), 'not complete'],
      ['a row has no size', (xml) => xml.replace(/<Size>.*?<.Size>/, ''), 'not complete'],
    ])('stops when %s', async (_, change, why) => {
      spoil(6, change)
      await expect(listed()).rejects.toMatchObject({
        code: 'E_LISTING',
        exitCode: 5,
        why: expect.stringContaining(why),
      })
    })

    it('stops when the same page is named twice', async () => {
      const token = Buffer.from('b').toString('base64url')
      spoil(7, (xml) => xml.replace(/<NextC.*Token>/, `<NextContinuationToken>${token}</NextContinuationToken>`))
      await expect(listed()).rejects.toMatchObject({ code: 'E_LISTING', why: expect.stringContaining('twice') })
    })

    it('stops when another bucket is named', async () => {
      spoil(6, (xml) => xml.replace('<Name>site<', '<Name>other<'))
      await expect(listed()).rejects.toMatchObject({ code: 'E_NOT_S3' })
    })

    it('does not end short when a later page fails', async () => {
      rig.fault({ at: 7, do: 'status:503' })
      expect(await listed()).toEqual(['a', 'b', 'c', 'd', 'e'])
    })

    it('reads keys as they are from a store that ignores the encoding', async () => {
      await put('z 1+1%2B.txt')
      const plain = (xml: string) =>
        xml.replace('<EncodingType>url</EncodingType>', '').replace('z+1%2B1%252B', 'z 1+1%2B')
      for (const at of [7, 8, 9]) spoil(at, plain)
      expect((await listed()).at(-1)).toBe('z 1+1%2B.txt')
    })
  })

  describe('copying', () => {
    it('copies the object that was looked at, or none', async () => {
      await put('a')
      const conditions: unknown[] = []
      rig.fault({
        at: ({ op, headers }) => {
          if (op === 'CopyObject') conditions.push(headers['x-amz-copy-source-if-match'])
          return false
        },
        do: 'reset',
      })
      await store.copy('a', 'b')
      await store.reheader('a', { 'content-type': 'text/html' })
      const etag = `"${rig.objects().get('a')?.etag}"`
      expect(conditions).toEqual([etag, etag])
    })

    it('looks again when the object changed in between', async () => {
      await put('a')
      rig.fault({ at: ({ op }) => op === 'CopyObject', do: 'status:412' })
      expect(await store.reheader('a', { 'content-type': 'text/html' })).toMatchObject({ status: 'stored' })
      expect((await store.head('a'))?.headers).toEqual({ 'content-type': 'text/html' })
      expect(asked()).toEqual(['PutObject', 'HeadObject', 'CopyObject', 'HeadObject', 'CopyObject', 'HeadObject'])
    })

    it('leaves the condition of the target to a store that can judge it', async () => {
      await put('a')
      rig.fault({ at: ({ op, headers }) => op === 'CopyObject' && headers['if-none-match'] === '*', do: 'status:412' })
      expect(await store.copy('a', 'b', { when: 'absent' })).toEqual({ status: 'precondition-failed' })
    })
  })

  describe('removing', () => {
    it('gives back what the store did not remove', async () => {
      for (const key of ['a', 'b']) await put(key)
      const failed = '<Error><Key>b</Key><Code>AccessDenied</Code><Message>locked</Message></Error>'
      const change = ({ body, ...answer }: S3Answer): S3Answer => ({
        ...answer,
        body: String(body).replace(/<Deleted><Key>b<.Key><.Deleted>/, failed),
      })
      rig.fault({ at: 3, do: change })
      expect(await store.remove(['a', 'b'])).toEqual([{ key: 'b', reason: 'AccessDenied: locked' }])
    })

    it('takes a thousand keys at once', async () => {
      await store.remove(Array.from({ length: 2001 }, (_, index) => `k/${index}`))
      expect(asked()).toEqual(['DeleteObjects', 'DeleteObjects', 'DeleteObjects'])
    })
  })

  describe('sending parts', () => {
    const large = bodyOf(patternOf(20 * 2 ** 20))

    it('sends equal parts of at least 8 MiB and one request for less', async () => {
      await store.put('small', bodyOf(patternOf(16 * 2 ** 20)), PLAIN)
      await store.put('large', large, PLAIN)
      expect(asked()[0]).toBe('PutObject')
      expect(asked().slice(1)).toEqual([
        'ListMultipartUploads',
        'CreateMultipartUpload',
        'UploadPart',
        'UploadPart',
        'UploadPart',
        'CompleteMultipartUpload',
      ])
    })

    it('gives the upload up when a part is refused', async () => {
      rig.fault({ at: ({ op }) => op === 'UploadPart', do: 'status:403' })
      await expect(store.put('large', large, PLAIN)).rejects.toMatchObject({ code: 'E_ACCESS_DENIED' })
      expect(rig.openUploads()).toBe(0)
      expect(rig.objects().size).toBe(0)
    })

    it('takes an error inside of a 200 for the error that it is', async () => {
      const body = '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>no</Message></Error>'
      rig.fault({ at: ({ op }) => op === 'CompleteMultipartUpload', do: () => ({ status: 200, body }), when: 'before' })
      expect(await store.put('large', large, PLAIN)).toMatchObject({ status: 'stored' })
      expect(asked().filter((op) => op === 'CompleteMultipartUpload')).toHaveLength(2)
      expect(rig.openUploads()).toBe(0)
    })
  })

  it('never sends a request that has lost its key', async () => {
    for (const call of [() => put(''), () => store.remove(['']), () => store.head(''), () => store.copy('a', '')]) {
      await expect(call()).rejects.toMatchObject({ code: 'E_KEY_INVALID' })
    }
    expect(rig.requests).toEqual([])
  })

  it('leaves out what somebody else put under a name that no key can have', async () => {
    await put('a')
    const marker = (answer: S3Answer): S3Answer => ({
      ...answer,
      body: String(answer.body).replace('<Key>a<', '<Key>folder%2F<'),
    })
    rig.fault({ at: 2, do: marker })
    expect(await listed()).toEqual([])
  })
})

describe('an S3 store that cannot be reached', () => {
  const at = (endpoint: string, more: Partial<S3Options> = {}): Store =>
    createS3Store({
      bucket: 'site',
      endpoint,
      requestTimeoutMs: 20_000,
      concurrency: 1,
      env: { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' },
      ...more,
    })

  describe('without configuration', () => {
    beforeEach(() => {
      for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_REGION']) {
        vi.stubEnv(name, undefined)
      }
      for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/nonexistent/aws')
      vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    })
    afterEach(() => {
      vi.unstubAllEnvs()
    })

    it('fails each request once for want of credentials', async () => {
      const unheard = vi.fn<(reason: unknown) => void>()
      process.prependListener('unhandledRejection', unheard)
      const store = at('http://127.0.0.1:1', { env: {}, region: 'us-east-1' })
      const failure = { code: 'E_CREDENTIALS' }
      await expect(store.head('a')).rejects.toMatchObject(failure)
      await expect(store.head('a')).rejects.toMatchObject(failure)
      await new Promise(setImmediate)
      process.off('unhandledRejection', unheard)
      expect(unheard).not.toHaveBeenCalled()
    })

    it('lists where it looked for credentials', async () => {
      const store = at('http://127.0.0.1:1', { env: {} })
      await expect(store.head('a')).rejects.toMatchObject({
        code: 'E_CREDENTIALS',
        exitCode: 4,
        details: expect.arrayContaining([expect.stringContaining('AWS_ACCESS_KEY_ID')]),
      })
    })

    it('asks for the region that Amazon needs', async () => {
      const store = createS3Store({ bucket: 'site', requestTimeoutMs: 20_000, concurrency: 1, env: {} })
      await expect(store.head('a')).rejects.toMatchObject({
        code: 'E_ENDPOINT',
        hint: expect.stringContaining('?region='),
      })
    })
  })

  it('says so, and where, when nobody listens', async () => {
    await expect(at('http://127.0.0.1:1').head('a')).rejects.toMatchObject({
      code: 'E_UNREACHABLE',
      why: 'the connection to 127.0.0.1:1 ended with ECONNREFUSED',
    })
  })

  it('sends credentials over plain http to this machine only', () => {
    for (const endpoint of ['http://store.example.com', 'http://10.0.0.1:9000', 'http://127.0.0.1.example.com']) {
      expect(() => at(endpoint)).toThrow(expect.objectContaining({ code: 'E_ENDPOINT' }))
      expect(() => at(endpoint, { allowInsecure: true })).not.toThrow()
    }
    for (const endpoint of [
      'http://localhost:9000',
      'http://127.0.0.1',
      'http://[::1]:1',
      'https://store.example.com',
    ]) {
      expect(() => at(endpoint)).not.toThrow()
    }
  })

  it('takes only addresses for an endpoint, and none with a password', () => {
    for (const endpoint of ['store.example.com', 'ftp://store.example.com', 'https://me:hunter2@store.example.com']) {
      const error = catching(() => at(endpoint))
      expect(error).toMatchObject({ code: 'E_ENDPOINT' })
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hunter2')
    }
  })
})

function catching(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}
