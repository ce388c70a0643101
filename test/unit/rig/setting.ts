import { S3Client } from '@aws-sdk/client-s3'
import { onTestFinished } from 'vitest'
import { keepSdkQuiet } from '../../../src/aws/quiet.ts'
import { profileOf } from '../../../src/store/s3/profiles.ts'
import { createS3Store } from '../../../src/store/s3/s3.ts'
import type { Store } from '../../../src/store/store.ts'
import { type StrictS3, type StrictS3Options, startStrictS3 } from '../../rig/strict-s3.ts'

keepSdkQuiet()

export const PLAIN = { 'content-type': 'text/plain' }

/** A request's time, short enough for a test that waits for it to end. */
const TIMEOUT_MS = 1500

export interface Setting {
  readonly rig: StrictS3
  /** The adapter, without anything that tries again. */
  readonly store: Store
  /** The SDK, without anything that tries again. */
  readonly client: S3Client
}

/** A server that ends with the test, and who talks to it. */
export async function open(
  options: Partial<StrictS3Options> = {},
  requestTimeoutMs: number = TIMEOUT_MS,
): Promise<Setting> {
  const rig = await startStrictS3({ bucket: 'site', ...options })
  const client = clientOf(rig)
  onTestFinished(async () => {
    client.destroy()
    await rig.close()
  })
  const store = createS3Store({
    bucket: 'site',
    endpoint: rig.endpoint,
    region: 'eu-west-1',
    service: { ...profileOf(undefined), addressing: 'path' },
    requestTimeoutMs,
    concurrency: 8,
    env: { AWS_ACCESS_KEY_ID: rig.accessKeyId, AWS_SECRET_ACCESS_KEY: rig.secretAccessKey },
  })
  return { rig, store, client }
}

/** @param name the client's, for the rig */
export function clientOf(rig: StrictS3, name = ''): S3Client {
  const client = new S3Client({
    endpoint: rig.endpoint,
    region: 'eu-west-1',
    forcePathStyle: true,
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    credentials: rig.credentials(name),
  })
  onTestFinished(() => client.destroy())
  return client
}
