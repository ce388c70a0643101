import { profileOf, type StoreProfile } from '../../../src/store/s3/profiles.ts'
import { createS3Store, type S3Options } from '../../../src/store/s3/s3.ts'
import type { ProbedFacts, Store } from '../../../src/store/store.ts'
import { withRetry } from '../../../src/store/wrappers/with-retry.ts'
import { LadingError } from '../../../src/words/errors.ts'
import type { StrictS3 } from '../../rig/strict-s3.ts'

export const PLAIN = { 'content-type': 'text/plain' } as const

/** As a probe finds them at a store that does what Amazon's does. */
export const PROBED: ProbedFacts = {
  conditionalWrites: 'full',
  conditionalCopy: true,
  conditionalRemove: true,
  checksum: 'sha256',
  etagIsMd5: true,
  reheader: true,
  forgets: [],
}

/** Amazon's facts, at an address that is not Amazon's. */
const AMAZON: StoreProfile = { ...profileOf(undefined), addressing: 'path' }

/** What every test says of the strict S3. */
export function optionsFor(rig: StrictS3, more: Partial<S3Options> = {}): S3Options {
  return {
    bucket: 'site',
    endpoint: rig.endpoint,
    region: 'eu-west-1',
    service: AMAZON,
    requestTimeoutMs: 5000,
    concurrency: 8,
    env: { AWS_ACCESS_KEY_ID: rig.accessKeyId, AWS_SECRET_ACCESS_KEY: rig.secretAccessKey },
    ...more,
  }
}

export function openS3(rig: StrictS3, more: Partial<S3Options> = {}): Store {
  return createS3Store(optionsFor(rig, more))
}

/** Who sends the requests. */
export type Way = 'fast' | 'undici' | 'sdk'

/** A store of one lane at a server of the test's own. */
export function openAt(endpoint: string, way: Way, more: Partial<S3Options> = {}): Store {
  const env = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'x'.repeat(40) }
  const how = { isUndici: way === 'undici', transport: way === 'sdk' ? ('sdk' as const) : undefined }
  const limits = { requestTimeoutMs: 20_000, concurrency: 1 }
  return createS3Store({ bucket: 'b', endpoint, region: 'us-east-1', service: AMAZON, env, ...limits, ...how, ...more })
}

export interface Patient {
  readonly store: Store
  /** The waits that it asked for, in milliseconds; none was made. */
  readonly waits: number[]
  /** Why each further attempt was made. */
  readonly reasons: string[]
}

/** The same with the retries that every command has. */
export function openPatient(rig: StrictS3, more: Partial<S3Options> = {}): Patient {
  const waits: number[] = []
  const reasons: string[] = []
  const store = withRetry(openS3(rig, more), {
    random: () => 0.5,
    sleep: async (ms) => void waits.push(ms),
    onRetry: ({ reason }) => void reasons.push(reason),
  })
  return { store, waits, reasons }
}

export function operations(rig: StrictS3): string[] {
  return rig.requests.map(({ op }) => op)
}

/** The error that a call has to fail with. */
export async function failureOf(work: Promise<unknown>): Promise<LadingError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof LadingError) return error
  throw new Error(`expected a LadingError, got ${String(error)}`)
}
