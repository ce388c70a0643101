import { expect } from 'vitest'
import type { S3Options } from '../../src/store/s3/client.ts'
import type { StoreProfile } from '../../src/store/s3/profiles.ts'
import { createS3Store } from '../../src/store/s3/s3.ts'
import type { ProbedFacts } from '../../src/store/store.ts'
import type { OpenedStore } from '../contract/store-contract.ts'
import { createBucket, type RawBucket } from './bucket.ts'
import type { Server } from './server.ts'

/** What a store takes for granted of its server. By default what it knows of an address that no profile names. */
export interface View {
  readonly service?: StoreProfile
  readonly learnt?: ProbedFacts
}

export interface OpenedOnServer extends OpenedStore {
  /** The same bucket, seen without the adapter. */
  readonly bucket: RawBucket
}

/** A store in a new bucket, which must have no upload left open when it is closed. */
export async function openOn(server: Server, { service, learnt }: View = {}): Promise<OpenedOnServer> {
  const bucket = await createBucket(server)
  return {
    bucket,
    store: createS3Store({ ...optionsFor(server, bucket.name), service, learnt: { facts: learnt } }),
    close: async () => {
      expect(await bucket.openUploads()).toEqual([])
      bucket.close()
    },
  }
}

export function optionsFor({ endpoint, credentials }: Server, bucket: string): S3Options {
  return { bucket, endpoint, region: 'us-east-1', requestTimeoutMs: 30_000, concurrency: 64, env: credentials }
}
