import { createHash } from 'node:crypto'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import type { Server } from './server.ts'

/** What an object is, as its server says it to a client that is not ours. */
export interface RawObject {
  /** Of the bytes that came. */
  readonly size: number
  readonly sha256: string
  /** By lower-case name; only those that were stored. */
  readonly headers: Readonly<Record<string, string>>
}

/** A new bucket, seen without the adapter: the SDK as it comes. */
export interface RawBucket {
  readonly name: string
  objects(prefix: string): Promise<ReadonlyMap<string, RawObject>>
  /** Begins an upload in parts, as a writer does that then dies. */
  leaveUpload(key: string): Promise<void>
  /** Keys of uploads in parts that were begun and neither completed nor given up. */
  openUploads(): Promise<readonly string[]>
  close(): void
}

let count = 0

export async function createBucket(server: Server): Promise<RawBucket> {
  count += 1
  const Bucket = `lading-test-${count}`
  const client = clientOf(server)
  await client.send(new CreateBucketCommand({ Bucket }))
  return {
    name: Bucket,
    async objects(prefix) {
      const objects = new Map<string, RawObject>()
      for (const Key of await keysOf(client, Bucket, prefix)) objects.set(Key, await read(client, Bucket, Key))
      return objects
    },
    async leaveUpload(Key) {
      await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))
    },
    openUploads: () => uploadsOf(client, Bucket),
    close: () => client.destroy(),
  }
}

function clientOf({ endpoint, credentials }: Server): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: {
      accessKeyId: credentials.AWS_ACCESS_KEY_ID,
      secretAccessKey: credentials.AWS_SECRET_ACCESS_KEY,
    },
  })
}

async function uploadsOf(client: S3Client, Bucket: string): Promise<string[]> {
  try {
    const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket }))
    return (Uploads ?? []).map(({ Key }) => Key ?? '')
  } catch (error) {
    // Said by gofakes3 of a bucket in which no upload ever began.
    if (error instanceof Error && error.name === 'NoSuchUpload') return []
    throw error
  }
}

async function keysOf(client: S3Client, Bucket: string, Prefix: string): Promise<string[]> {
  const keys: string[] = []
  let token: string | undefined
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken: token }))
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''))
    token = page.NextContinuationToken
  } while (token !== undefined)
  return keys
}

async function read(client: S3Client, Bucket: string, Key: string): Promise<RawObject> {
  const answer = await client.send(new GetObjectCommand({ Bucket, Key }))
  const stored = {
    'content-type': answer.ContentType,
    'cache-control': answer.CacheControl,
    'content-disposition': answer.ContentDisposition,
    'content-encoding': answer.ContentEncoding,
    'content-language': answer.ContentLanguage,
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(stored)) if (value !== undefined) headers[name] = value
  const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array()
  return { size: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex'), headers }
}
