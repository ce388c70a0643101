import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CopyObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterEach, describe, expect, it } from 'vitest'
import { keepSdkQuiet } from '../../../src/aws/quiet.ts'
import type { CopyInput } from '../../../src/store/s3/operations.ts'
import { BUILD } from '../../../src/store/s3/transport/requests.ts'
import type { Store } from '../../../src/store/store.ts'
import { bodyOf } from '../../contract/bodies.ts'
import type { S3Answer } from '../../rig/s3-protocol.ts'
import { type StrictS3, startStrictS3 } from '../../rig/strict-s3.ts'
import { failureOf, openPatient, openS3, operations, PLAIN } from './s3-setup.ts'

keepSdkQuiet()

const PLACE = { Bucket: 'site', Key: 'to/ä b.txt', CopySource: 'site/from/%C3%A4%20b%2B.txt' } as const

const INPUTS: readonly (readonly [name: string, input: CopyInput])[] = [
  ['a plain copy', { ...PLACE, CopySourceIfMatch: '"abc"', MetadataDirective: 'COPY' }],
  [
    'new headers of every kind',
    {
      ...PLACE,
      CopySourceIfMatch: '"abc-2"',
      MetadataDirective: 'REPLACE',
      ContentType: 'text/css; charset=utf-8',
      CacheControl: 'public, max-age=77',
      ContentDisposition: 'inline; filename="a.css"',
      ContentEncoding: 'br',
      ContentLanguage: 'de, en',
      Metadata: { 'lading-sha256': 'e3b0' },
    },
  ],
  ['a target that must not be there', { ...PLACE, IfNoneMatch: '*', MetadataDirective: 'REPLACE', Metadata: {} }],
  ['a target that must be there', { ...PLACE, IfMatch: '"abc"', MetadataDirective: 'REPLACE', ContentType: 'a/b' }],
]

/** What a transport says of itself, of the place and of the signature. */
const OWN = /^(host|authorization|user-agent|amz-sdk-.*|x-amz-(user-agent|date|content-sha256)|content-length)$/

describe('the request of a copy', () => {
  it.each(INPUTS)("is the SDK's for %s", async (_, input) => {
    const theirs = await builtBySdk(input)
    const { method, headers, payload } = BUILD.CopyObject(input)
    const said = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined))
    expect(said).toEqual(Object.fromEntries(Object.entries(theirs.headers).filter(([name]) => !OWN.test(name))))
    expect({ method, payload }).toEqual({ method: theirs.method, payload: theirs.headers['x-amz-content-sha256'] })
  })
})

interface Built {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
}

async function builtBySdk(input: CopyInput): Promise<Built> {
  let built: Built | undefined
  const client = new S3Client({
    endpoint: 'http://127.0.0.1:1',
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  client.middlewareStack.add(
    () => (args) => {
      const { method, headers } = args.request as Built // an HttpRequest by now
      built = { method, headers: { ...headers } }
      throw new Error('far enough')
    },
    { step: 'deserialize', priority: 'low', name: 'capture' },
  )
  await client.send(new CopyObjectCommand(input)).catch(() => undefined)
  client.destroy()
  if (built === undefined) throw new Error('the SDK built nothing')
  return built
}

const WAYS = [
  ['sockets', {}],
  ['undici', { isUndici: true }],
  ['sdk', { transport: 'sdk' }],
] as const

const HTML = { 'content-type': 'text/html' }
const BLANKS = `<?xml version="1.0" encoding="UTF-8"?>\n${' '.repeat(300)}\n`
const errorOf = (code: string): string => `<Error><Code>${code}</Code><Message>Try &amp; again.</Message></Error>`

describe.each(WAYS)('a copy by %s', (_, more) => {
  let rig: StrictS3 | undefined
  let server: Server | undefined
  afterEach(async () => {
    await rig?.close()
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
    expect(rig?.violations ?? []).toEqual([])
    rig = undefined
    server = undefined
  })

  /** A store that has `a`, and whose next copy is answered by `body` with a 200. */
  const answering = async (body: string): Promise<StrictS3> => {
    const opened = await startStrictS3({ bucket: 'site' })
    rig = opened
    await openS3(opened, more).put('a', bodyOf('x'), PLAIN)
    opened.fault({ at: { op: 'CopyObject' }, do: (answer: S3Answer): S3Answer => ({ ...answer, body }) })
    return opened
  }

  it.each(['InternalError', 'SlowDown', 'AccessDenied'])('that ends in %s after a 200 has failed', async (code) => {
    const opened = await answering(BLANKS + errorOf(code))
    const error = await failureOf(openS3(opened, more).reheader('a', HTML))
    expect(error).toMatchObject({ code: 'E_THROTTLED', retryable: true, why: `it answered 503 ${code}: Try & again.` })
  })

  it('that came to nothing after a 200 has failed, and is made again', async () => {
    const opened = await answering('')
    const { store, reasons } = openPatient(opened, more)
    expect(await store.reheader('a', HTML)).toMatchObject({ status: 'stored' })
    expect(reasons).toEqual([expect.stringContaining('overloaded')])
    expect(operations(opened).filter((op) => op === 'CopyObject')).toHaveLength(2)
  })

  it('is known behind the blanks that kept its connection', async () => {
    const etag = '9dd4e461268c8034f5c8564e155c67a6' // the MD5 of "x"
    const opened = await answering(
      `${BLANKS}<CopyObjectResult><ETag>&quot;${etag}&quot;</ETag><LastModified>2026-11-26T00:00:00.000Z</LastModified></CopyObjectResult>`,
    )
    expect(await openS3(opened, more).reheader('a', HTML)).toEqual({ status: 'stored', etag })
  })

  it('announces no bytes, and no chunks', async () => {
    const seen: IncomingMessage['headers'][] = []
    const answer: RequestListener = ({ method, headers }, response) => {
      if (method === 'PUT') seen.push(headers)
      const etag = '"9dd4e461268c8034f5c8564e155c67a6"'
      response.writeHead(200, { etag, 'content-type': 'text/html', ...(method === 'HEAD' && { 'content-length': 1 }) })
      response.end(method === 'PUT' ? `<CopyObjectResult><ETag>${etag}</ETag></CopyObjectResult>` : undefined)
    }
    const opened = createServer(answer)
    server = opened
    await new Promise<void>((resolve) => opened.listen(0, '127.0.0.1', resolve))
    const { port } = opened.address() as AddressInfo // of a port
    const store: Store = openS3(
      { endpoint: `http://127.0.0.1:${port}`, accessKeyId: 'key', secretAccessKey: 'secret' } as StrictS3, // all it asks
      more,
    )
    await store.reheader('a', HTML)
    opened.closeAllConnections()
    expect(seen.map((headers) => [headers['content-length'], headers['transfer-encoding']])).toEqual([['0', undefined]])
  })
})
