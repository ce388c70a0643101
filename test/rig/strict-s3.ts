import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Cut, createFaultBox, type Fault, type FaultBox } from './s3-faults.ts'
import { copyObject, deleteObject, deleteObjects, getObject, listObjects, putObject } from './s3-objects.ts'
import { header, type S3Answer, type S3Call, type S3Object, S3Refusal, type S3State } from './s3-protocol.ts'
import { type Signer, verifySignature } from './s3-signature.ts'
import { abortUpload, completeUpload, createUpload, uploadPart } from './s3-uploads.ts'

export interface StrictS3Options {
  readonly bucket: string
  /** Whose quirks it has. @default 'aws' */
  readonly profile?: 'aws' | 'r2'
  /** Objects on a page of a listing. @default 1000 */
  readonly maxKeys?: number
  /** A write outside of it is a violation. @default everywhere is allowed */
  readonly allowedPrefix?: string
  /** The server's clock minus ours, in milliseconds. @default 0 */
  readonly clockOffsetMs?: number
}

interface RequestRecord {
  /** Counted from 1. */
  readonly number: number
  readonly op: string
  readonly key: string
  /** 0 when the connection was cut. */
  readonly status: number
}

export interface StrictS3 {
  readonly endpoint: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Every request, in the order of their answers. */
  readonly requests: readonly RequestRecord[]
  /** What no client of ours may ever send: writes outside the prefix, requests that lost their key. */
  readonly violations: readonly string[]
  objects(): ReadonlyMap<string, S3Object>
  /** Uploads in parts that were begun and neither completed nor given up. */
  openUploads(): number
  fault(fault: Fault): void
  clearFaults(): void
  close(): Promise<void>
}

/**
 * An object store in this process that believes nothing: signatures, hashes and checksums are verified, conditions
 * are atomic, listings are paged, and everything that it was asked is on record.
 */
export async function startStrictS3(options: StrictS3Options): Promise<StrictS3> {
  const state: S3State = {
    bucket: options.bucket,
    provider: options.profile ?? 'aws',
    maxKeys: options.maxKeys ?? 1000,
    objects: new Map(),
    uploads: new Map(),
  }
  const signer: Signer = {
    accessKeyId: `RIG${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString('hex'),
    now: () => Date.now() + (options.clockOffsetMs ?? 0),
  }
  const requests: RequestRecord[] = []
  const violations: string[] = []
  const faults = createFaultBox()
  let count = 0

  const server = createServer((request, response) => {
    count += 1
    const number = count
    answerTo(request, number, { state, signer, faults, violations, allowedPrefix: options.allowedPrefix ?? '' }).then(
      ({ call, result }) => {
        requests.push({ number, op: call.op, key: call.key, status: 'cut' in result ? 0 : result.status })
        response.setHeader('date', new Date(signer.now()).toUTCString())
        send(response, call, result)
      },
      (error: unknown) => {
        violations.push(`request ${number}: ${String(error)}`)
        response.destroy()
      },
    )
  })
  const endpoint = await listen(server)

  return {
    endpoint,
    accessKeyId: signer.accessKeyId,
    secretAccessKey: signer.secretAccessKey,
    requests,
    violations,
    objects: () => new Map(state.objects),
    openUploads: () => state.uploads.size,
    fault: faults.add,
    clearFaults: faults.clear,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Desk {
  readonly state: S3State
  readonly signer: Signer
  readonly faults: FaultBox
  readonly violations: string[]
  readonly allowedPrefix: string
}

async function answerTo(
  request: IncomingMessage,
  number: number,
  desk: Desk,
): Promise<{ readonly call: S3Call; readonly result: S3Answer | Cut }> {
  const call = await readCall(request, number)
  const act = (): S3Answer => {
    try {
      verifySignature(call, desk.signer)
      return handle(call, desk)
    } catch (error) {
      if (error instanceof S3Refusal) return error.answer()
      throw error
    }
  }
  return { call, result: desk.faults.through(call, act) }
}

async function readCall(request: IncomingMessage, number: number): Promise<S3Call> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  // Not by URL, which would fold `..` away before we could refuse it.
  const [rawPath = '/', search = ''] = (request.url ?? '/').split('?', 2)
  const [bucket = '', ...rest] = rawPath.slice(1).split('/').map(decodeURIComponent)
  const call = {
    number,
    op: '',
    method: request.method ?? 'GET',
    rawPath,
    query: new URLSearchParams(search.replaceAll('+', '%2B')),
    headers: request.headers,
    body: Buffer.concat(chunks),
    bucket,
    key: rest.join('/'),
  }
  return { ...call, op: operationOf(call) }
}

function operationOf(call: S3Call): string {
  const { method, query, key } = call
  if (key === '') return bucketOperation(method, query)
  const hasUpload = query.has('uploadId')
  switch (method) {
    case 'POST':
      return query.has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload'
    case 'PUT':
      if (hasUpload) return 'UploadPart'
      return header(call, 'x-amz-copy-source') === undefined ? 'PutObject' : 'CopyObject'
    case 'DELETE':
      return hasUpload ? 'AbortMultipartUpload' : 'DeleteObject'
    default:
      return method === 'HEAD' ? 'HeadObject' : 'GetObject'
  }
}

function bucketOperation(method: string, query: URLSearchParams): string {
  if (method === 'GET') return 'ListObjectsV2'
  return method === 'POST' && query.has('delete') ? 'DeleteObjects' : `${method} of the bucket`
}

const READS: Readonly<Record<string, (state: S3State, call: S3Call) => S3Answer>> = {
  GetObject: getObject,
  HeadObject: getObject,
  ListObjectsV2: listObjects,
}

const WRITES: typeof READS = {
  PutObject: putObject,
  CopyObject: copyObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  CreateMultipartUpload: createUpload,
  UploadPart: uploadPart,
  CompleteMultipartUpload: completeUpload,
  AbortMultipartUpload: abortUpload,
}

function handle(call: S3Call, { state, violations, allowedPrefix }: Desk): S3Answer {
  if (call.bucket !== state.bucket) throw new S3Refusal(404, 'NoSuchBucket')
  const write = WRITES[call.op]
  const run = write ?? READS[call.op]
  if (!run) {
    violations.push(`${call.op}: a request for an object lost its key`)
    throw new S3Refusal(403, 'AccessDenied')
  }
  if (Buffer.byteLength(call.key) > 1024) throw new S3Refusal(400, 'KeyTooLongError')
  if (write) violations.push(...strayKeys(call, allowedPrefix).map((key) => `${call.op} of "${key}"`))
  return run(state, call)
}

function strayKeys(call: S3Call, allowedPrefix: string): string[] {
  const keys =
    call.op === 'DeleteObjects' ? [...call.body.toString().matchAll(/<Key>([^<]*)/g)] : [[call.key, call.key]]
  return keys.map(([, key = '']) => key).filter((key) => !key.startsWith(allowedPrefix))
}

function send(response: ServerResponse, call: S3Call, result: S3Answer | Cut): void {
  if ('cut' in result) {
    if (result.cut === 'reset') response.destroy()
    if (result.cut === 'truncate') sendHalf(response, result.answer)
    return
  }
  response.writeHead(result.status, { 'x-amz-request-id': String(call.number), ...result.headers })
  response.end(call.method === 'HEAD' ? undefined : result.body)
}

function sendHalf(response: ServerResponse, { status, headers, body = '' }: S3Answer): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...headers, 'content-length': String(bytes.byteLength) })
  response.write(bytes.subarray(0, bytes.byteLength / 2), () => response.destroy())
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}
