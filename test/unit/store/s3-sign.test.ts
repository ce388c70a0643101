import { hash } from 'node:crypto'
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keepSdkQuiet } from '../../../src/aws/quiet.ts'
import {
  createSigner,
  EMPTY_PAYLOAD,
  encodedPath,
  type Signed,
  type Unsigned,
} from '../../../src/store/s3/transport/sign.ts'

keepSdkQuiet()

/** The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
const EXAMPLE_KEYS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const HOST = { host: 'examplebucket.s3.amazonaws.com' }

const EXAMPLES: readonly (readonly [name: string, request: Unsigned, signature: string])[] = [
  [
    'a GET of a range',
    { method: 'GET', path: '/test.txt', headers: { ...HOST, range: 'bytes=0-9' }, payload: EMPTY_PAYLOAD },
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'a PUT with a dollar sign in its key',
    {
      method: 'PUT',
      path: encodedPath('/test$file.text'),
      headers: { ...HOST, date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      payload: hash('sha256', 'Welcome to Amazon S3.'),
    },
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'a query without a value',
    { method: 'GET', path: '/', query: { lifecycle: '' }, headers: HOST, payload: EMPTY_PAYLOAD },
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'a listing',
    { method: 'GET', path: '/', query: { prefix: 'J', 'max-keys': '2' }, headers: HOST, payload: EMPTY_PAYLOAD },
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
]

/** Names and values take turns. */
function authorizationOf({ headers }: Signed): string | undefined {
  return headers[headers.indexOf('authorization') + 1]
}

describe('the signature of a request', () => {
  it.each(EXAMPLES)("is Amazon's own for %s", (_, request, signature) => {
    const signed = createSigner('us-east-1').sign(request, EXAMPLE_KEYS, Date.UTC(2013, 4, 24))
    expect(authorizationOf(signed)).toContain(`Signature=${signature}`)
  })

  it('changes with the key, the day and the region', () => {
    const [, request] = EXAMPLES[0] ?? []
    if (request === undefined) throw new Error('no example')
    const signer = createSigner('us-east-1')
    const at = Date.UTC(2026, 10, 26, 23, 59, 59)
    const all = [
      signer.sign(request, EXAMPLE_KEYS, at),
      signer.sign(request, EXAMPLE_KEYS, at + 1000),
      signer.sign(request, { ...EXAMPLE_KEYS, secretAccessKey: 'another' }, at),
      signer.sign(request, { ...EXAMPLE_KEYS, sessionToken: 'a token' }, at),
      createSigner('eu-west-1').sign(request, EXAMPLE_KEYS, at),
    ]
    expect(new Set(all.map(authorizationOf)).size).toBe(5)
  })

  it("is the SDK's for random requests", async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (asked) => {
        const theirs = await signedBySdk(asked)
        const { authorization, ...given } = theirs.headers
        const names = /SignedHeaders=([^,]+)/.exec(authorization ?? '')?.[1]?.split(';') ?? []
        const { 'x-amz-date': date = '', 'x-amz-content-sha256': payload = '', ...rest } = given
        const headers = Object.fromEntries(names.flatMap((name) => (name in rest ? [[name, rest[name] ?? '']] : [])))
        const { 'x-amz-security-token': _, ...unsigned } = headers
        const ours = createSigner('eu-west-1').sign(
          { method: theirs.method, path: theirs.path, query: theirs.query, headers: unsigned, payload },
          asked.keys,
          timeOf(date),
        )
        expect(authorizationOf(ours)).toBe(authorization)
        expect(theirs.path).toBe(`/site/${encodedPath(asked.kind === 'list' ? '' : asked.key)}`)
      }),
      { numRuns: 300 },
    )
  })
})

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
const header = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/)
const requests = fc.record({
  kind: fc.constantFrom('get', 'put', 'part', 'list'),
  key: fc
    .oneof(word, fc.stringMatching(/^[\w!'()*+,;=:@&$ ~%#?[\]-]{1,30}$/))
    .filter((key) => !/^\/|\/\/|\/$/.test(key)),
  text: word,
  value: header,
  metadata: header,
  keys: fc.record({
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
    secretAccessKey: fc.stringMatching(/^[\w/+]{20,40}$/),
  }),
})
type Asked = typeof requests extends fc.Arbitrary<infer T> ? T : never

interface Captured {
  readonly method: string
  readonly path: string
  readonly query: Record<string, string>
  readonly headers: Record<string, string>
}

/** What the SDK would send. */
async function signedBySdk(asked: Asked): Promise<Captured> {
  let captured: Captured | undefined
  const client = new S3Client({
    endpoint: 'http://127.0.0.1:1',
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: asked.keys,
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  client.middlewareStack.add(
    () => (args) => {
      captured = structuredClone(pick(args.request as Captured)) // an HttpRequest by now
      throw new Error('far enough')
    },
    { step: 'deserialize', priority: 'low', name: 'capture' },
  )
  await client.send(commandOf(asked)).catch(() => undefined)
  client.destroy()
  if (captured === undefined) throw new Error('the SDK signed nothing')
  return captured
}

const pick = ({ method, path, query, headers }: Captured): Captured => ({ method, path, query, headers })

type Command = Parameters<S3Client['send']>[0]

function commandOf({ kind, key, text, value, metadata }: Asked): Command {
  const place = { Bucket: 'site', Key: key }
  if (kind === 'get') return new GetObjectCommand({ ...place, Range: 'bytes=0-9' }) as Command
  if (kind === 'list') return new ListObjectsV2Command({ Bucket: 'site', Prefix: text, EncodingType: 'url' }) as Command
  const Body = Buffer.from(text)
  if (kind === 'part') return new UploadPartCommand({ ...place, Body, PartNumber: 3, UploadId: value }) as Command
  return new PutObjectCommand({ ...place, Body, ContentDisposition: value, Metadata: { note: metadata } }) as Command
}

function timeOf(date: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}
