import type { IncomingMessage } from 'node:http'
import { listObjects } from './s3-listing.ts'
import { copyObject, deleteObject, deleteObjects, getObject, putObject } from './s3-objects.ts'
import { folded, header, type S3Answer, type S3Call, S3Refusal, type S3State, textsOf } from './s3-protocol.ts'
import { listParts, listUploads } from './s3-upload-lists.ts'
import { abortUpload, completeUpload, createUpload, uploadPart } from './s3-uploads.ts'

/** A request's head, as what it asks for. */
export function callOf(
  { method = 'GET', url = '/', headers }: IncomingMessage,
  who: Pick<S3Call, 'number' | 'client' | 'connection'>,
): S3Call {
  // Not by URL, which would fold `..` away before we could refuse it.
  const [rawPath = '/', search = ''] = url.split('?', 2)
  const [bucket = '', ...rest] = rawPath.slice(1).split('/').map(decodeURIComponent)
  const query = new URLSearchParams(search.replaceAll('+', '%2B'))
  const key = rest.join('/')
  const call = { ...who, op: '', method, rawPath, query, headers, body: Buffer.alloc(0), bucket, key }
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
    case 'GET':
      return hasUpload ? 'ListParts' : 'GetObject'
    default:
      return method === 'HEAD' ? 'HeadObject' : `${method} of an object`
  }
}

function bucketOperation(method: string, query: URLSearchParams): string {
  if (method === 'GET') return query.has('uploads') ? 'ListMultipartUploads' : 'ListObjectsV2'
  return method === 'POST' && query.has('delete') ? 'DeleteObjects' : `${method} of the bucket`
}

type Operation = (state: S3State, call: S3Call) => S3Answer

const READS: ReadonlyMap<string, Operation> = new Map([
  ['GetObject', getObject],
  ['HeadObject', getObject],
  ['ListObjectsV2', listObjects],
  ['ListMultipartUploads', listUploads],
  ['ListParts', listParts],
])

const WRITES: ReadonlyMap<string, Operation> = new Map([
  ['PutObject', putObject],
  ['CopyObject', copyObject],
  ['DeleteObject', deleteObject],
  ['DeleteObjects', deleteObjects],
  ['CreateMultipartUpload', createUpload],
  ['UploadPart', uploadPart],
  ['CompleteMultipartUpload', completeUpload],
  ['AbortMultipartUpload', abortUpload],
])

/** Writes of an object, of which some servers take only so many. */
const PACED = new Set(['PutObject', 'CopyObject', 'CompleteMultipartUpload', 'DeleteObject'])

export interface Rules {
  readonly state: S3State
  readonly allowedPrefix: string
  readonly pace: (key: string) => void
  /** What no client of ours may ever send. */
  readonly violations: string[]
}

/** Does what a request asks for. */
export function handle(given: S3Call, { state, allowedPrefix, pace, violations }: Rules): S3Answer {
  if (given.bucket !== state.bucket) throw new S3Refusal(404, 'NoSuchBucket')
  const write = WRITES.get(given.op)
  const run = write ?? READS.get(given.op)
  if (!run) {
    violations.push(`${given.op}: a request for an object lost its key`)
    throw new S3Refusal(403, 'AccessDenied')
  }
  if (Buffer.byteLength(given.key) > 1024) throw new S3Refusal(400, 'KeyTooLongError')
  const call = { ...given, key: folded(given.key, state) }
  if (write) violations.push(...strayKeys(call, allowedPrefix).map((key) => `${call.op} of "${key}"`))
  if (PACED.has(call.op)) pace(call.key)
  return run(state, call)
}

function strayKeys({ op, key, body }: S3Call, allowedPrefix: string): string[] {
  const keys = op === 'DeleteObjects' ? textsOf(body.toString(), 'Key') : [key]
  return keys.filter((written) => !written.startsWith(allowedPrefix))
}
