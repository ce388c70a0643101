import { expect } from 'vitest'
import { profileOf, type StoreProfile } from '../../src/store/s3/profiles.ts'
import { createS3Store, type S3Options } from '../../src/store/s3/s3.ts'
import { startStrictS3 } from '../rig/strict-s3.ts'
import type { OpenedStore } from './store-contract.ts'

/** Small, so that a few objects make several pages. */
export const PAGE = 4

const AMAZON: StoreProfile = { ...profileOf(new URL('https://s3.eu-west-1.amazonaws.com')), addressing: 'path' }

/** S3 as Amazon has it: SHA-256 checksums, conditional copies. */
export const openAmazon = (): Promise<OpenedStore> => openS3('aws', AMAZON)

/** S3 as R2 has it: Content-MD5, ETags of parts that mean nothing. */
export const openR2 = (): Promise<OpenedStore> => openS3('r2', profileOf(new URL('https://x.r2.cloudflarestorage.com')))

/** Met at an address that no profile knows. */
export const openUnknown = (): Promise<OpenedStore> => openS3('aws', undefined)

/** Every request by the SDK. */
export const openSdk = (): Promise<OpenedStore> => openS3('aws', AMAZON, { transport: 'sdk' })

/** Our own requests over undici, as after many of them. */
export const openUndici = (): Promise<OpenedStore> => openS3('aws', AMAZON, { isUndici: true })

async function openS3(
  profile: 'aws' | 'r2',
  service: StoreProfile | undefined,
  more: Partial<S3Options> = {},
): Promise<OpenedStore> {
  const rig = await startStrictS3({ bucket: 'site', profile, maxKeys: PAGE })
  const store = createS3Store({
    bucket: 'site',
    endpoint: rig.endpoint,
    region: 'eu-west-1',
    service,
    requestTimeoutMs: 20_000,
    concurrency: 64,
    env: { AWS_ACCESS_KEY_ID: rig.accessKeyId, AWS_SECRET_ACCESS_KEY: rig.secretAccessKey },
    ...more,
  })
  return {
    store,
    close: async () => {
      await rig.close()
      expect(rig.violations).toEqual([])
      expect(rig.openUploads()).toBe(0)
    },
  }
}
